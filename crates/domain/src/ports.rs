//! Ports for time and randomness, so that everything else is deterministic.

use std::fmt::Debug;

/// Source of the current time.
pub trait Clock: Debug + Send + Sync {
    /// µs since 1970-01-01T00:00Z. Never decreases within one clock.
    fn now_us(&self) -> i64;
}

/// Source of random bytes.
pub trait Entropy: Debug + Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}
