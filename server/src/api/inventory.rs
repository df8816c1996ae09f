//! Routes under `/inventory`: assets, candles and quotes. Public.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use cnop_api::market::{Asset, AssetDetail, AssetPage, AssetQuery, AssetSort, Candles, Interval, QuoteView};
use cnop_api::trading::Data;
use cnop_domain::AssetId;
use cnop_market::CANDLES_MAX;
use cnop_services::Services;
use cnop_services::inventory::ASSETS_MAX;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{AssetPath, HandlerResult, Query, query, refuse_parameter};

/// Default number of candles.
const CANDLES: u32 = 200;
/// Most quotes of an answer.
const QUOTES_MAX: usize = 250;
/// Message for a malformed list of assets.
const ASSETS_DETAIL: &str =
    "`assets` names at most 250 assets, each by 1 to 10 letters or digits, with commas between.";
/// Latest time for candles, in unix seconds: the year 9999.
pub(super) const BEFORE_SECONDS_MAX: i64 = 253_402_300_799;

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list_assets))
        .routes(routes!(find_asset))
        .routes(routes!(list_candles))
        .routes(routes!(list_quotes))
}

/// Filters, order and page of `GET /inventory/assets`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssetListParams {
    /// Omits assets that cannot be traded.
    #[serde(default = "active_only")]
    #[param(default = true)]
    active_only: bool,
    /// Rows of the page.
    #[serde(default = "query::page_rows", deserialize_with = "assets_limit")]
    #[param(minimum = 1, maximum = 250, default = 50)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Part of the name or the symbol.
    q: Option<String>,
    /// Slug of a category.
    category: Option<String>,
    /// Column; `-` in front turns it round.
    sort: Option<AssetSort>,
}

const fn active_only() -> bool {
    true
}

fn assets_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    query::whole(deserializer, 1..=ASSETS_MAX)
}

/// The catalog with prices, by rank unless sorted otherwise.
#[utoipa::path(get, path = "/inventory/assets", tag = "Market", params(AssetListParams),
    responses((status = 200, description = "One page.", body = AssetPage)))]
async fn list_assets(
    State(state): State<ApiState>,
    Query(params): Query<AssetListParams>,
) -> HandlerResult<Json<AssetPage>> {
    let mut page = Services::from_ref(&state).inventory.assets(&AssetQuery {
        active_only: params.active_only,
        limit: params.limit,
        cursor: params.cursor,
        q: params.q,
        category: params.category,
        sort: params.sort.unwrap_or_default(),
    })?;
    page.data.iter_mut().for_each(|asset| locate_image(asset, &state.public_url));
    Ok(Json(page))
}

/// Makes the icon's address absolute: a client on another host cannot resolve a path.
fn locate_image(asset: &mut Asset, public_url: &str) {
    asset.image = format!("{}{}", public_url.trim_end_matches('/'), asset.image);
}

/// One asset with its figures and trading rules.
#[utoipa::path(get, path = "/inventory/assets/{asset_id}", tag = "Market",
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case.")),
    responses((status = 200, description = "The asset.", body = Data<AssetDetail>)))]
async fn find_asset(
    State(state): State<ApiState>,
    AssetPath(asset_id): AssetPath,
) -> HandlerResult<Json<Data<AssetDetail>>> {
    let mut detail = Services::from_ref(&state).inventory.asset(asset_id)?;
    locate_image(&mut detail.asset, &state.public_url);
    Ok(Json(Data { data: detail }))
}

/// Interval and page of the candles.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CandleParams {
    /// 1h when left out.
    interval: Option<Interval>,
    /// Only candles that start before this unix second.
    #[param(value_type = Option<i64>, minimum = 1)]
    before: Option<UnixSecond>,
    /// Number of candles, the newest of the range.
    #[serde(default = "candles", deserialize_with = "candles_limit")]
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: u32,
}

/// A time until the year 9999.
#[derive(Debug, Clone, Copy)]
struct UnixSecond(i64);

impl<'de> Deserialize<'de> for UnixSecond {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        query::whole(deserializer, 1..=BEFORE_SECONDS_MAX).map(Self)
    }
}

const fn candles() -> u32 {
    CANDLES
}

fn candles_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    query::whole(deserializer, 1..=CANDLES_MAX)
}

/// Candles, oldest first: unix seconds, open, high, low, close, volume.
#[utoipa::path(get, path = "/inventory/assets/{asset_id}/candles", tag = "Market",
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."), CandleParams),
    responses((status = 200, description = "The candles.", body = Candles)))]
async fn list_candles(
    State(services): State<Services>,
    AssetPath(asset_id): AssetPath,
    Query(params): Query<CandleParams>,
) -> HandlerResult<Response> {
    let interval = params.interval.unwrap_or(Interval::Hour);
    let before = params.before.map(|UnixSecond(second)| second);
    let candles = services.inventory.candles(asset_id, interval, before, params.limit).await?;
    let now_s = services.clock().now_us() / 1_000_000;
    let closed = before.is_some_and(|before| before + interval.seconds() <= now_s);
    // Closed candles never change; with an open one the answer is good for a moment.
    let kept = if closed { "public, max-age=86400, immutable" } else { "public, max-age=1" };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static(kept))], Json(candles)).into_response())
}

/// Query of the quote list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct QuoteListParams {
    /// Identifiers, separated by commas.
    #[serde(default, deserialize_with = "assets")]
    #[param(value_type = String, required = true)]
    assets: Option<Vec<AssetId>>,
}

fn assets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<AssetId>>, D::Error> {
    query::optional(deserializer, ASSETS_DETAIL, |text| assets_of(text, QUOTES_MAX))
}

/// The newest quotes of some assets.
#[utoipa::path(get, path = "/inventory/quotes", tag = "Market", params(QuoteListParams),
    responses((status = 200, description = "Bid, ask and last of each.", body = Data<Vec<QuoteView>>)))]
async fn list_quotes(
    State(services): State<Services>,
    Query(params): Query<QuoteListParams>,
) -> HandlerResult<Json<Data<Vec<QuoteView>>>> {
    let assets = params
        .assets
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
