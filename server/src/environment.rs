//! The system clock and the system's randomness.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use cnop_domain::{Clock, Entropy};

/// The system's clock, held still whenever it is set back.
#[derive(Debug, Default)]
pub(crate) struct SystemClock {
    /// Latest time returned, in µs.
    latest_us: AtomicI64,
}

impl Clock for SystemClock {
    fn now_us(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_us = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        self.latest_us.fetch_max(now_us, Ordering::Relaxed).max(now_us)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // Session secrets without randomness could be guessed, so the program must stop.
            tracing::error!(error = %error, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_goes_back() {
        let clock = SystemClock::default();
        clock.latest_us.store(i64::MAX - 1, Ordering::Relaxed);
        assert_eq!(clock.now_us(), i64::MAX - 1);
    }

    #[test]
    fn randomness_differs() {
        let (mut left, mut right) = ([0_u8; 32], [0_u8; 32]);
        OsEntropy.fill(&mut left);
        OsEntropy.fill(&mut right);
        assert_ne!(left, right);
    }
}
