//! Refusing early what could only be answered late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cnop_api::{Code, Problem};

/// When a refused client may try again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Counts the requests being answered.
#[derive(Debug)]
pub(crate) struct Shedding {
    in_flight: Arc<AtomicUsize>,
    max: usize,
}

/// A request being answered, until dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    in_flight: Arc<AtomicUsize>,
}

impl Shedding {
    pub(crate) fn new(max: usize) -> Self {
        Self { in_flight: Arc::default(), max }
    }

    /// Lets the request in unless too many are being answered.
    ///
    /// # Errors
    /// `service.overloaded`.
    pub(crate) fn enter(&self) -> Result<Permit, Problem> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let permit = Permit { in_flight: Arc::clone(&self.in_flight) };
        if before < self.max {
            return Ok(permit);
        }
        Err(Problem::new(Code::Overloaded, "Too many requests are being answered. Try again in a moment.")
            .retry_after(RETRY_AFTER_SECONDS))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
