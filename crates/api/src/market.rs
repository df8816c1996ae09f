//! Assets, quotes and candles.

use cnop_domain::{AssetId, Price, Quantity, QuoteSource, TradingRules};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One asset in a list. Floats are for older clients and display; `price` is exact.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asset {
    /// Ours, never reused.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Its name.
    pub name: String,
    /// What the market calls it.
    pub symbol: String,
    /// One sentence.
    pub description: String,
    /// Its group, as a slug (`layer-1`).
    pub category: String,
    /// Path of its icon.
    pub image: String,
    /// Last price in dollars, as a float for older clients.
    pub price_usd: f64,
    /// Last price.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Whether it can be traded.
    pub is_active: bool,
    /// 1 is the largest market capitalization.
    pub market_cap_rank: u32,
    /// Dollars.
    pub market_cap: f64,
    /// Dollars.
    pub total_volume_24h: f64,
    /// 0–100.
    pub price_change_percentage_24h: f64,
    /// Closing prices of the last 7 days, oldest first, one every 6 hours: for a sparkline.
    pub sparkline_7d: Vec<f64>,
}

/// `GET /inventory/assets`, by rank unless sorted otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetPage {
    /// One page.
    pub data: Vec<Asset>,
    /// How many match in all.
    pub total_count: u64,
    /// How many of those can be traded.
    pub active_count: u64,
    /// Whether there are more.
    pub has_more: bool,
    /// For the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
    /// For the page before; none on the first one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub previous_cursor: Option<String>,
}

/// What `GET /inventory/assets` is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct AssetQuery {
    /// Leave out what cannot be traded.
    pub active_only: bool,
    /// 1 to 250.
    pub limit: u32,
    /// From the page before.
    pub cursor: Option<String>,
    /// Part of the name or the symbol.
    pub q: Option<String>,
    /// A category's slug.
    pub category: Option<String>,
    /// Column and direction.
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
    /// Largest capitalisation first.
    #[default]
    #[serde(rename = "rank")]
    Rank,
    /// Smallest capitalisation first.
    #[serde(rename = "-rank")]
    RankDescending,
    /// A to Z.
    #[serde(rename = "name")]
    Name,
    /// Z to A.
    #[serde(rename = "-name")]
    NameDescending,
    /// Cheapest first.
    #[serde(rename = "price")]
    Price,
    /// Dearest first.
    #[serde(rename = "-price")]
    PriceDescending,
    /// Largest loss first.
    #[serde(rename = "change")]
    Change,
    /// Largest gain first.
    #[serde(rename = "-change")]
    ChangeDescending,
    /// Smallest volume first.
    #[serde(rename = "volume")]
    Volume,
    /// Largest volume first.
    #[serde(rename = "-volume")]
    VolumeDescending,
}

cnop_domain::closed_set! {
    /// Whether an asset can be traded.
    pub enum Availability {
        /// It can.
        Available = "available",
        /// Not now.
        Unavailable = "unavailable",
    }
}

/// `GET /inventory/assets/{id}`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetDetail {
    /// The same as in a list.
    #[serde(flatten)]
    pub asset: Asset,
    /// `available` or `unavailable`.
    pub availability_status: Availability,
    /// Dollars.
    pub price_change_24h: f64,
    /// 0–100.
    pub price_change_percentage_7d: f64,
    /// 0–100.
    pub price_change_percentage_30d: f64,
    /// Dollars.
    pub high_24h: f64,
    /// Dollars.
    pub low_24h: f64,
    /// Coins.
    pub circulating_supply: f64,
    /// Coins.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub total_supply: Option<f64>,
    /// Coins; none without a cap.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub max_supply: Option<f64>,
    /// Highest price in the chart's year, dollars.
    pub ath: f64,
    /// 0–100.
    pub ath_change_percentage: f64,
    /// When that was.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub ath_date: Timestamp,
    /// Lowest price in the chart's year, dollars.
    pub atl: f64,
    /// 0–100.
    pub atl_change_percentage: f64,
    /// When that was.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub atl_date: Timestamp,
    /// When the price was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_updated: Timestamp,
    /// The asset's name at CoinGecko.
    pub coingecko_id: String,
    /// Trading rules.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = TradingRulesSchema))]
    pub rules: TradingRules,
    /// `simulator` or `coingecko`.
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
    /// Smallest quantity.
    pub min_quantity: String,
    /// Largest quantity.
    pub max_quantity: String,
    /// Smallest value.
    pub min_notional: String,
    /// Largest value.
    pub max_notional: String,
}

/// `GET /inventory/quotes`, one asset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteView {
    /// The asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// What a seller gets.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid: Price,
    /// What a buyer pays.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask: Price,
    /// Displayed at the bid.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid_size: Quantity,
    /// Displayed at the ask.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask_size: Quantity,
    /// Last trade.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub last: Price,
    /// Number in the asset's sequence.
    pub seq: u64,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// How old it is, in ms.
    pub age_ms: u64,
    /// `simulator` or `coingecko`.
    pub source: QuoteSource,
}

cnop_domain::closed_set! {
    /// Length of a candle.
    pub enum Interval {
        /// One minute.
        Minute = "1m",
        /// Five minutes.
        FiveMinutes = "5m",
        /// A quarter of an hour.
        QuarterHour = "15m",
        /// One hour.
        Hour = "1h",
        /// Four hours.
        FourHours = "4h",
        /// One day, UTC.
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
    /// The candles.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<f64>>))]
    pub data: Vec<CandleRow>,
    /// Value of `before` for the candles before these.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}
