//! A market with manually set prices, for tests of other crates.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_api::market::Interval;
use cnop_domain::{AssetId, Price, Quantity, Quote, QuoteSource};

use crate::market::CandleSource;
use crate::snapshot::{AssetState, Snapshot};
use crate::{Candle, Catalogue, CatalogueAsset, Market, MarketError};

/// Steps displayed at bid and ask.
const DISPLAYED_STEPS: i128 = 1_000_000;

/// Sets the prices of a [`Market`] by hand. At first every asset has its reference price, quoted one tick to
/// either side. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FixedMarket {
    market: Market,
    newest: Arc<Mutex<Snapshot>>,
}

impl FixedMarket {
    /// A market with all assets at their reference prices, quoted at `time_us`.
    #[must_use]
    pub fn new(time_us: i64) -> Self {
        let catalogue = Catalogue::bundled();
        let mut snapshot = Snapshot::empty(catalogue.clone(), QuoteSource::Simulator, time_us);
        snapshot.states = catalogue.iter().map(|asset| Some(state(asset, time_us))).collect();
        let market = Market::new(snapshot.clone(), Arc::new(FlatCandles { catalogue, time_us }));
        Self { market, newest: Arc::new(Mutex::new(snapshot)) }
    }

    /// The market handle for the code under test.
    #[must_use]
    pub fn market(&self) -> Market {
        self.market.clone()
    }

    /// Moves one asset's last price, quoted one tick to either side.
    pub fn price_set(&self, asset_id: AssetId, last: Price, time_us: i64) {
        let Some(asset) = self.market.catalogue().get(asset_id) else { return };
        let seq = self.market.snapshot().get(asset_id).map_or(1, |state| state.quote.seq + 1);
        self.quote_set(asset_id, quote_around(asset, last, seq, time_us));
    }

    /// Sets one asset's quote as it is.
    pub fn quote_set(&self, asset_id: AssetId, quote: Quote) {
        let supply = self.market.catalogue().get(asset_id).map_or(0.0, |asset| asset.circulating_supply);
        self.state_change(asset_id, quote.time_us, |state| {
            if let Some(state) = state {
                state.requote(quote, supply);
            }
        });
    }

    /// Opens or closes trading in one asset.
    pub fn tradable_set(&self, asset_id: AssetId, tradable: bool) {
        self.state_change(asset_id, 0, |state| {
            if let Some(state) = state {
                state.tradable = tradable;
            }
        });
    }

    /// Removes the price of one asset, as if the feed had never delivered one.
    pub fn price_remove(&self, asset_id: AssetId) {
        self.state_change(asset_id, 0, |state| *state = None);
    }

    /// Gives every quote a new time.
    pub fn time_set(&self, time_us: i64) {
        let mut newest = self.newest();
        for state in newest.states.iter_mut().flatten() {
            state.quote.time_us = time_us;
            state.quote.seq += 1;
        }
        self.publish(&mut newest, time_us);
    }

    fn state_change(&self, asset_id: AssetId, time_us: i64, change: impl FnOnce(&mut Option<AssetState>)) {
        let Some(position) = self.market.catalogue().position(asset_id) else { return };
        let mut newest = self.newest();
        if let Some(state) = newest.states.get_mut(position) {
            change(state);
        }
        self.publish(&mut newest, time_us);
    }

    fn publish(&self, newest: &mut Snapshot, time_us: i64) {
        newest.generation += 1;
        newest.time_us = newest.time_us.max(time_us);
        self.market.publish(newest.clone());
    }

    fn newest(&self) -> MutexGuard<'_, Snapshot> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An asset at its reference price.
fn state(asset: &CatalogueAsset, time_us: i64) -> AssetState {
    let price = asset.reference_price;
    AssetState {
        asset_id: asset.asset_id,
        quote: quote_around(asset, price, 1, time_us),
        price_24h_ago: price,
        price_7d_ago: price,
        price_30d_ago: price,
        change_24h_percentage: 0.0,
        change_7d_percentage: 0.0,
        change_30d_percentage: 0.0,
        high_24h: price,
        low_24h: price,
        volume_24h: price.to_f64_lossy() * asset.circulating_supply * 0.05,
        market_cap: price.to_f64_lossy() * asset.circulating_supply,
        sparkline_7d: [price.to_f64_lossy(); 28].into(),
        year_high: price,
        year_high_time_us: time_us,
        year_low: price,
        year_low_time_us: time_us,
        tradable: asset.is_active,
    }
}

/// One tick to either side of `last`; a bid is never below one tick.
fn quote_around(asset: &CatalogueAsset, last: Price, seq: u64, time_us: i64) -> Quote {
    let tick = asset.rules.tick_size;
    let size = Quantity::from_units(asset.rules.step_size.units() * DISPLAYED_STEPS).unwrap_or(Quantity::MAX);
    Quote {
        bid: last.checked_sub(tick).map_or(tick, |bid| bid.max(tick)),
        ask: last.checked_add(tick).unwrap_or(Price::MAX),
        bid_size: size,
        ask_size: size,
        last,
        seq,
        time_us,
    }
}

/// Candles at the reference price.
struct FlatCandles {
    catalogue: Catalogue,
    time_us: i64,
}

#[async_trait]
impl CandleSource for FlatCandles {
    async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Candle>, MarketError> {
        let price =
            self.catalogue.get(asset_id).ok_or(MarketError::UnknownAsset)?.reference_price.to_f64_lossy();
        let length = interval.seconds();
        let end = before.unwrap_or(self.time_us.div_euclid(1_000_000) + 1);
        let last = (end - 1).div_euclid(length);
        let candle = |number: i64| Candle {
            start_s: number * length,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: 1.0,
        };
        Ok((last + 1 - i64::from(limit)..=last).map(candle).collect())
    }

    fn minutes_to_compute(&self, _: AssetId, _: Interval, _: Option<i64>, _: u32) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observer_sees_every_snapshot_until_it_is_dropped() {
        let fixed = FixedMarket::new(1_000_000);
        let bitcoin: AssetId = "BTC".parse().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (keep, market) = (Arc::clone(&seen), fixed.market());
        let observation = fixed.market().observe(move |snapshot| {
            assert_eq!(market.snapshot().generation, snapshot.generation, "readers have it too");
            keep.lock().unwrap().push(snapshot.get(bitcoin).unwrap().quote.last.to_string());
        });
        for last in ["61000", "63000", "62000"] {
            fixed.price_set(bitcoin, last.parse().unwrap(), 2_000_000);
        }
        drop(observation);
        fixed.price_set(bitcoin, "64000".parse().unwrap(), 2_000_000);
        assert_eq!(*seen.lock().unwrap(), ["61000.00", "63000.00", "62000.00"]);
    }

    /// The observer runs within the feed. Its panic ended the feed, and with it all prices.
    #[test]
    fn a_failing_observer_keeps_nobody_from_the_next_prices() {
        let fixed = FixedMarket::new(1_000_000);
        let _observation = fixed.market().observe(|_| panic!("an injected panic"));
        let woken = fixed.market().subscribe();
        fixed.price_set("BTC".parse().unwrap(), "61000".parse().unwrap(), 2_000_000);
        assert!(woken.has_changed().unwrap());
    }

    #[tokio::test]
    async fn prices_move_by_hand() {
        let fixed = FixedMarket::new(1_000_000);
        let market = fixed.market();
        let bitcoin: AssetId = "BTC".parse().unwrap();
        let mut woken = market.subscribe();
        assert_eq!(market.snapshot().get(bitcoin).unwrap().quote.ask.to_string(), "62000.10");

        fixed.price_set(bitcoin, "63000".parse().unwrap(), 2_000_000);
        woken.changed().await.unwrap();
        let snapshot = market.snapshot();
        let state = snapshot.get(bitcoin).unwrap();
        assert_eq!((state.quote.bid.to_string().as_str(), state.quote.seq), ("62999.90", 2));
        assert!((state.change_24h_percentage - 1.6129).abs() < 0.001);
        assert_eq!((snapshot.generation, snapshot.time_us), (1, 2_000_000));

        fixed.tradable_set(bitcoin, false);
        assert!(!market.snapshot().get(bitcoin).unwrap().tradable);
        fixed.price_remove(bitcoin);
        assert!(market.snapshot().get(bitcoin).is_none());
        assert_eq!(market.snapshot().iter().count(), market.catalogue().len() - 1);

        let ether: AssetId = "ETH".parse().unwrap();
        let candles = market.candles(ether, Interval::Hour, Some(7_200), 2).await.unwrap();
        assert_eq!(candles.iter().map(|candle| candle.start_s).collect::<Vec<_>>(), [0, 3_600]);
        let unknown = market.candles("NOSUCH".parse().unwrap(), Interval::Hour, None, 2).await;
        assert_eq!(unknown, Err(MarketError::UnknownAsset));
    }
}
