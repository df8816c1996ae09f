//! Figures about the feed's leadership, for metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Role of this server in the feed, as it is now.
#[derive(Debug, Default)]
pub struct FeedStatus {
    leads: AtomicBool,
    take_overs: AtomicU64,
}

impl FeedStatus {
    /// Returns true while this server runs the feed for all.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leads.load(Ordering::Relaxed)
    }

    /// Number of times that this server has become the leader.
    #[must_use]
    pub fn take_overs(&self) -> u64 {
        self.take_overs.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, leads: bool) {
        if leads {
            self.take_overs.fetch_add(1, Ordering::Relaxed);
        }
        self.leads.store(leads, Ordering::Relaxed);
    }
}
