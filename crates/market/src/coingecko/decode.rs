//! Decoder for CoinGecko's JSON. Prices are parsed from their digits.

use std::borrow::Cow;

use cnop_api::Timestamp;
use cnop_domain::{Price, UNITS_MAX};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Maximum rows read from one response; a page has 250.
const ROWS_MAX: usize = 250;
/// Most points of a chart or sparkline that are kept.
const POINTS_MAX: usize = 5_000;
/// Longest number that is read.
const NUMBER_BYTES_MAX: usize = 64;
/// Most digits of a number, and most decimal places by which it is shifted.
const DIGITS_MAX: usize = 28;

/// One coin of `/coins/markets`. Money stays text until the asset's tick is known.
#[derive(Debug, Deserialize)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) current_price: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) high_24h: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) low_24h: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) ath: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) ath_date: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) atl: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) atl_date: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) market_cap: Option<f64>,
    #[serde(default)]
    pub(super) total_volume: Option<f64>,
    #[serde(default)]
    pub(super) price_change_percentage_24h_in_currency: Option<f64>,
    #[serde(default)]
    pub(super) price_change_percentage_7d_in_currency: Option<f64>,
    #[serde(default)]
    pub(super) price_change_percentage_30d_in_currency: Option<f64>,
    #[serde(default)]
    sparkline_in_7d: Option<Sparkline>,
    #[serde(borrow, default)]
    last_updated: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Sparkline {
    price: Vec<f64>,
}

impl Row<'_> {
    /// Hourly prices of 7 days, oldest first.
    pub(super) fn sparkline(&self) -> &[f64] {
        let prices = self.sparkline_in_7d.as_ref().map_or(&[][..], |sparkline| &sparkline.price);
        prices.get(..POINTS_MAX).unwrap_or(prices)
    }

    /// Time of the server's price, in µs since 1970.
    pub(super) fn updated_us(&self) -> Option<i64> {
        moment_us(self.last_updated.as_deref())
    }
}

/// A moment in µs since 1970.
pub(super) fn moment_us(text: Option<&str>) -> Option<i64> {
    Timestamp::parse(text?).map(|moment| moment.0)
}

/// The readable rows of `/coins/markets`; none when the answer is no list at all.
pub(super) fn rows(body: &[u8]) -> Option<Vec<Row<'_>>> {
    let rows: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
    Some(rows.into_iter().take(ROWS_MAX).filter_map(|row| serde_json::from_str(row.get()).ok()).collect())
}

/// The number's nearest multiple of `tick`, halves up. None when it is missing, no number, not above zero or too large.
pub(super) fn price(number: Option<&RawValue>, tick: Price) -> Option<Price> {
    let text = number?.get();
    if text.len() > NUMBER_BYTES_MAX {
        return None;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    if significant.len() > DIGITS_MAX || !significant.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i128 = significant.parse().ok()?;
    // In units of 10⁻⁸ dollar the number is `number` × 10^shift.
    let shift = exponent.checked_add(8)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.pow(shift.unsigned_abs().min(u32::try_from(DIGITS_MAX).ok()? + 1));
    let (above, below) = if shift >= 0 { (number.checked_mul(power)?, 1) } else { (number, power) };
    let below = below.checked_mul(tick.units().max(1))?;
    let ticks = above.checked_add(below / 2)? / below;
    let units = ticks.checked_mul(tick.units().max(1))?;
    if units == 0 || units > UNITS_MAX { None } else { Price::from_units(units).ok() }
}

/// `/coins/{id}/market_chart`: moments in ms since 1970, prices and rolling 24-hour volumes in dollars.
#[derive(Debug, Deserialize)]
pub(super) struct Chart {
    pub(super) prices: Vec<(f64, f64)>,
    #[serde(default)]
    pub(super) total_volumes: Vec<(f64, f64)>,
}

/// Reads a chart; points that are no price are left out.
pub(super) fn chart(body: &[u8]) -> Option<Chart> {
    let mut chart: Chart = serde_json::from_slice(body).ok()?;
    chart.prices.truncate(POINTS_MAX);
    chart.prices.retain(|(moment, price)| *moment >= 0.0 && *price > 0.0 && price.is_finite());
    chart.total_volumes.truncate(POINTS_MAX);
    Some(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, tick: &str) -> Option<String> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        price(Some(raw), tick.parse().unwrap()).map(|price| price.to_string())
    }

    #[test]
    fn prices_are_exact_and_rounded_to_the_tick() {
        for (text, tick, expected) in [
            ("62000", "0.1", "62000.00"),
            ("62000.04999999999999999", "0.1", "62000.00"),
            ("62000.05", "0.1", "62000.10"),
            ("0.30000000000000004", "0.00000001", "0.30"),
            ("9.4e-06", "0.00000001", "0.0000094"),
            ("1.25E+3", "0.1", "1250.00"),
            ("123456789.12345678", "0.00000001", "123456789.12345678"),
        ] {
            assert_eq!(read(text, tick).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_unusable_price_is_none() {
        let long = format!("0.{}1", "1".repeat(40));
        for text in [
            "0",
            "0.0",
            "-1",
            "1e-30",
            "1e30",
            "1e999999999",
            "1e99999999999",
            "\"12\"",
            "true",
            "[1]",
            &long,
        ] {
            assert_eq!(read(text, "0.00000001"), None, "{text}");
        }
        assert_eq!(price(None, Price::MAX), None);
    }

    #[test]
    fn a_broken_row_does_not_spoil_the_others() {
        let body =
            br#"[{"id":"a","current_price":1},{"id":7},{"id":"b","current_price":null,"extra":[1]},5]"#;
        let rows = rows(body).unwrap();
        assert_eq!(rows.iter().map(|row| row.id.as_ref()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(rows[1].current_price.is_none());
        assert!(super::rows(b"{\"error\":1}").is_none());
        assert!(super::rows(b"[{\"id\":").is_none());
    }

    #[test]
    fn charts_lose_points_that_are_no_price() {
        let body = br#"{"prices":[[1000,2.5],[2000,0],[3000,-1]],"total_volumes":[[1000,9]]}"#;
        assert_eq!(chart(body).unwrap().prices, [(1000.0, 2.5)]);
        assert!(chart(br#"{"prices":[[1000,null]]}"#).is_none());
    }
}
