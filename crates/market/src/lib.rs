//! What the venue knows of the outside world: the catalog of assets, and a feed that turns time into quotes.
//!
//! Readers hold a [`Market`]: it gives the newest [`Snapshot`] without waiting, tells when there is a newer one,
//! and answers candles. Two feeds stand behind it, chosen once at start: [`simulator`], a pure function of seed,
//! asset and time, and [`coingecko`], which polls a CoinGecko-shaped server. [`fixed`] is for tests.

mod catalogue;
#[cfg(feature = "coingecko")]
pub mod coingecko;
#[cfg(feature = "testing")]
pub mod fixed;
mod market;
mod quoting;
mod random;
mod rules;
pub mod simulator;
mod snapshot;

pub use catalogue::{Catalogue, CatalogueAsset};
pub use market::{CANDLES_MAX, Candle, Market, MarketError, Observation};
pub use rules::trading_rules;
pub use snapshot::{AssetState, Snapshot};
