//! The shared state of all handlers.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use cnop_services::Services;

use crate::coordination::Coordination;
use crate::environment::SystemClock;
use crate::recent::Recent;
use crate::store_probe::{StoreProbe, StoreState};
use crate::stream::Streams;

/// Shared state of the handlers, behind one pointer, because the router clones it several times per request.
#[derive(Debug, Clone)]
pub(crate) struct ApiState(Arc<ApiStateInner>);

/// The parts of a [`ApiState`].
#[derive(Debug)]
pub(crate) struct ApiStateInner {
    /// The use cases, prices and streams.
    pub(crate) streams: Streams,
    /// Asks the store whether it writes and reads.
    pub(crate) store: StoreProbe,
    /// Quotas, leases and messages, for the health check.
    pub(crate) coordination: Coordination,
    /// The last answer of the table, for the health check.
    pub(crate) store_state: Recent<StoreState>,
    /// The clock, for telling its jumps.
    pub(crate) clock: Arc<SystemClock>,
    /// Address of the venue.
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
