//! `/orders`, `/assets/{id}/transactions`, `/portfolio` and `/insights`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::portfolio::{Insights, Portfolio};
use cnop_api::trading::{AssetTransaction, Data, OrderPreview, OrderQuery, OrderRequest, OrderView, Page};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Venue;
use crate::web::{Answer, AssetPath, Idempotency, OrderBody, OrderPath, Query};

/// Most rows of a page, and how many when nothing is asked.
const PAGE_ROWS_MAX: u32 = 100;
/// See [`PAGE_ROWS_MAX`].
const PAGE_ROWS: u32 = 50;
/// Most rows that an offset leaves out; further back goes by cursor.
const OFFSET_MAX: u32 = 10_000;
/// What `order_type` can be.
const ORDER_TYPES: [&str; 4] = ["market_buy", "market_sell", "limit_buy", "limit_sell"];
/// What `status` can be.
const STATUSES: [&str; 8] = [
    "held",
    "waiting_trigger",
    "working",
    "partially_filled",
    "completed",
    "canceled",
    "expired",
    "rejected",
];

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<Venue> {
    OpenApiRouter::new()
        .routes(routes!(place_order, list_orders))
        .routes(routes!(preview_order))
        .routes(routes!(find_order))
        .routes(routes!(list_asset_transactions))
        .routes(routes!(find_portfolio))
        .routes(routes!(find_insights))
}

/// Place an order.
#[utoipa::path(post, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = OrderRequest,
    responses((status = 201, description = "The order; a market order is filled.", body = Data<OrderView>)))]
async fn place_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    OrderBody(request): OrderBody,
) -> Answer<(StatusCode, Json<Data<OrderView>>)> {
    let data = services.orders.place(&caller, request, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// What an order would do now. Nothing is written.
#[utoipa::path(post, path = "/orders/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = OrderRequest,
    responses((status = 200, description = "The estimate.", body = Data<OrderPreview>)))]
async fn preview_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderBody(request): OrderBody,
) -> Answer<Json<Data<OrderPreview>>> {
    Ok(Json(Data { data: services.orders.preview(&caller, request).await? }))
}

/// Your orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("asset_id" = Option<String>, Query, description = "Only this asset."),
        ("order_type" = Option<String>, Query, description = "Only this type."),
        ("status" = Option<String>, Query, description = "Only this status."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 when left out."),
        ("offset" = Option<u32>, Query, description = "How many of the newest to leave out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = Page<OrderView>)))]
async fn list_orders(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Answer<Json<Page<OrderView>>> {
    let query = query.known(&["asset_id", "order_type", "status", "limit", "offset", "cursor"])?;
    let one_of =
        |known: &'static [&'static str]| move |text: &str| known.contains(&text).then(|| text.to_owned());
    let query = OrderQuery {
        asset_id: query.asset("asset_id")?,
        order_type: query.read(
            "order_type",
            "`order_type` is market_buy, market_sell, limit_buy or limit_sell.",
            one_of(&ORDER_TYPES),
        )?,
        status: query.read("status", "`status` is one of an order's states.", one_of(&STATUSES))?,
        limit: query.number("limit", 1..=PAGE_ROWS_MAX, PAGE_ROWS)?,
        offset: query.number("offset", 0..=OFFSET_MAX, 0)?,
        cursor: query.owned("cursor"),
    };
    Ok(Json(services.orders.list(&caller, query).await?))
}

/// One order with its fills.
#[utoipa::path(get, path = "/orders/{order_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 200, description = "The order.", body = Data<OrderView>)))]
async fn find_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
) -> Answer<Json<Data<OrderView>>> {
    Ok(Json(Data { data: services.orders.get(&caller, &order_id).await? }))
}

/// Your trades in one asset, newest first.
#[utoipa::path(get, path = "/assets/{asset_id}/transactions", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 when left out."),
        ("offset" = Option<u32>, Query, description = "How many of the newest to leave out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = Page<AssetTransaction>)))]
async fn list_asset_transactions(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    AssetPath(asset_id): AssetPath,
    query: Query,
) -> Answer<Json<Page<AssetTransaction>>> {
    let query = query.known(&["limit", "offset", "cursor"])?;
    let limit = query.number("limit", 1..=PAGE_ROWS_MAX, PAGE_ROWS)?;
    let offset = query.number("offset", 0..=OFFSET_MAX, 0)?;
    Ok(Json(
        services.orders.asset_transactions(&caller, asset_id, limit, offset, query.text("cursor")).await?,
    ))
}

/// What you own and what it is worth.
#[utoipa::path(get, path = "/portfolio", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The portfolio.", body = Portfolio)))]
async fn find_portfolio(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> Answer<Json<Portfolio>> {
    Ok(Json(services.portfolio.portfolio(&caller).await?))
}

/// What can be said about your portfolio, each finding with its figures.
#[utoipa::path(get, path = "/insights/portfolio", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Findings by rules.", body = Data<Insights>)))]
async fn find_insights(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> Answer<Json<Data<Insights>>> {
    Ok(Json(Data { data: services.insights.portfolio(&caller).await? }))
}
