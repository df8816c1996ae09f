//! Decimal text as integers, times, percentiles.

use std::time::Duration;

use cnop_api::Timestamp;
use serde_json::Value;

/// Units of a whole: prices and quantities have eight decimals.
const UNITS: i128 = 100_000_000;

/// Units of 10⁻⁸ of a decimal text.
pub(crate) fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no decimal text"));
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: i128 = format!("{fraction:0<8}").parse().unwrap();
    sign * (whole.parse::<i128>().unwrap() * UNITS + fraction)
}

/// The decimal text of units.
pub(crate) fn decimal(units: i128) -> String {
    format!("{}.{:08}", units / UNITS, units % UNITS)
}

/// A time of the API in µs since 1970; `None` when it is absent.
pub(crate) fn time_us(value: &Value) -> Option<i64> {
    serde_json::from_value::<Timestamp>(value.clone()).ok().map(|time| time.0)
}

/// Now, in µs since 1970.
pub(crate) fn now_us() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_micros()).unwrap()
}

/// The percentile of some times, by rank.
pub(crate) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(rank).copied().unwrap_or_default()
}

/// A number from an environment variable.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}
