//! What the feeds' tests share.

use std::sync::atomic::{AtomicI64, Ordering};

use cnop_domain::{AssetId, Clock};

/// A moment in 2026, in µs since 1970: 42 s and a bit into a minute.
pub(crate) const NOW_US: i64 = 1_795_230_222_123_456;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn new(now_us: i64) -> Self {
        Self(AtomicI64::new(now_us))
    }

    pub(crate) fn advance(&self, by_us: i64) {
        self.0.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn id(text: &str) -> AssetId {
    text.parse().unwrap()
}
