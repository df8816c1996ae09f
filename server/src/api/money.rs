//! Routes under `/balance` and `/assets/balances`: dollars and coins of an account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::money::{AssetBalance, Balance, Transactions, TransferReceipt, TransferRequest};
use cnop_api::trading::Data;
use cnop_gateway::SignedIn;
use cnop_services::Services;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{AssetPath, HandlerResult, Idempotency, JsonBody, NoQuery, Query, query};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(find_balance))
        .routes(routes!(create_deposit))
        .routes(routes!(create_withdrawal))
        .routes(routes!(list_transactions))
        .routes(routes!(find_asset_balance))
        .routes(routes!(list_asset_balances))
}

/// Your balance in dollars.
#[utoipa::path(get, path = "/balance", tag = "Money", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The balance.", body = Balance)))]
async fn find_balance(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> HandlerResult<Json<Balance>> {
    Ok(Json(services.ledger.balance(&caller).await?))
}

/// Deposit dollars into your account.
#[utoipa::path(post, path = "/balance/deposit", tag = "Money", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = TransferRequest,
    responses((status = 201, description = "Booked.", body = TransferReceipt)))]
async fn create_deposit(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    JsonBody(request): JsonBody<TransferRequest>,
) -> HandlerResult<(StatusCode, Json<TransferReceipt>)> {
    Ok((StatusCode::CREATED, Json(services.ledger.deposit(&caller, request, key).await?)))
}

/// Withdraw dollars from your account.
#[utoipa::path(post, path = "/balance/withdraw", tag = "Money", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = TransferRequest,
    responses((status = 201, description = "Booked.", body = TransferReceipt)))]
async fn create_withdrawal(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    JsonBody(request): JsonBody<TransferRequest>,
) -> HandlerResult<(StatusCode, Json<TransferReceipt>)> {
    Ok((StatusCode::CREATED, Json(services.ledger.withdraw(&caller, request, key).await?)))
}

/// Page of the movements.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TransactionParams {
    /// Rows of the page.
    #[serde(default = "query::page_rows", deserialize_with = "query::limit")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Every movement of your dollars, newest first.
#[utoipa::path(get, path = "/balance/transactions", tag = "Money", security(("bearer" = []), ("session" = [])),
    params(TransactionParams),
    responses((status = 200, description = "One page.", body = Transactions)))]
async fn list_transactions(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Query(TransactionParams { limit, cursor }): Query<TransactionParams>,
) -> HandlerResult<Json<Transactions>> {
    Ok(Json(services.ledger.transactions(&caller, limit, cursor.as_deref()).await?))
}

/// Your coins of one asset.
#[utoipa::path(get, path = "/balance/asset/{asset_id}", tag = "Money",
    security(("bearer" = []), ("session" = [])),
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case.")),
    responses((status = 200, description = "The holding.", body = AssetBalance)))]
async fn find_asset_balance(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    AssetPath(asset_id): AssetPath,
) -> HandlerResult<Json<AssetBalance>> {
    Ok(Json(services.ledger.asset_balance(&caller, asset_id).await?))
}

/// Balances of all your coins.
#[utoipa::path(get, path = "/assets/balances", tag = "Money", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Every holding.", body = Data<Vec<AssetBalance>>)))]
async fn list_asset_balances(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Data<Vec<AssetBalance>>>> {
    Ok(Json(Data { data: services.ledger.asset_balances(&caller).await? }))
}
