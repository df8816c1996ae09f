//! Helpers of the feeds' tests.

use cnop_domain::AssetId;

/// A moment in 2026, in µs since 1970: 42 s and a bit into a minute.
pub(crate) const NOW_US: i64 = 1_795_230_222_123_456;

pub(crate) fn id(text: &str) -> AssetId {
    text.parse().unwrap()
}
