//! Times of candles, as long as the view of the chart asks for.

use cnop_api::Timestamp;

use super::ChartView;
use crate::format;

/// µs in a second.
const SECOND: i64 = 1_000_000;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// A view of more days than this names months.
const DAYS_MAX: i64 = 90;

/// A candle's start, as short as the view allows.
pub(crate) fn short_time(start_s: i64, view: ChartView) -> String {
    let time = Timestamp(start_s.saturating_mul(SECOND));
    let days = view.seconds() / DAY;
    if days < 2 {
        return format::clock(time);
    }
    let day = format::day(time);
    if days <= DAYS_MAX { day.get(5..) } else { day.get(..7) }.unwrap_or_default().to_owned()
}

/// A candle's start, complete.
pub(crate) fn full_time(start_s: i64, view: ChartView) -> String {
    let time = Timestamp(start_s.saturating_mul(SECOND));
    if view.interval.seconds() < DAY {
        format!("{} {}", format::day(time), format::clock(time))
    } else {
        format::day(time)
    }
}
