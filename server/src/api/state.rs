//! The shared state of all handlers.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use cnop_coordination::Coordinator;
use cnop_services::Services;
use cnop_store::Table;

use crate::stream::Streams;

/// What the handlers share, behind one pointer: the router hands it on several times a request.
#[derive(Debug, Clone)]
pub(crate) struct Venue(Arc<VenueParts>);

/// The parts of a [`Venue`].
#[derive(Debug)]
pub(crate) struct VenueParts {
    /// The use cases, prices and streams.
    pub(crate) streams: Streams,
    /// The table, for asking whether it answers.
    pub(crate) table: Arc<dyn Table>,
    /// Quotas and wake-ups, for asking whether they answer.
    pub(crate) coordinator: Arc<dyn Coordinator>,
    /// Where the venue is reached.
    pub(crate) public_url: Arc<str>,
}

impl From<VenueParts> for Venue {
    fn from(parts: VenueParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Venue {
    type Target = VenueParts;

    fn deref(&self) -> &VenueParts {
        &self.0
    }
}

impl FromRef<Venue> for Services {
    fn from_ref(venue: &Venue) -> Self {
        venue.streams.services.clone()
    }
}
