//! A snapshot of all prices.

use std::sync::Arc;

use cnop_domain::{AssetId, Price, Quote, QuoteSource};
use serde::{Deserialize, Serialize};

use crate::Catalogue;

/// One asset at one moment. Floats are for display; prices are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssetState {
    /// Id of the asset.
    pub asset_id: AssetId,
    /// The newest quote. `quote.time_us` shows its age: an old quote stays until a newer one arrives.
    pub quote: Quote,
    /// Last price 24 hours ago.
    pub price_24h_ago: Price,
    /// Last price 7 days ago.
    pub price_7d_ago: Price,
    /// Last price 30 days ago.
    pub price_30d_ago: Price,
    /// Change in 24 hours, as a percentage.
    pub change_24h_percentage: f64,
    /// Change in 7 days, as a percentage.
    pub change_7d_percentage: f64,
    /// Change in 30 days, as a percentage.
    pub change_30d_percentage: f64,
    /// Highest last price of 24 hours.
    pub high_24h: Price,
    /// Lowest last price of 24 hours.
    pub low_24h: Price,
    /// Dollars traded in 24 hours.
    pub volume_24h: f64,
    /// Market capitalization in dollars.
    pub market_cap: f64,
    /// Last prices of 7 days, oldest first, one every 6 hours.
    pub sparkline_7d: Arc<[f64]>,
    /// Highest last price of the chart's year.
    pub year_high: Price,
    /// Time of that price, in µs since 1970.
    pub year_high_time_us: i64,
    /// Lowest last price of the chart's year.
    pub year_low: Price,
    /// Time of that price, in µs since 1970.
    pub year_low_time_us: i64,
    /// True if the feed delivers a price for trading.
    pub tradable: bool,
}

impl AssetState {
    /// Takes a newer quote and carries the figures that depend on the last price along.
    pub(crate) fn requote(&mut self, quote: Quote, circulating_supply: f64) {
        let last = quote.last;
        self.quote = quote;
        self.change_24h_percentage = change_percentage(self.price_24h_ago, last);
        self.change_7d_percentage = change_percentage(self.price_7d_ago, last);
        self.change_30d_percentage = change_percentage(self.price_30d_ago, last);
        self.high_24h = self.high_24h.max(last);
        self.low_24h = self.low_24h.min(last);
        self.market_cap = last.to_f64_lossy() * circulating_supply;
        if last > self.year_high {
            (self.year_high, self.year_high_time_us) = (last, quote.time_us);
        }
        if last < self.year_low {
            (self.year_low, self.year_low_time_us) = (last, quote.time_us);
        }
    }
}

/// Change of a price as a percentage; 0 if it was zero before.
pub(crate) fn change_percentage(before: Price, now: Price) -> f64 {
    if before.is_zero() { 0.0 } else { (now.to_f64_lossy() / before.to_f64_lossy() - 1.0) * 100.0 }
}

/// All prices at one moment; never changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Grows with each snapshot, and is the same on all servers.
    pub generation: u64,
    /// Time of its creation, in µs since 1970.
    pub time_us: i64,
    /// Source of its prices.
    pub source: QuoteSource,
    /// The catalog that defines the order of `states`.
    pub(crate) catalogue: Catalogue,
    /// In the catalog's order; `None` until the feed has delivered a price.
    pub(crate) states: Vec<Option<AssetState>>,
}

impl Snapshot {
    /// A snapshot without any price.
    pub(crate) fn empty(catalogue: Catalogue, source: QuoteSource, time_us: i64) -> Self {
        let states = vec![None; catalogue.len()];
        Self { generation: 0, time_us, source, catalogue, states }
    }

    /// One asset; none when it is unknown or never had a price.
    #[must_use]
    pub fn get(&self, asset_id: AssetId) -> Option<&AssetState> {
        self.states.get(self.catalogue.position(asset_id)?)?.as_ref()
    }

    /// All assets that have a price, by rank.
    pub fn iter(&self) -> impl Iterator<Item = &AssetState> {
        self.states.iter().flatten()
    }
}
