//! Candles from `/coins/{id}/market_chart`.
//!
//! The source returns single prices: every 5 minutes for a day, every hour for 90 days, every day for a year.
//! A candle opens at the close of the previous one and spans its prices. One-minute candles are as sparse as
//! their source.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_api::market::Interval;
use cnop_coordination::Coordinator;
use cnop_domain::{AssetId, Clock};
use tokio::sync::Semaphore;

use super::chart_cache::{self, ChartKey};
use super::client::CoingeckoClient;
use super::decode::{self, Chart};
use crate::Catalogue;
use crate::market::{Candle, CandleSource, MarketError};

/// Charts that are kept.
const CHARTS_MAX: usize = 128;
/// Age in µs at which a chart is fetched again: five minutes, the source's finest grain.
const CHART_AGE_US: i64 = 300_000_000;
/// Maximum chart requests per minute: the public quota is 30 requests, and prices need one.
const REQUESTS_PER_MINUTE: usize = 20;
/// µs in a minute.
const MINUTE_US: i64 = 60_000_000;
/// Callers that wait for a chart at the same time; more are turned away.
const WAITERS_MAX: usize = 64;
/// Seconds in a day.
const DAY_SECONDS: f64 = 86_400.0;

/// A chart and when it was fetched.
#[derive(Clone)]
struct Kept {
    chart: Arc<Chart>,
    fetched_us: i64,
}

#[derive(Default)]
struct ChartCache {
    kept: HashMap<ChartKey, Kept>,
    /// Times of the chart requests of the last minute.
    asked_us: VecDeque<i64>,
}

/// Answers candles from charts, and keeps the charts.
pub(super) struct Charts {
    catalogue: Catalogue,
    client: Arc<CoingeckoClient>,
    clock: Arc<dyn Clock>,
    /// Charts that another server has fetched.
    coordinator: Arc<dyn Coordinator>,
    cache: Mutex<ChartCache>,
    /// Bounds the number of waiting readers.
    waiters: Semaphore,
    /// Turn to fetch: one at a time, so that two callers for one chart make one request.
    asker: Semaphore,
}

impl Charts {
    pub(super) fn new(
        catalogue: Catalogue,
        client: Arc<CoingeckoClient>,
        clock: Arc<dyn Clock>,
        coordinator: Arc<dyn Coordinator>,
    ) -> Self {
        Self {
            catalogue,
            client,
            clock,
            coordinator,
            cache: Mutex::default(),
            waiters: Semaphore::new(WAITERS_MAX),
            asker: Semaphore::new(1),
        }
    }

    /// A chart that is fresh enough, or the last one when the source does not answer.
    async fn chart(&self, coingecko_id: &str, key: ChartKey) -> Result<Arc<Chart>, MarketError> {
        if let Some(chart) = self.fresh(key) {
            return Ok(chart);
        }
        let _waiting = self.waiters.try_acquire().map_err(|_| MarketError::Unavailable)?;
        let _asking = self.asker.acquire().await.map_err(|_| MarketError::Unavailable)?;
        if let Some(chart) = self.fresh(key) {
            return Ok(chart);
        }
        if let Some(chart) = self.shared(key).await {
            return Ok(chart);
        }
        if let Some(chart) = self.fetch(coingecko_id, key).await {
            return Ok(chart);
        }
        self.cache().kept.get(&key).map(|kept| Arc::clone(&kept.chart)).ok_or(MarketError::Unavailable)
    }

    /// A chart that another server has fetched and that is fresh enough.
    async fn shared(&self, key: ChartKey) -> Option<Arc<Chart>> {
        let (chart, fetched_us) = chart_cache::get(self.coordinator.as_ref(), key).await?;
        let age_us = self.clock.now_us().saturating_sub(fetched_us);
        (age_us < CHART_AGE_US).then(|| self.keep(key, chart, fetched_us))
    }

    async fn fetch(&self, coingecko_id: &str, key: ChartKey) -> Option<Arc<Chart>> {
        if !self.request_allowed() {
            return None;
        }
        let body = self
            .client
            .market_chart(coingecko_id, key.1)
            .await
            .inspect_err(|error| tracing::warn!(asset = %key.0, error = %error, "Chart could not be fetched"))
            .ok()?;
        let (chart, now_us) = (decode::chart(&body)?, self.clock.now_us());
        chart_cache::put(self.coordinator.as_ref(), key, &chart, now_us).await;
        Some(self.keep(key, chart, now_us))
    }

    fn keep(&self, key: ChartKey, chart: Chart, fetched_us: i64) -> Arc<Chart> {
        let chart = Arc::new(chart);
        let mut cache = self.cache();
        if cache.kept.len() >= CHARTS_MAX
            && let Some(oldest) =
                cache.kept.iter().min_by_key(|(_, kept)| kept.fetched_us).map(|(key, _)| *key)
        {
            cache.kept.remove(&oldest);
        }
        cache.kept.insert(key, Kept { chart: Arc::clone(&chart), fetched_us });
        chart
    }

    fn fresh(&self, key: ChartKey) -> Option<Arc<Chart>> {
        let now_us = self.clock.now_us();
        let kept = self.cache().kept.get(&key).cloned()?;
        (now_us - kept.fetched_us < CHART_AGE_US).then_some(kept.chart)
    }

    fn request_allowed(&self) -> bool {
        let now_us = self.clock.now_us();
        let mut cache = self.cache();
        while cache.asked_us.front().is_some_and(|asked| now_us - asked >= MINUTE_US) {
            cache.asked_us.pop_front();
        }
        let allowed = cache.asked_us.len() < REQUESTS_PER_MINUTE;
        if allowed {
            cache.asked_us.push_back(now_us);
        }
        allowed
    }

    fn cache(&self) -> MutexGuard<'_, ChartCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CandleSource for Charts {
    async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Candle>, MarketError> {
        let asset = self.catalogue.get(asset_id).ok_or(MarketError::UnknownAsset)?;
        let chart = self.chart(asset.coingecko_id, (asset_id, days(interval))).await?;
        let mut candles = candles(&chart, interval);
        candles.retain(|candle| before.is_none_or(|before| candle.start_s < before));
        let surplus = candles.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        candles.drain(..surplus);
        Ok(candles)
    }

    /// Candles come from a chart that is kept or fetched. Nothing is computed minute by minute.
    fn minutes_to_compute(&self, _: AssetId, _: Interval, _: Option<i64>, _: u32) -> u64 {
        0
    }
}

/// The days of the chart that is fine enough for an interval.
const fn days(interval: Interval) -> u32 {
    match interval {
        Interval::Minute | Interval::FiveMinutes | Interval::QuarterHour => 1,
        Interval::Hour | Interval::FourHours => 90,
        Interval::Day => 365,
    }
}

/// Candles of a chart, oldest first. The first interval is left out: the chart may begin in its middle.
fn candles(chart: &Chart, interval: Interval) -> Vec<Candle> {
    let length = interval.seconds();
    let mut candles: Vec<Candle> = Vec::new();
    let mut volumes = chart.total_volumes.iter().peekable();
    let mut rolling = 0.0;
    for &(moment, price) in &chart.prices {
        while let Some((_, volume)) = volumes.next_if(|(at, _)| *at <= moment) {
            rolling = *volume;
        }
        #[allow(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let start_s = (moment / 1_000.0) as i64 / length * length;
        match candles.last_mut().filter(|candle| candle.start_s >= start_s) {
            Some(candle) => {
                candle.high = candle.high.max(price);
                candle.low = candle.low.min(price);
                candle.close = price;
            }
            None => {
                let open = candles.last().map_or(price, |candle| candle.close);
                #[allow(clippy::cast_precision_loss, reason = "at most a day")]
                let volume = rolling / price * length as f64 / DAY_SECONDS;
                candles.push(Candle {
                    start_s,
                    open,
                    high: open.max(price),
                    low: open.min(price),
                    close: price,
                    volume,
                });
            }
        }
    }
    if !candles.is_empty() {
        candles.remove(0);
    }
    candles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candles_span_the_prices_of_their_interval() {
        let points = [(0, 10.0), (3_600, 12.0), (5_000, 9.0), (7_199, 11.0), (7_200, 11.5), (18_000, 8.0)];
        let chart = Chart {
            prices: points.iter().map(|(second, price)| (f64::from(*second) * 1_000.0, *price)).collect(),
            total_volumes: vec![(0.0, 2_400.0)],
        };
        let candles = candles(&chart, Interval::Hour);
        let shape: Vec<_> = candles
            .iter()
            .map(|candle| (candle.start_s, candle.open, candle.high, candle.low, candle.close))
            .collect();
        assert_eq!(
            shape,
            [(3_600, 10.0, 12.0, 9.0, 11.0), (7_200, 11.0, 11.5, 11.0, 11.5), (18_000, 11.5, 11.5, 8.0, 8.0)]
        );
        assert!((candles[0].volume - 100.0 / 12.0).abs() < 1e-9);
        assert!(super::candles(&Chart { prices: vec![], total_volumes: vec![] }, Interval::Day).is_empty());
    }
}
