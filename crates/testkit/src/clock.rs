//! A clock under the control of a test.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cnop_domain::Clock;

/// A clock that moves only by a call.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// The time of a new clock: 2026-11-21T10:00:00Z, in µs since 1970.
    pub const START_US: i64 = 1_795_255_200_000_000;

    /// A clock at `start_us` (µs since 1970).
    #[must_use]
    pub const fn new(start_us: i64) -> Self {
        Self(AtomicI64::new(start_us))
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.advance_us(i64::try_from(duration.as_micros()).expect("a duration that the clock can show"));
    }

    /// Moves the clock forward by whole seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_us(seconds * 1_000_000);
    }

    /// Moves the clock forward by microseconds.
    pub fn advance_us(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves the clock forward to a time; never back.
    pub fn advance_to(&self, time_us: i64) {
        self.0.fetch_max(time_us, Ordering::SeqCst);
    }

    /// The time in whole seconds since 1970.
    pub fn now_seconds(&self) -> i64 {
        self.now_us().div_euclid(1_000_000)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Self::START_US)
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
