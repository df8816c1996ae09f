//! Routes under `/guards`: limits that traders set for themselves.

use axum::Json;
use axum::extract::State;
use cnop_api::trading::{Data, GuardRails, GuardRailsUpdate};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{HandlerResult, Idempotency, JsonBody, NoQuery};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(find_guards, update_guards))
}

/// Your guard rails: the limits in force and the pending ones.
#[utoipa::path(get, path = "/guards", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The guard rails.", body = Data<GuardRails>)))]
async fn find_guards(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<GuardRails>>> {
    Ok(Json(Data { data: services.guards.get(&caller).await? }))
}

/// Set, change or lift guard rails. A stricter limit applies at once, a looser one 24 hours later.
///
/// An omitted member stays; `null` lifts a limit; an unknown member is refused. Turning the kill switch on
/// cancels all open purchases; sales stay.
#[utoipa::path(patch, path = "/guards", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = GuardRailsUpdate,
    responses((status = 200, description = "The guard rails as they are now.", body = Data<GuardRails>)))]
async fn update_guards(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(update): JsonBody<GuardRailsUpdate>,
) -> HandlerResult<Json<Data<GuardRails>>> {
    Ok(Json(Data { data: services.guards.update(&caller, update, key).await? }))
}
