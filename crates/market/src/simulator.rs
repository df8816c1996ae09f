//! The simulated market. Every quote is a pure function of secret, start, asset and time. Floats go through
//! `libm`, with the same bits on every machine, and are rounded once to the tick. Without the secret nothing about
//! later prices follows from published ones.
//!
//! Prices start at the catalog's price and move with each asset's volatility, together with the whole market and
//! their category. They return nowhere and have no trend: at any moment the expected later price is the present
//! one. Only the prices of stablecoins stay near the catalog's. Candles are computed from exactly the published
//! quotes, so a day's high is the highest of its hours. History goes back a year before the first start, and
//! nothing is stored.

mod candles;
mod feed;
mod model;
mod path;

use cnop_domain::calendar::DAY_US;
use cnop_domain::{AssetId, Quote};

pub use self::feed::SimulatedFeed;
use self::model::{Model, QUOTES_PER_DAY};
pub use crate::random::MarketSecret;
use crate::snapshot::{AssetState, Snapshot, change_percentage};
use crate::{Catalogue, CatalogueAsset};

/// Number of snapshots after which the slow figures of every asset have been recomputed: 30 s. These are the
/// ranges of a day and a year, the volume and the sparkline.
const REFRESH_SNAPSHOTS: usize = 120;
/// History before the first start: a year and a day.
const HISTORY_US: i64 = 366 * DAY_US;
/// Points of a sparkline: 7 days, one every 6 hours.
const SPARKLINE_POINTS: i64 = 28;
/// Quotes between two points of a sparkline.
const SPARKLINE_QUOTES: i64 = QUOTES_PER_DAY / 4;

/// Parameters of one simulated market; the caller keeps them from the first start on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatorSettings {
    /// Secret behind all prices; the same secret and start give the same prices.
    pub secret: MarketSecret,
    /// Time of the market's first start, in µs since 1970. Its history begins a year earlier and its quotes are
    /// numbered from there.
    pub started_us: i64,
}

impl SimulatorSettings {
    /// A public number that tells two markets apart.
    fn market_fingerprint(&self) -> u64 {
        let mut hasher = blake3::Hasher::new_derive_key("cnop market 2026-11 fingerprint of a market");
        hasher.update(&self.secret.fingerprint());
        hasher.update(&self.started_us.to_le_bytes());
        let mut number = [0; 8];
        hasher.finalize_xof().fill(&mut number);
        u64::from_le_bytes(number)
    }
}

/// The simulated market as a function of time.
#[derive(Debug)]
pub struct Simulator {
    catalogue: Catalogue,
    /// By the catalog's order.
    models: Vec<Model>,
    history_us: i64,
}

impl Simulator {
    /// The market of a catalog.
    #[must_use]
    pub fn new(catalogue: Catalogue, settings: &SimulatorSettings) -> Self {
        let started_us = settings.started_us;
        let history_us = (started_us - HISTORY_US).div_euclid(DAY_US) * DAY_US;
        let noise = settings.secret.noise();
        let models =
            catalogue.iter().map(|asset| Model::new(asset, &noise, started_us, history_us)).collect();
        Self { catalogue, models, history_us }
    }

    /// The quote of an asset at a moment (µs since 1970); `None` for an unknown asset.
    #[must_use]
    pub fn quote_at(&self, asset_id: AssetId, time_us: i64) -> Option<Quote> {
        let model = self.model(asset_id)?;
        Some(model.quote(model.newest(time_us)))
    }

    /// The next snapshot: newer quotes where available, and the slow figures of the assets whose turn it is.
    fn advance(&self, before: &Snapshot, time_us: i64) -> Snapshot {
        let mut next = before.clone();
        next.generation += 1;
        next.time_us = time_us;
        let turn = usize::try_from(next.generation).unwrap_or(0) % REFRESH_SNAPSHOTS;
        let assets = self.catalogue.iter().zip(&self.models);
        for (position, ((asset, model), slot)) in assets.zip(&mut next.states).enumerate() {
            match slot {
                Some(known) if position % REFRESH_SNAPSHOTS != turn => {
                    let newest = model.newest(time_us);
                    if model.time_us(newest) > known.quote.time_us {
                        known.requote(model.quote(newest), asset.circulating_supply);
                    }
                }
                _ => *slot = Some(state(asset, model, time_us)),
            }
        }
        next
    }

    fn model(&self, asset_id: AssetId) -> Option<&Model> {
        self.models.get(self.catalogue.position(asset_id)?)
    }

    fn history_us(&self) -> i64 {
        self.history_us
    }
}

/// All figures of one asset at a moment.
fn state(asset: &CatalogueAsset, model: &Model, time_us: i64) -> AssetState {
    let newest = model.newest(time_us);
    let quote = model.quote(newest);
    let day_ago = newest - QUOTES_PER_DAY;
    let year = model.range(newest - 365 * QUOTES_PER_DAY, newest);
    let day = model.range(day_ago, newest);
    let price_24h_ago = day.open;
    let price_7d_ago = model.last(newest - 7 * QUOTES_PER_DAY);
    let price_30d_ago = model.last(newest - 30 * QUOTES_PER_DAY);
    let price = quote.last.to_f64_lossy();
    let minute = time_us.div_euclid(60_000_000);
    AssetState {
        asset_id: asset.asset_id,
        quote,
        price_24h_ago,
        price_7d_ago,
        price_30d_ago,
        change_24h_percentage: change_percentage(price_24h_ago, quote.last),
        change_7d_percentage: change_percentage(price_7d_ago, quote.last),
        change_30d_percentage: change_percentage(price_30d_ago, quote.last),
        high_24h: day.high.1,
        low_24h: day.low.1,
        volume_24h: model.volume(minute - 1_440, minute, 0.0) * price,
        market_cap: price * asset.circulating_supply,
        sparkline_7d: (0..SPARKLINE_POINTS)
            .rev()
            .map(|point| model.last(newest - point * SPARKLINE_QUOTES).to_f64_lossy())
            .collect(),
        year_high: year.high.1,
        year_high_time_us: model.time_us(year.high.0),
        year_low: year.low.1,
        year_low_time_us: model.time_us(year.low.0),
        tradable: asset.is_active,
    }
}
