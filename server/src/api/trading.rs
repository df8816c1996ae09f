//! `/assets/{id}/transactions`, `/portfolio` and `/insights`.

use axum::Json;
use axum::extract::State;
use cnop_api::portfolio::{Insights, Portfolio};
use cnop_api::trading::{AssetTransaction, Data, Page};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::orders::{OFFSET_MAX, PAGE_ROWS, PAGE_ROWS_MAX};
use super::state::Venue;
use crate::web::{Answer, AssetPath, Query};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<Venue> {
    OpenApiRouter::new()
        .routes(routes!(list_asset_transactions))
        .routes(routes!(find_portfolio))
        .routes(routes!(find_insights))
}

/// Your trades in one asset: one row an order that has filled, with all its fills so far, the newest order first.
///
/// `timestamp` is the time of its last fill. Each fill with its own time is in `GET /orders/{id}/fills`.
#[utoipa::path(get, path = "/assets/{asset_id}/transactions", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 when left out."),
        ("offset" = Option<u32>, Query, description = "How many of the newest to leave out; not looked at with a cursor."),
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
