//! Routes `/assets/{id}/transactions`, `/portfolio` and `/insights`.

use axum::Json;
use axum::extract::State;
use cnop_api::portfolio::{Insights, Portfolio};
use cnop_api::trading::{AssetTransaction, Data, Page};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{AssetPath, HandlerResult, Query, query};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list_asset_transactions))
        .routes(routes!(find_portfolio))
        .routes(routes!(find_insights))
}

/// Page of the trades in one asset.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssetTransactionParams {
    /// Rows of the page.
    #[serde(default = "query::page_rows", deserialize_with = "query::limit")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: u32,
    /// Number of the newest orders to skip; ignored with a cursor.
    #[serde(default, deserialize_with = "query::offset")]
    #[param(maximum = 10_000, default = 0)]
    offset: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Your trades in one asset: one row for each order that has filled, with all its fills so far, newest fill
/// first.
///
/// `timestamp` is the time of its last fill. `GET /orders/{id}/fills` has each fill with its own time.
#[utoipa::path(get, path = "/assets/{asset_id}/transactions", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."),
        AssetTransactionParams),
    responses((status = 200, description = "One page.", body = Page<AssetTransaction>)))]
async fn list_asset_transactions(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    AssetPath(asset_id): AssetPath,
    Query(params): Query<AssetTransactionParams>,
) -> HandlerResult<Json<Page<AssetTransaction>>> {
    let AssetTransactionParams { limit, offset, cursor } = params;
    let page = services.orders.asset_transactions(&caller, asset_id, limit, offset, cursor.as_deref());
    Ok(Json(page.await?))
}

/// Your portfolio with values and profit.
#[utoipa::path(get, path = "/portfolio", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The portfolio.", body = Portfolio)))]
async fn find_portfolio(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> HandlerResult<Json<Portfolio>> {
    Ok(Json(services.portfolio.portfolio(&caller).await?))
}

/// Findings about your portfolio, each with its figures.
#[utoipa::path(get, path = "/insights/portfolio", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Findings by rules.", body = Data<Insights>)))]
async fn find_insights(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> HandlerResult<Json<Data<Insights>>> {
    Ok(Json(Data { data: services.insights.portfolio(&caller).await? }))
}
