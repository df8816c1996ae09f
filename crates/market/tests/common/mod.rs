//! Helpers of the feeds' tests.

use std::sync::Arc;

use cnop_coordination::LocalCoordinator;
use cnop_domain::AssetId;
use cnop_market::FeedGroup;
use cnop_testkit::ManualClock;

/// A moment in 2026, in µs since 1970: 42 s and a bit into a minute.
pub(crate) const NOW_US: i64 = 1_795_230_222_123_456;

pub(crate) fn id(text: &str) -> AssetId {
    text.parse().unwrap()
}

/// A server that is alone.
pub(crate) fn alone(clock: &Arc<ManualClock>) -> FeedGroup {
    FeedGroup {
        coordinator: Arc::new(LocalCoordinator::new(Arc::clone(clock) as _)),
        server: "alone".to_owned(),
    }
}
