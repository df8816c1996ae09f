//! Load shedding: a request that would wait too long is refused at once.

use std::sync::Arc;

use cnop_api::{Code, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Seconds until a refused client may try again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Limits the requests in flight.
#[derive(Debug)]
pub(crate) struct Shedding {
    in_flight: Arc<Semaphore>,
}

impl Shedding {
    pub(crate) fn new(max: usize) -> Self {
        Self { in_flight: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))) }
    }

    /// Admits the request unless too many are in flight. It counts as one until the permit is dropped.
    ///
    /// # Errors
    /// `service.overloaded`.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.in_flight).try_acquire_owned().map_err(|_| {
            Problem::new(Code::Overloaded, "Too many requests are being answered. Try again in a moment.")
                .retry_after(RETRY_AFTER_SECONDS)
        })
    }
}
