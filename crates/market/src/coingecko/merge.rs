//! Merges a response into the next snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use cnop_domain::calendar::DAY_US;
use cnop_domain::{Price, Quote};

use super::decode::{self, Row};
use crate::CatalogueAsset;
use crate::quoting;
use crate::snapshot::{AssetState, Snapshot, change_percentage};

/// Factor beyond which a price change counts as an error of the source.
const JUMP_MAX: i128 = 10;
/// A first price may differ from the catalog's by this factor.
const FIRST_JUMP_MAX: i128 = 1_000;
/// µs in a year of the chart.
const YEAR_US: i64 = 365 * DAY_US;
/// Points of a sparkline: 7 days, one every 6 hours.
const SPARKLINE_POINTS: usize = 28;

/// The next snapshot: new data for assets in the rows, the previous state for all others.
pub(super) fn merge(before: &Snapshot, rows: &[Row<'_>], now_us: i64) -> Snapshot {
    let mut next = before.clone();
    next.generation += 1;
    next.time_us = now_us;
    let by_id: HashMap<&str, &Row<'_>> = rows.iter().map(|row| (row.id.as_ref(), row)).collect();
    let catalogue = before.catalogue.clone();
    for (asset, slot) in catalogue.iter().zip(&mut next.states) {
        if let Some(row) = by_id.get(asset.coingecko_id)
            && let Some(state) = state(asset, slot.as_ref(), row, now_us)
        {
            *slot = Some(state);
        }
    }
    next
}

/// New state of one asset; `None` when the row has no plausible price, or none newer than the current one.
fn state(
    asset: &CatalogueAsset,
    known: Option<&AssetState>,
    row: &Row<'_>,
    now_us: i64,
) -> Option<AssetState> {
    let tick = asset.rules.tick_size;
    let last = decode::price(row.current_price, tick)?;
    let time_us = row.updated_us().unwrap_or(now_us).min(now_us);
    let (reference, jump) =
        known.map_or((asset.reference_price, FIRST_JUMP_MAX), |known| (known.quote.last, JUMP_MAX));
    if last.units() > reference.units() * jump || reference.units() > last.units() * jump {
        tracing::warn!(asset = %asset.asset_id, price = %last, "Price is absurd and was not taken");
        return None;
    }
    if known.is_some_and(|known| time_us <= known.quote.time_us) {
        return None;
    }
    let volume_24h = row.total_volume.filter(|volume| *volume >= 0.0).unwrap_or(0.0);
    let quote = quote(asset, last, volume_24h, known, time_us);
    let ago = |percentage: Option<f64>| price_before(last, percentage);
    let price_24h_ago = ago(row.price_change_percentage_24h_in_currency);
    let price_7d_ago = ago(row.price_change_percentage_7d_in_currency);
    let price_30d_ago = ago(row.price_change_percentage_30d_in_currency);
    let high_24h = decode::price(row.high_24h, tick).unwrap_or(last).max(last);
    let low_24h = decode::price(row.low_24h, tick).unwrap_or(last).min(last);
    let recent = |text| decode::moment_us(text).filter(|moment| now_us - *moment < YEAR_US);
    // The source gives the all-time high, not that of the year. It is used when it lies within the year.
    let high = decode::price(row.ath, tick).zip(recent(row.ath_date.as_deref()));
    let low = decode::price(row.atl, tick).zip(recent(row.atl_date.as_deref()));
    let (year_high, year_high_time_us) =
        high.filter(|(price, _)| *price >= high_24h).unwrap_or((high_24h, time_us));
    let (year_low, year_low_time_us) =
        low.filter(|(price, _)| *price <= low_24h).unwrap_or((low_24h, time_us));
    Some(AssetState {
        asset_id: asset.asset_id,
        quote,
        price_24h_ago,
        price_7d_ago,
        price_30d_ago,
        change_24h_percentage: change_percentage(price_24h_ago, last),
        change_7d_percentage: change_percentage(price_7d_ago, last),
        change_30d_percentage: change_percentage(price_30d_ago, last),
        high_24h,
        low_24h,
        volume_24h,
        market_cap: row.market_cap.unwrap_or_else(|| last.to_f64_lossy() * asset.circulating_supply),
        sparkline_7d: sparkline(row.sparkline()),
        year_high,
        year_high_time_us,
        year_low,
        year_low_time_us,
        tradable: asset.is_active,
    })
}

/// The source gives one price. Bid and ask are placed around it, at least one tick away. A bid is never below one tick:
/// at a bid of zero, stops would sell for nothing.
fn quote(
    asset: &CatalogueAsset,
    last: Price,
    volume: f64,
    known: Option<&AssetState>,
    time_us: i64,
) -> Quote {
    let tick = asset.rules.tick_size.units().max(1);
    let price = last.to_f64_lossy();
    let half_ticks =
        quoting::integer(price * quoting::half_spread(asset) / asset.rules.tick_size.to_f64_lossy());
    let half = i128::from(half_ticks.max(1)) * tick;
    let size = quoting::size(quoting::displayed_dollars(volume), price, &asset.rules);
    // Seconds since 1970 keep the sequence growing when the server is started again.
    let seconds = time_us.div_euclid(1_000_000).max(0).cast_unsigned();
    Quote {
        bid: Price::from_units((last.units() - half).max(tick)).unwrap_or(last),
        ask: Price::from_units(last.units() + half).unwrap_or(Price::MAX),
        bid_size: size,
        ask_size: size,
        last,
        seq: known.map_or(seconds, |known| seconds.max(known.quote.seq + 1)),
        time_us,
    }
}

/// The price before a percentage change; for display only.
fn price_before(last: Price, percentage: Option<f64>) -> Price {
    let factor = 1.0 + percentage.unwrap_or(0.0) / 100.0;
    let before = last.to_f64_lossy() / factor * 1e8;
    if factor > 0.0 && before.is_finite() {
        Price::from_units(i128::from(quoting::integer(before))).unwrap_or(last)
    } else {
        last
    }
}

/// One of about every six hourly prices, ending with the newest.
fn sparkline(hourly: &[f64]) -> Arc<[f64]> {
    let step = (hourly.len() / SPARKLINE_POINTS).max(1);
    let mut points: Vec<f64> = hourly
        .iter()
        .rev()
        .step_by(step)
        .take(SPARKLINE_POINTS)
        .copied()
        .filter(|price| price.is_finite())
        .collect();
    points.reverse();
    points.into()
}
