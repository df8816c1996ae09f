//! Times of candles, as long as the range of the chart asks for.

use cnop_api::Timestamp;

use super::Range;
use crate::format;

/// µs in a second.
const SECOND: i64 = 1_000_000;

/// A candle's start, as short as the range allows.
pub(crate) fn short_time(start_s: i64, range: Range) -> String {
    let time = Timestamp(start_s.saturating_mul(SECOND));
    match range {
        Range::Day => format::clock(time),
        Range::Week | Range::Month => format::day(time).get(5..).unwrap_or_default().to_owned(),
        Range::Year => format::day(time).get(..7).unwrap_or_default().to_owned(),
    }
}

/// A candle's start, complete.
pub(crate) fn full_time(start_s: i64, range: Range) -> String {
    let time = Timestamp(start_s.saturating_mul(SECOND));
    match range {
        Range::Day | Range::Week => format!("{} {}", format::day(time), format::clock(time)),
        Range::Month | Range::Year => format::day(time),
    }
}
