//! Charts in the coordinator's cache: all servers together ask the source once for each.

use std::time::Duration;

use cnop_coordination::{CACHE_VALUE_BYTES_MAX, Coordinator};
use cnop_domain::AssetId;
use serde::{Deserialize, Serialize};

use super::decode::Chart;

/// Version of the format. A chart of another version is fetched anew.
const SCHEMA: u8 = 1;
/// Time for which a chart is kept. Its age decides earlier.
const KEPT: Duration = Duration::from_secs(600);
/// Longest wait for the cache.
const PATIENCE: Duration = Duration::from_millis(200);

/// Asset and number of days.
pub(super) type ChartKey = (AssetId, u32);

/// A chart as it is cached: moments as differences, so that a chart of 90 days by the hour fits.
#[derive(Debug, Serialize, Deserialize)]
struct CachedChart {
    schema: u8,
    fetched_us: i64,
    prices: Vec<(i64, f64)>,
    total_volumes: Vec<(i64, f64)>,
}

fn name((asset_id, days): ChartKey) -> String {
    format!("chart/{asset_id}/{days}")
}

/// The chart that some server has fetched, and when.
pub(super) async fn get(coordinator: &dyn Coordinator, key: ChartKey) -> Option<(Chart, i64)> {
    let name = name(key);
    let answer = tokio::time::timeout(PATIENCE, coordinator.cache_get(&name)).await.ok()?;
    let value = answer.inspect_err(|error| tracing::debug!(%error, "a chart cannot be read from the cache"));
    read(&value.ok()??)
}

/// Keeps a chart for all servers. A chart that is too large is not kept.
pub(super) async fn put(coordinator: &dyn Coordinator, key: ChartKey, chart: &Chart, fetched_us: i64) {
    let Some(value) = write(chart, fetched_us) else { return };
    let name = name(key);
    match tokio::time::timeout(PATIENCE, coordinator.cache_put(&name, value.into(), KEPT)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a chart cannot be put into the cache"),
        Err(_) => tracing::debug!("a chart could not be put into the cache in time"),
    }
}

fn write(chart: &Chart, fetched_us: i64) -> Option<Vec<u8>> {
    let (prices, total_volumes) = (differences(&chart.prices), differences(&chart.total_volumes));
    let cached = CachedChart { schema: SCHEMA, fetched_us, prices, total_volumes };
    postcard::to_allocvec(&cached).ok().filter(|value| value.len() <= CACHE_VALUE_BYTES_MAX)
}

fn read(value: &[u8]) -> Option<(Chart, i64)> {
    if value.first() != Some(&SCHEMA) {
        return None;
    }
    let CachedChart { fetched_us, prices, total_volumes, .. } = postcard::from_bytes(value).ok()?;
    Some((Chart { prices: moments(prices), total_volumes: moments(total_volumes) }, fetched_us))
}

/// Points with the difference to the moment before, in whole ms.
fn differences(points: &[(f64, f64)]) -> Vec<(i64, f64)> {
    let mut before = 0;
    let difference = |&(moment, figure): &(f64, f64)| {
        #[allow(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let moment = moment as i64;
        (moment - std::mem::replace(&mut before, moment), figure)
    };
    points.iter().map(difference).collect()
}

fn moments(points: Vec<(i64, f64)>) -> Vec<(f64, f64)> {
    let mut now = 0_i64;
    let moment = |(difference, figure): (i64, f64)| {
        now = now.saturating_add(difference);
        #[allow(clippy::cast_precision_loss, reason = "ms since 1970 are exact")]
        let moment = now as f64;
        (moment, figure)
    };
    points.into_iter().map(moment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chart of 90 days by the hour is the largest one.
    #[test]
    fn the_largest_chart_fits_and_comes_back_as_it_was() {
        let hour = |number: i32| 1_795_230_222_123.0 + f64::from(number) * 3_600_017.0;
        let points =
            |figure: f64| (0..2_161).map(|number| (hour(number), figure * hour(number).sqrt())).collect();
        let chart = Chart { prices: points(0.1), total_volumes: points(3e9) };
        let value = write(&chart, 7).unwrap();
        let (again, fetched_us) = read(&value).unwrap();
        assert_eq!((again.prices, again.total_volumes, fetched_us), (chart.prices, chart.total_volumes, 7));
        assert!(read(&value[..value.len() - 1]).is_none() && read(&[9]).is_none());
    }
}
