//! Quotes as a function of seed and time: those of the venue's simulator, with displayed sizes so small that
//! orders fill in parts.

use cnop_domain::{AssetId, Quantity, Quote};
use cnop_market::simulator::{MarketSecret, Simulator, SimulatorSettings};
use cnop_market::{Catalogue, CatalogueAsset, Market};
use cnop_testkit::{FixedMarket, SeededRng};

/// Traded assets: prices from a thousandth of a dollar to ten thousands, with low and high volatility.
pub const ASSETS: [&str; 5] = ["BTC", "ETH", "SOL", "DOGE", "XRP"];
/// Displayed at each side at least, in dollars.
const DISPLAYED_DOLLARS_MIN: u64 = 20;
/// Displayed at each side at most, in dollars.
const DISPLAYED_DOLLARS_MAX: u64 = 1_500;
/// Displayed in the quote that closes a day, in dollars: no order has to wait for size.
const DISPLAYED_DOLLARS_CLOSING: u64 = 1_000_000;

/// Moves the market of a seed through time.
#[derive(Debug)]
pub struct Prices {
    fixed: FixedMarket,
    simulator: Simulator,
    assets: Vec<CatalogueAsset>,
    rng: SeededRng,
}

impl Prices {
    /// The market of a seed that starts at `start_us`.
    #[must_use]
    pub fn new(seed: u64, start_us: i64) -> Self {
        let catalogue = Catalogue::bundled();
        let ids = ASSETS.iter().filter_map(|name| name.parse::<AssetId>().ok());
        let assets = ids.filter_map(|id| catalogue.get(id)).cloned().collect();
        let settings = SimulatorSettings { secret: secret(seed), started_us: start_us };
        let simulator = Simulator::new(catalogue, &settings);
        Self { fixed: FixedMarket::new(start_us), simulator, assets, rng: SeededRng::new(seed, "sizes") }
    }

    /// The market handle for the venue.
    #[must_use]
    pub fn market(&self) -> Market {
        self.fixed.market()
    }

    /// The assets that are traded.
    #[must_use]
    pub fn assets(&self) -> &[CatalogueAsset] {
        &self.assets
    }

    /// The newest quote of an asset.
    #[must_use]
    pub fn quote(&self, asset_id: AssetId) -> Option<Quote> {
        self.fixed.market().snapshot().get(asset_id).map(|state| state.quote)
    }

    /// Quotes every traded asset as it is at a moment.
    pub fn move_to(&mut self, time_us: i64) {
        self.move_fast(time_us, time_us);
    }

    /// Quotes every traded asset as it is at a later moment of its path, as if it was now: hours in seconds.
    pub fn move_fast(&mut self, path_us: i64, now_us: i64) {
        self.quote_all(path_us, now_us, |rng| rng.between(DISPLAYED_DOLLARS_MIN, DISPLAYED_DOLLARS_MAX));
    }

    /// Publishes the same quotes with so much displayed size that every order they reach fills in full.
    pub fn close(&mut self, time_us: i64) {
        self.close_fast(time_us, time_us);
    }

    /// As [`Prices::close`], at a later moment of the path.
    pub(crate) fn close_fast(&mut self, path_us: i64, now_us: i64) {
        self.quote_all(path_us, now_us, |_| DISPLAYED_DOLLARS_CLOSING);
    }

    /// Publishes the newest quotes in another server's market.
    pub(crate) fn copy_to(&self, market: &FixedMarket) {
        for asset in &self.assets {
            if let Some(quote) = self.quote(asset.asset_id) {
                market.quote_set(asset.asset_id, quote);
            }
        }
    }

    fn quote_all(&mut self, path_us: i64, now_us: i64, mut dollars: impl FnMut(&mut SeededRng) -> u64) {
        for asset in &self.assets {
            let Some(mut quote) = self.simulator.quote_at(asset.asset_id, path_us) else { continue };
            let before =
                self.fixed.market().snapshot().get(asset.asset_id).map_or(0, |state| state.quote.seq);
            // Two ticks within one quote's time count as two quotes: each displays its sizes again.
            quote.seq = quote.seq.max(before + 1);
            if path_us != now_us {
                quote.time_us = now_us;
            }
            quote.bid_size = size(asset, &quote, dollars(&mut self.rng));
            quote.ask_size = size(asset, &quote, dollars(&mut self.rng));
            self.fixed.quote_set(asset.asset_id, quote);
        }
    }
}

/// A day's seed as the secret of its market.
fn secret(seed: u64) -> MarketSecret {
    let mut bytes = [0; 32];
    for (byte, of_seed) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *byte = of_seed;
    }
    MarketSecret::from_bytes(bytes)
}

/// A value in dollars as whole steps, at least one.
fn size(asset: &CatalogueAsset, quote: &Quote, dollars: u64) -> Quantity {
    let step = asset.rules.step_size;
    let amount = cnop_domain::Amount::from_units(i128::from(dollars) * cnop_domain::UNITS_PER_WHOLE);
    amount.map_or(step, |amount| quote.ask.quantity_within(amount).floor_to(step).max(step))
}
