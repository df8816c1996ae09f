//! Assets, quotes and candles.

use cnop_domain::{AssetId, Price, Quantity, QuoteSource, TradingRules};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One asset in a list. Floats are for older clients and display; `price` is exact.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asset {
    /// Our own id, never reused.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Name for people, such as `Bitcoin`.
    pub name: String,
    /// Ticker symbol on the market.
    pub symbol: String,
    /// Description in one sentence.
    pub description: String,
    /// Its group, as a slug (`layer-1`).
    pub category: String,
    /// Absolute address of its icon.
    pub image: String,
    /// Last price in dollars, as a float for older clients.
    pub price_usd: f64,
    /// Price of the last trade.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// True if it can be traded.
    pub is_active: bool,
    /// 1 is the largest market capitalization.
    pub market_cap_rank: u32,
    /// Market capitalization in dollars.
    pub market_cap: f64,
    /// Volume of 24 hours in dollars.
    pub total_volume_24h: f64,
    /// Change in 24 hours, as a percentage.
    pub price_change_percentage_24h: f64,
    /// Closing prices of the last 7 days, oldest first, one every 6 hours: for a sparkline.
    pub sparkline_7d: Vec<f64>,
}

/// `GET /inventory/assets`, by rank unless sorted otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetPage {
    /// Assets of this page.
    pub data: Vec<Asset>,
    /// Number of matching assets.
    pub total_count: u64,
    /// Number of matching assets that can be traded.
    pub active_count: u64,
    /// True if there are more.
    pub has_more: bool,
    /// For the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
    /// For the page before; none on the first one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub previous_cursor: Option<String>,
}

/// Query of `GET /inventory/assets`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct AssetQuery {
    /// Omits assets that cannot be traded.
    pub active_only: bool,
    /// Maximum number of assets, 1 to 250.
    pub limit: u32,
    /// From the page before.
    pub cursor: Option<String>,
    /// Part of the name or the symbol.
    pub q: Option<String>,
    /// Slug of a category.
    pub category: Option<String>,
    /// Sort column and direction.
    pub sort: AssetSort,
}

impl Default for AssetQuery {
    fn default() -> Self {
        Self { active_only: true, limit: 50, cursor: None, q: None, category: None, sort: AssetSort::Rank }
    }
}

/// Order of an asset list; `-` in front turns it round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AssetSort {
    /// Largest market capitalization first.
    #[default]
    #[serde(rename = "rank")]
    Rank,
    /// Smallest market capitalization first.
    #[serde(rename = "-rank")]
    RankDescending,
    /// Names from A to Z.
    #[serde(rename = "name")]
    Name,
    /// Names from Z to A.
    #[serde(rename = "-name")]
    NameDescending,
    /// Lowest price comes first.
    #[serde(rename = "price")]
    Price,
    /// Highest price comes first.
    #[serde(rename = "-price")]
    PriceDescending,
    /// Largest loss comes first.
    #[serde(rename = "change")]
    Change,
    /// Largest gain comes first.
    #[serde(rename = "-change")]
    ChangeDescending,
    /// Smallest volume comes first.
    #[serde(rename = "volume")]
    Volume,
    /// Largest volume comes first.
    #[serde(rename = "-volume")]
    VolumeDescending,
}

cnop_domain::closed_set! {
    /// Availability of an asset for trading.
    pub enum Availability {
        /// The asset can be traded.
        Available = "available",
        /// The asset cannot be traded now.
        Unavailable = "unavailable",
    }
}

/// Response of `GET /inventory/assets/{id}`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetDetail {
    /// The same as in a list.
    #[serde(flatten)]
    pub asset: Asset,
    /// Availability for trading: `available` or `unavailable`.
    pub availability_status: Availability,
    /// Change in 24 hours, in dollars.
    pub price_change_24h: f64,
    /// Change in 7 days, as a percentage.
    pub price_change_percentage_7d: f64,
    /// Change in 30 days, as a percentage.
    pub price_change_percentage_30d: f64,
    /// Highest price of 24 hours, in dollars.
    pub high_24h: f64,
    /// Lowest price of 24 hours, in dollars.
    pub low_24h: f64,
    /// Circulating supply in coins.
    pub circulating_supply: f64,
    /// Total supply in coins.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub total_supply: Option<f64>,
    /// Coins; none without a cap.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub max_supply: Option<f64>,
    /// Highest price in the chart's year, dollars.
    pub ath: f64,
    /// Distance from the all-time high, as a percentage.
    pub ath_change_percentage: f64,
    /// Time of the all-time high.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub ath_date: Timestamp,
    /// Lowest price in the chart's year, dollars.
    pub atl: f64,
    /// Distance from the all-time low, as a percentage.
    pub atl_change_percentage: f64,
    /// Time of the all-time low.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub atl_date: Timestamp,
    /// Time of the price.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_updated: Timestamp,
    /// The asset's name at CoinGecko.
    pub coingecko_id: String,
    /// Trading rules of the asset.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = TradingRulesSchema))]
    pub rules: TradingRules,
    /// Price source: `simulator` or `coingecko`.
    pub source: QuoteSource,
}

/// Shape of the trading rules, for the documentation.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = TradingRules)]
pub struct TradingRulesSchema {
    /// Prices are multiples of it.
    pub tick_size: String,
    /// Quantities are multiples of it.
    pub step_size: String,
    /// Smallest quantity of an order.
    pub min_quantity: String,
    /// Largest quantity of an order.
    pub max_quantity: String,
    /// Smallest value of an order.
    pub min_notional: String,
    /// Largest value of an order.
    pub max_notional: String,
}

/// `GET /inventory/quotes`, one asset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteView {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Price that a seller receives.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid: Price,
    /// Price that a buyer pays.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask: Price,
    /// Displayed at the bid.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid_size: Quantity,
    /// Displayed at the ask.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask_size: Quantity,
    /// Price of the last trade.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub last: Price,
    /// Number in the asset's sequence.
    pub seq: u64,
    /// Time of its creation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Its age in ms.
    pub age_ms: u64,
    /// Price source: `simulator` or `coingecko`.
    pub source: QuoteSource,
}

cnop_domain::closed_set! {
    /// Length of a candle.
    pub enum Interval {
        /// Candles of one minute (`1m`).
        Minute = "1m",
        /// Candles of five minutes (`5m`).
        FiveMinutes = "5m",
        /// A quarter of an hour.
        QuarterHour = "15m",
        /// Candles of one hour (`1h`).
        Hour = "1h",
        /// Candles of four hours (`4h`).
        FourHours = "4h",
        /// Candles of one UTC day (`1d`).
        Day = "1d",
    }
}

impl Interval {
    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::QuarterHour => 900,
            Self::Hour => 3_600,
            Self::FourHours => 14_400,
            Self::Day => 86_400,
        }
    }
}

/// Start (unix seconds), open, high, low, close, volume: numbers, for charts.
pub type CandleRow = (i64, f64, f64, f64, f64, f64);

/// `GET /inventory/assets/{id}/candles`, oldest first; the last one may still be open.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Candles {
    /// Candles of this page, oldest first.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<f64>>))]
    pub data: Vec<CandleRow>,
    /// Value of `before` for the candles before these.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}
