//! Routes under `/alerts`: price alerts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::trading::{AlertRequest, AlertView, Data};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{AlertPath, HandlerResult, Idempotency, JsonBody, NoQuery};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create_alert, list_alerts)).routes(routes!(delete_alert))
}

/// Create a price alert: notifies once, on the stream, when the last price reaches a level.
#[utoipa::path(post, path = "/alerts", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = AlertRequest,
    responses((status = 201, description = "The alert.", body = Data<AlertView>)))]
async fn create_alert(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<AlertRequest>,
) -> HandlerResult<(StatusCode, Json<Data<AlertView>>)> {
    let data = services.alerts.create(&caller, request, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// Your alerts, newest first, with those that have fired.
#[utoipa::path(get, path = "/alerts", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "All of them.", body = Data<Vec<AlertView>>)))]
async fn list_alerts(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<Vec<AlertView>>>> {
    Ok(Json(Data { data: services.alerts.list(&caller).await? }))
}

/// Remove a price alert.
#[utoipa::path(delete, path = "/alerts/{alert_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same."),
        ("alert_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 204, description = "It is gone.")))]
async fn delete_alert(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    AlertPath(alert_id): AlertPath,
    NoQuery: NoQuery,
) -> HandlerResult<StatusCode> {
    services.alerts.delete(&caller, alert_id, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
