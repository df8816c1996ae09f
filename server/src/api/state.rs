//! The shared state of all handlers.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use cnop_coordination::Coordinator;
use cnop_services::Services;
use cnop_store::Table;

use crate::stream::Streams;

/// Shared state of the handlers, behind one pointer, because the router clones it several times per request.
#[derive(Debug, Clone)]
pub(crate) struct ApiState(Arc<ApiStateInner>);

/// The parts of a [`ApiState`].
#[derive(Debug)]
pub(crate) struct ApiStateInner {
    /// The use cases, prices and streams.
    pub(crate) streams: Streams,
    /// The table, for asking whether it answers.
    pub(crate) table: Arc<dyn Table>,
    /// Quotas and wake-ups, for the health check.
    pub(crate) coordinator: Arc<dyn Coordinator>,
    /// Where the venue is reached.
    pub(crate) public_url: Arc<str>,
    /// Contact for reports of vulnerabilities.
    pub(crate) security_contact: Option<String>,
}

impl From<ApiStateInner> for ApiState {
    fn from(parts: ApiStateInner) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for ApiState {
    type Target = ApiStateInner;

    fn deref(&self) -> &ApiStateInner {
        &self.0
    }
}

impl FromRef<ApiState> for Services {
    fn from_ref(venue: &ApiState) -> Self {
        venue.streams.services.clone()
    }
}
