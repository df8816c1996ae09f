//! `/inventory`: assets, candles and quotes. Open to everybody.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use cnop_api::market::{AssetDetail, AssetPage, AssetQuery, AssetSort, Candles, Interval, QuoteView};
use cnop_api::trading::Data;
use cnop_domain::AssetId;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::Venue;
use crate::web::{Answer, AssetPath, Query, refuse_parameter};

/// Most assets of a page.
const ASSETS_MAX: u32 = 250;
/// Most candles of an answer.
const CANDLES_MAX: u32 = 1_000;
/// How many candles are answered when nothing is asked.
const CANDLES: u32 = 200;
/// Most quotes of an answer.
const QUOTES_MAX: usize = 250;
/// What a list of assets looks like.
const ASSETS_DETAIL: &str =
    "`assets` names at most 250 assets, each by 1 to 10 letters or digits, with commas between.";
/// Times that candles can be asked for, in unix seconds: until the year 9999.
const BEFORE_SECONDS_MAX: i64 = 253_402_300_799;

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<Venue> {
    OpenApiRouter::new()
        .routes(routes!(list_assets))
        .routes(routes!(find_asset))
        .routes(routes!(list_candles))
        .routes(routes!(list_quotes))
}

/// The catalogue with prices, by rank unless sorted otherwise.
#[utoipa::path(get, path = "/inventory/assets", tag = "Market",
    params(("active_only" = Option<bool>, Query, description = "Leave out what cannot be traded; true when left out."),
        ("limit" = Option<u32>, Query, description = "1 to 250, 50 when left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("q" = Option<String>, Query, description = "Part of the name or the symbol."),
        ("category" = Option<String>, Query, description = "A category's slug."),
        ("sort" = Option<AssetSort>, Query, description = "Column; `-` in front turns it round.")),
    responses((status = 200, description = "One page.", body = AssetPage)))]
async fn list_assets(State(services): State<Services>, query: Query) -> Answer<Json<AssetPage>> {
    let query = query.known(&["active_only", "limit", "cursor", "q", "category", "sort"])?;
    let sort = query.read(
        "sort",
        "`sort` is rank, name, price, change or volume, with - in front for the other direction.",
        |text| serde_json::from_value(serde_json::Value::String(text.to_owned())).ok(),
    )?;
    let default = AssetQuery::default();
    Ok(Json(services.inventory.assets(&AssetQuery {
        active_only: query.boolean("active_only", default.active_only)?,
        limit: query.number("limit", 1..=ASSETS_MAX, default.limit)?,
        cursor: query.owned("cursor"),
        q: query.owned("q"),
        category: query.owned("category"),
        sort: sort.unwrap_or(default.sort),
    })?))
}

/// One asset with its figures and trading rules.
#[utoipa::path(get, path = "/inventory/assets/{asset_id}", tag = "Market",
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case.")),
    responses((status = 200, description = "The asset.", body = Data<AssetDetail>)))]
async fn find_asset(
    State(services): State<Services>,
    AssetPath(asset_id): AssetPath,
) -> Answer<Json<Data<AssetDetail>>> {
    Ok(Json(Data { data: services.inventory.asset(asset_id)? }))
}

/// Candles, oldest first: unix seconds, open, high, low, close, volume.
#[utoipa::path(get, path = "/inventory/assets/{asset_id}/candles", tag = "Market",
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."),
        ("interval" = Option<Interval>, Query, description = "1h when left out."),
        ("before" = Option<i64>, Query, description = "Only candles that start before this unix second."),
        ("limit" = Option<u32>, Query, description = "1 to 1000, 200 when left out.")),
    responses((status = 200, description = "The candles.", body = Candles)))]
async fn list_candles(
    State(services): State<Services>,
    AssetPath(asset_id): AssetPath,
    query: Query,
) -> Answer<Response> {
    let query = query.only(&["interval", "before", "limit"])?;
    let interval = query.read("interval", "`interval` is 1m, 5m, 15m, 1h, 4h or 1d.", Interval::from_text)?;
    let before = match query.text("before") {
        Some(_) => Some(query.number("before", 1..=BEFORE_SECONDS_MAX, 1)?),
        None => None,
    };
    let limit = query.number("limit", 1..=CANDLES_MAX, CANDLES)?;
    let interval = interval.unwrap_or(Interval::Hour);
    let candles = services.inventory.candles(asset_id, interval, before, limit).await?;
    let now_s = services.clock().now_us() / 1_000_000;
    let closed = before.is_some_and(|before| before + interval.seconds() <= now_s);
    // Closed candles never change; with an open one the answer is good for a moment.
    let kept = if closed { "public, max-age=86400, immutable" } else { "public, max-age=1" };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static(kept))], Json(candles)).into_response())
}

/// The newest quotes.
#[utoipa::path(get, path = "/inventory/quotes", tag = "Market",
    params(("assets" = String, Query, description = "Identifiers, separated by commas.")),
    responses((status = 200, description = "Bid, ask and last of each.", body = Data<Vec<QuoteView>>)))]
async fn list_quotes(State(services): State<Services>, query: Query) -> Answer<Json<Data<Vec<QuoteView>>>> {
    let query = query.only(&["assets"])?;
    let assets = query
        .read("assets", ASSETS_DETAIL, |text| assets_of(text, QUOTES_MAX))?
        .ok_or_else(|| refuse_parameter("assets", "required", "Name the assets: ?assets=BTC,ETH."))?;
    Ok(Json(Data { data: services.inventory.quotes(&assets) }))
}

/// Asset identifiers separated by commas, each once; `None` when one cannot be one or they are too many.
pub(super) fn assets_of(text: &str, count_max: usize) -> Option<Vec<AssetId>> {
    let mut assets = Vec::new();
    for id in text.split(',') {
        let id: AssetId = id.trim().parse().ok()?;
        if !assets.contains(&id) {
            assets.push(id);
        }
        if assets.len() > count_max {
            return None;
        }
    }
    Some(assets)
}
