//! Routes under `/orders/{id}/fills`: fills and their verification.

use axum::Json;
use axum::extract::State;
use cnop_api::trading::{Data, FillExplanation, FillView};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{FillPath, HandlerResult, NoQuery, OrderPath};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list_fills)).routes(routes!(explain_fill))
}

/// The fills of an order, first one first, each with the quote it used.
#[utoipa::path(get, path = "/orders/{order_id}/fills", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 200, description = "All of them; an order has at most 100.", body = Data<Vec<FillView>>)))]
async fn list_fills(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<Vec<FillView>>>> {
    Ok(Json(Data { data: services.orders.fills(&caller, order_id).await? }))
}

/// Explain a fill: its inputs, the rules with their figures, and the recomputed fill.
#[utoipa::path(get, path = "/orders/{order_id}/fills/{number}/explain", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`."),
        ("number" = u32, Path, description = "1 is the order's first fill.")),
    responses((status = 200, description = "The explanation.", body = Data<FillExplanation>)))]
async fn explain_fill(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    FillPath(order_id, number): FillPath,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<FillExplanation>>> {
    Ok(Json(Data { data: services.orders.explain(&caller, order_id, number).await? }))
}
