//! Market data: the catalog of assets, and the price feeds.
//!
//! Readers hold a [`Market`]. It returns the newest [`Snapshot`] without waiting, notifies of newer ones, and
//! answers candle requests. There are two feeds, chosen at start-up: [`simulator`], a pure function of a secret,
//! asset and time, and [`coingecko`], which polls a server with CoinGecko's API. [`fixed`] is for tests.
//!
//! All servers of a venue show the same quotes: one leads and runs the feed, the others follow (module `leadership`).

mod catalogue;
#[cfg(feature = "coingecko")]
pub mod coingecko;
#[cfg(feature = "testing")]
pub mod fixed;
mod leadership;
mod market;
mod quoting;
mod random;
mod rules;
pub mod simulator;
mod snapshot;

pub use catalogue::{Catalogue, CatalogueAsset};
pub use leadership::{FeedGroup, FeedStatus};
pub use market::{CANDLES_MAX, Candle, Market, MarketError, Observation};
pub use rules::trading_rules;
pub use snapshot::{AssetState, Snapshot};
