//! Market data as pages show it. It is the same for everybody.

use cnop_api::market::{Asset, AssetDetail, AssetPage, AssetQuery, AssetSort};
use cnop_api::{Code, Problem};
use cnop_domain::{Amount, AssetId, Quantity};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use crate::chart::{ChartData, ChartView, levels};
use crate::components::MarketRow;
use crate::context;

/// Rows on a page of the market.
const MARKET_ROWS: u32 = 50;
/// Assets that can be read at once, at most.
const ASSETS_AT_ONCE: u32 = 250;
/// Name of the group of starred assets in addresses.
pub(crate) const FAVORITES: &str = "favorites";
/// Rows on the first page of all.
const TOP_ROWS: u32 = 10;

/// A group of assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarketCategory {
    /// Its name in addresses.
    pub(crate) slug: String,
    /// Its name for people.
    pub(crate) label: String,
}

/// One page of the market.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MarketView {
    /// Rows of this page.
    pub(crate) rows: Vec<MarketRow>,
    /// Number of matching assets.
    pub(crate) total: u64,
    /// For the page before.
    pub(crate) previous: Option<String>,
    /// For the next page.
    pub(crate) next: Option<String>,
    /// Categories of the market.
    pub(crate) categories: Vec<MarketCategory>,
}

/// A holding of one asset.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PositionValue {
    /// Number of coins held.
    pub(crate) quantity: Quantity,
    /// Dollars at the last price.
    pub(crate) value: Amount,
}

/// One page of the market. An empty text is no wish; an unknown word is passed over, so that an old link still works.
///
/// # Errors
/// A cursor that is none.
pub(crate) fn market(
    q: &str,
    category: &str,
    sort: &str,
    cursor: &str,
    favorites: &[AssetId],
) -> Result<MarketView, Problem> {
    let is_favorites = category == FAVORITES;
    let services = context::services()?;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let categories: Vec<_> = services
        .inventory
        .categories()
        .into_iter()
        .map(|category| MarketCategory { slug: category.slug.to_string(), label: category.label.to_string() })
        .collect();
    let category = given(category).filter(|slug| categories.iter().any(|category| category.slug == *slug));
    let query = AssetQuery {
        active_only: false,
        limit: MARKET_ROWS,
        cursor: given(cursor),
        q: given(q.trim()),
        category,
        sort: sort_of(sort),
    };
    let page = if is_favorites {
        let whole = services.inventory.assets(&AssetQuery {
            limit: ASSETS_AT_ONCE,
            cursor: None,
            category: None,
            ..query
        })?;
        starred(whole, favorites)
    } else {
        services.inventory.assets(&query)?
    };
    let row = |asset: Asset| {
        let detail = services.inventory.asset(asset.asset_id).ok();
        let changes = detail.map(|it| (it.price_change_percentage_7d, it.price_change_percentage_30d));
        let is_favorite = favorites.contains(&asset.asset_id);
        MarketRow { week: changes.map(|it| it.0), month: changes.map(|it| it.1), is_favorite, ..row(asset) }
    };
    Ok(MarketView {
        rows: page.data.into_iter().map(row).collect(),
        total: page.total_count,
        previous: page.previous_cursor,
        next: page.next_cursor,
        categories,
    })
}

/// The assets of a list that have a star, all on one page.
fn starred(page: AssetPage, favorites: &[AssetId]) -> AssetPage {
    let data: Vec<_> = page.data.into_iter().filter(|asset| favorites.contains(&asset.asset_id)).collect();
    let total_count = data.len() as u64;
    AssetPage { data, total_count, next_cursor: None, previous_cursor: None, ..page }
}

/// The order that a text names; by rank when it names none.
fn sort_of(text: &str) -> AssetSort {
    let text: StrDeserializer<'_, ValueError> = text.into_deserializer();
    AssetSort::deserialize(text).unwrap_or_default()
}

/// A row of the list, with no more digits than are shown.
fn row(asset: Asset) -> MarketRow {
    MarketRow {
        id: asset.asset_id,
        name: asset.name,
        rank: asset.market_cap_rank,
        price: asset.price,
        change: (asset.price_change_percentage_24h * 1_000.0).round() / 1_000.0,
        cap: asset.market_cap.round(),
        volume: asset.total_volume_24h.round(),
        week: None,
        month: None,
        is_favorite: false,
        levels: levels(&asset.sparkline_7d),
        image: asset.image,
    }
}

/// The largest assets.
///
/// # Errors
/// `service.unavailable` while the venue starts.
pub(crate) fn top() -> Result<Vec<MarketRow>, Problem> {
    let query = AssetQuery { limit: TOP_ROWS, ..AssetQuery::default() };
    let page = context::services()?.inventory.assets(&query)?;
    Ok(page.data.into_iter().map(row).collect())
}

/// One asset, with the caller's holding of it.
///
/// # Errors
/// `asset.not_found`.
pub(crate) async fn asset(name: &str) -> Result<(AssetDetail, Option<PositionValue>), Problem> {
    let services = context::services()?;
    let unknown = |_| Problem::new(Code::AssetNotFound, "There is no such asset.");
    let id = name.parse().map_err(unknown)?;
    let detail = services.inventory.asset(id)?;
    let held = match context::caller() {
        // Without a holding, or when it cannot be read now, the page stands without it.
        Some(caller) => services.ledger.asset_balance(&caller, id).await.ok(),
        None => None,
    };
    let position = held
        .filter(|held| !held.quantity.is_zero())
        .map(|held| PositionValue { quantity: held.quantity, value: held.total_value_exact });
    Ok((detail, position))
}

/// The candles of a view.
///
/// # Errors
/// The price feed's faults.
pub(crate) async fn chart(asset: AssetId, view: ChartView) -> Result<ChartData, Problem> {
    let services = context::services()?;
    let candles = services.inventory.candles(asset, view.interval, None, view.count).await?;
    Ok(ChartData { view, rows: candles.data })
}
