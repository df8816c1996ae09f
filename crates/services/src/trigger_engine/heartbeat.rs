//! Sign of life of the engine's loop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The latest sign of life, on the monotonic clock: the system's clock may jump.
#[derive(Debug)]
pub(super) struct EngineHeartbeat {
    origin: Instant,
    /// Milliseconds after `origin`.
    beat_ms: AtomicU64,
}

impl Default for EngineHeartbeat {
    fn default() -> Self {
        Self { origin: Instant::now(), beat_ms: AtomicU64::new(0) }
    }
}

impl EngineHeartbeat {
    /// Shows that the loop runs.
    pub(super) fn beat(&self) {
        let since = self.origin.elapsed().as_millis();
        self.beat_ms.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Time since the latest sign.
    pub(super) fn age(&self) -> Duration {
        let beat = Duration::from_millis(self.beat_ms.load(Ordering::Relaxed));
        self.origin.elapsed().saturating_sub(beat)
    }
}
