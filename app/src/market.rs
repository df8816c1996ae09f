//! Market data for pages: compact rows, one asset, its candles. Anyone may ask.

use cnop_api::Timestamp;
use cnop_api::market::CandleRow;
use cnop_domain::{Amount, AssetId, Price, Quantity, QuoteSource, TradingRules};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use crate::chart::Range;
use crate::error::AppError;

/// One row of the market. Its names are short because the page carries it twice: drawn, and as data for the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MarketRow {
    /// The asset.
    #[serde(rename = "i")]
    pub(crate) id: AssetId,
    /// Its name.
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// Place by capitalisation.
    #[serde(rename = "r")]
    pub(crate) rank: u32,
    /// Last price.
    #[serde(rename = "p")]
    pub(crate) price: Price,
    /// Change of 24 hours, 0–100.
    #[serde(rename = "c")]
    pub(crate) change: f64,
    /// Dollars.
    #[serde(rename = "m")]
    pub(crate) cap: f64,
    /// Dollars.
    #[serde(rename = "v")]
    pub(crate) volume: f64,
    /// Seven days, as [`crate::chart::levels`].
    #[serde(rename = "s")]
    pub(crate) levels: String,
    /// Path of the icon, when it is not `/icons/{id}.svg`.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl MarketRow {
    /// Path of the icon.
    pub(crate) fn image(&self) -> String {
        self.image.clone().unwrap_or_else(|| icon_path(&self.id))
    }
}

/// Where an asset's icon lies, as a rule.
fn icon_path(id: &AssetId) -> String {
    format!("/icons/{}.svg", id.as_str().to_ascii_lowercase())
}

/// A group of assets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MarketCategory {
    /// Its name in addresses.
    pub(crate) slug: String,
    /// Its name for people.
    pub(crate) label: String,
}

/// One page of the market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MarketView {
    /// The rows.
    pub(crate) rows: Vec<MarketRow>,
    /// How many match in all.
    pub(crate) total: u64,
    /// For the page before.
    pub(crate) previous: Option<String>,
    /// For the next page.
    pub(crate) next: Option<String>,
    /// All groups.
    pub(crate) categories: Vec<MarketCategory>,
}

/// One asset with everything its page says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AssetView {
    pub(crate) id: AssetId,
    pub(crate) name: String,
    pub(crate) symbol: String,
    pub(crate) description: String,
    pub(crate) image: String,
    pub(crate) is_tradable: bool,
    pub(crate) rank: u32,
    pub(crate) price: Price,
    pub(crate) change_24h: f64,
    pub(crate) change_7d: f64,
    pub(crate) change_30d: f64,
    pub(crate) high_24h: f64,
    pub(crate) low_24h: f64,
    pub(crate) cap: f64,
    pub(crate) volume: f64,
    pub(crate) circulating: f64,
    pub(crate) total_supply: Option<f64>,
    pub(crate) max_supply: Option<f64>,
    pub(crate) year_high: f64,
    pub(crate) year_high_time: Timestamp,
    pub(crate) year_low: f64,
    pub(crate) year_low_time: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) source: QuoteSource,
    pub(crate) rules: TradingRules,
    /// What the signed-in user holds of it.
    pub(crate) position: Option<Position>,
}

/// What somebody holds of one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Coins.
    pub(crate) quantity: Quantity,
    /// Dollars at the last price.
    pub(crate) value: Amount,
}

/// The candles of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChartData {
    /// The span.
    pub(crate) range: Range,
    /// Oldest first.
    pub(crate) rows: Vec<CandleRow>,
}

/// One page of the market. Empty texts mean "no such wish"; words that are not known are passed over, so that an
/// old link still shows the market.
///
/// # Errors
/// A cursor that is none.
#[server(name = MarketAssets, prefix = "/fn", endpoint = "market", input = GetUrl)]
pub(crate) async fn market_assets(
    #[server(default)] q: String,
    #[server(default)] category: String,
    #[server(default)] sort: String,
    #[server(default)] cursor: String,
) -> Result<MarketView, AppError> {
    server::market(&q, category, &sort, cursor)
}

/// The ten largest.
///
/// # Errors
/// None of its own.
#[server(name = MarketTop, prefix = "/fn", endpoint = "market/top", input = GetUrl)]
pub(crate) async fn market_top() -> Result<Vec<MarketRow>, AppError> {
    server::top()
}

/// One asset, with the caller's position.
///
/// # Errors
/// `asset.not_found`.
#[server(name = MarketAsset, prefix = "/fn", endpoint = "market/asset", input = GetUrl)]
pub(crate) async fn market_asset(asset: String) -> Result<AssetView, AppError> {
    server::asset(&asset).await
}

/// The candles of an asset's chart.
///
/// # Errors
/// `asset.not_found`; the price feed's faults.
#[server(name = MarketChart, prefix = "/fn", endpoint = "market/chart", input = GetUrl)]
pub(crate) async fn market_chart(asset: String, range: String) -> Result<ChartData, AppError> {
    server::chart(&asset, Range::from_text(&range).unwrap_or_default()).await
}

#[cfg(feature = "ssr")]
mod server {
    use cnop_api::market::{Asset, AssetQuery, AssetSort, Availability};
    use cnop_api::{Code, Problem};
    use cnop_domain::AssetId;
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error as ValueError, StrDeserializer};

    use super::{AssetView, ChartData, MarketCategory, MarketRow, MarketView, Position, icon_path};
    use crate::chart::{Range, levels};
    use crate::context;
    use crate::error::AppError;
    use crate::forms::fail;
    use crate::functions::refused;

    /// Rows on a page of the market.
    const MARKET_ROWS: u32 = 50;
    /// Rows on the first page of all.
    const TOP_ROWS: u32 = 10;

    /// One page of the market.
    pub(super) fn market(
        q: &str,
        category: String,
        sort: &str,
        cursor: String,
    ) -> Result<MarketView, AppError> {
        let services = context::services().map_err(fail)?;
        let given = |text: String| (!text.is_empty()).then_some(text);
        let categories: Vec<_> = services
            .inventory
            .categories()
            .into_iter()
            .map(|category| MarketCategory {
                slug: category.slug.to_string(),
                label: category.label.to_string(),
            })
            .collect();
        let category =
            given(category).filter(|slug| categories.iter().any(|category| category.slug == *slug));
        let query = AssetQuery {
            active_only: false,
            limit: MARKET_ROWS,
            cursor: given(cursor),
            q: given(q.trim().to_owned()),
            category,
            sort: sort_of(sort),
        };
        let page = services.inventory.assets(&query).map_err(refused)?;
        Ok(MarketView {
            rows: page.data.into_iter().map(row).collect(),
            total: page.total_count,
            previous: page.previous_cursor,
            next: page.next_cursor,
            categories,
        })
    }

    /// The order that a text names; by rank when it names none.
    fn sort_of(text: &str) -> AssetSort {
        let text: StrDeserializer<'_, ValueError> = text.into_deserializer();
        AssetSort::deserialize(text).unwrap_or_default()
    }

    /// A row of the list, with no more digits than are shown.
    fn row(asset: Asset) -> MarketRow {
        let image = (asset.image != icon_path(&asset.asset_id)).then_some(asset.image);
        MarketRow {
            id: asset.asset_id,
            name: asset.name,
            rank: asset.market_cap_rank,
            price: asset.price,
            change: (asset.price_change_percentage_24h * 1_000.0).round() / 1_000.0,
            cap: asset.market_cap.round(),
            volume: asset.total_volume_24h.round(),
            levels: levels(&asset.sparkline_7d),
            image,
        }
    }

    /// The largest assets.
    pub(super) fn top() -> Result<Vec<MarketRow>, AppError> {
        let services = context::services().map_err(fail)?;
        let page = services
            .inventory
            .assets(&AssetQuery { limit: TOP_ROWS, ..AssetQuery::default() })
            .map_err(refused)?;
        Ok(page.data.into_iter().map(row).collect())
    }

    /// The asset that an address names.
    fn named(asset: &str) -> Result<AssetId, AppError> {
        asset.parse().map_err(|_| fail(Problem::new(Code::AssetNotFound, "There is no such asset.")))
    }

    /// One asset, with the caller's position.
    pub(super) async fn asset(asset: &str) -> Result<AssetView, AppError> {
        let services = context::services().map_err(fail)?;
        let id = named(asset)?;
        let detail = services.inventory.asset(id).map_err(refused)?;
        let position = match context::caller() {
            // Never held, or not to be told now: the page stands without it.
            Some(caller) => services.ledger.asset_balance(&caller, id).await.ok(),
            None => None,
        };
        let asset = detail.asset;
        Ok(AssetView {
            id,
            name: asset.name,
            symbol: asset.symbol,
            description: asset.description,
            image: asset.image,
            is_tradable: asset.is_active && detail.availability_status == Availability::Available,
            rank: asset.market_cap_rank,
            price: asset.price,
            change_24h: asset.price_change_percentage_24h,
            change_7d: detail.price_change_percentage_7d,
            change_30d: detail.price_change_percentage_30d,
            high_24h: detail.high_24h,
            low_24h: detail.low_24h,
            cap: asset.market_cap,
            volume: asset.total_volume_24h,
            circulating: detail.circulating_supply,
            total_supply: detail.total_supply,
            max_supply: detail.max_supply,
            year_high: detail.ath,
            year_high_time: detail.ath_date,
            year_low: detail.atl,
            year_low_time: detail.atl_date,
            updated: detail.last_updated,
            source: detail.source,
            rules: detail.rules,
            position: position
                .filter(|held| !held.quantity.is_zero())
                .map(|held| Position { quantity: held.quantity, value: held.total_value_exact }),
        })
    }

    /// The candles of a span.
    pub(super) async fn chart(asset: &str, range: Range) -> Result<ChartData, AppError> {
        let services = context::services().map_err(fail)?;
        let id = named(asset)?;
        let candles =
            services.inventory.candles(id, range.interval(), None, range.candles()).await.map_err(refused)?;
        Ok(ChartData { range, rows: candles.data })
    }
}
