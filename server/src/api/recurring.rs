//! Routes under `/recurring`: recurring orders.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::trading::{Data, RecurringPreview, RecurringRequest, RecurringUpdate, RecurringView};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{HandlerResult, Idempotency, JsonBody, NoQuery, PlanPath};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create_recurring, list_recurring))
        .routes(routes!(preview_recurring))
        .routes(routes!(find_recurring, update_recurring, delete_recurring))
}

/// Buy an amount of an asset daily, weekly or monthly.
#[utoipa::path(post, path = "/recurring", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = RecurringRequest,
    responses((status = 201, description = "The recurring order with its next run.", body = Data<RecurringView>)))]
async fn create_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<RecurringRequest>,
) -> HandlerResult<(StatusCode, Json<Data<RecurringView>>)> {
    let data = services.recurring.create(&caller, request, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// Your recurring orders, newest first.
#[utoipa::path(get, path = "/recurring", tag = "Trading", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "All of them.", body = Data<Vec<RecurringView>>)))]
async fn list_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<Vec<RecurringView>>>> {
    Ok(Json(Data { data: services.recurring.list(&caller).await? }))
}

/// Preview a recurring order: its next runs, and a run at this moment. Nothing is written.
#[utoipa::path(post, path = "/recurring/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = RecurringRequest,
    responses((status = 200, description = "The estimate.", body = Data<RecurringPreview>)))]
async fn preview_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<RecurringRequest>,
) -> HandlerResult<Json<Data<RecurringPreview>>> {
    Ok(Json(Data { data: services.recurring.preview(&caller, request).await? }))
}

/// One recurring order with its last run.
#[utoipa::path(get, path = "/recurring/{recurring_id}", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("recurring_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 200, description = "The recurring order.", body = Data<RecurringView>)))]
async fn find_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    PlanPath(recurring_id): PlanPath,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<RecurringView>>> {
    Ok(Json(Data { data: services.recurring.get(&caller, recurring_id).await? }))
}

/// Change, pause or resume a recurring order. An omitted member stays.
#[utoipa::path(patch, path = "/recurring/{recurring_id}", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same."),
        ("recurring_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    request_body = RecurringUpdate,
    responses((status = 200, description = "The recurring order as it is now.", body = Data<RecurringView>)))]
async fn update_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    PlanPath(recurring_id): PlanPath,
    NoQuery: NoQuery,
    JsonBody(update): JsonBody<RecurringUpdate>,
) -> HandlerResult<Json<Data<RecurringView>>> {
    Ok(Json(Data { data: services.recurring.update(&caller, recurring_id, update, key).await? }))
}

/// End a recurring order. The orders that it placed stay.
#[utoipa::path(delete, path = "/recurring/{recurring_id}", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same."),
        ("recurring_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 204, description = "It is gone.")))]
async fn delete_recurring(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    PlanPath(recurring_id): PlanPath,
    NoQuery: NoQuery,
) -> HandlerResult<StatusCode> {
    services.recurring.delete(&caller, recurring_id, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
