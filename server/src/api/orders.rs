//! Routes under `/orders`, `/order-groups` and `/positions`: placing, listing, changing and canceling orders.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::Timestamp;
use cnop_api::trading::{
    CancelResult, ClosePositionRequest, Data, OrderGroupRequest, OrderGroupView, OrderPreview, OrderQuery,
    OrderReplaceRequest, OrderRequest, OrderView, Page, StatusFilter,
};
use cnop_domain::{AssetId, Side, SidedOrderType};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{
    AssetPath, HandlerResult, Idempotency, IfMatch, JsonBody, NoQuery, OrderPath, Query, VersionedOrder,
    query, versioned,
};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(place_order, list_orders, cancel_orders))
        .routes(routes!(preview_order))
        .routes(routes!(find_order, replace_order, cancel_order))
        .routes(routes!(place_order_group))
        .routes(routes!(preview_order_group))
        .routes(routes!(close_position))
}

/// Place an order.
///
/// With `take_profit`, `stop_loss` or both, the order is the purchase of an OTO or a bracket; its exits
/// sell what it has bought so far.
#[utoipa::path(post, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = OrderRequest,
    responses((status = 201, description = "The order; a market order is filled. `ETag` is its version, weak.",
        body = Data<OrderView>)))]
async fn place_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    JsonBody(request): JsonBody<OrderRequest>,
) -> HandlerResult<(StatusCode, VersionedOrder)> {
    let order = services.orders.place(&caller, request, key).await?;
    Ok((StatusCode::CREATED, versioned(order)))
}

/// Place orders that belong together: an OCO, an OTO or a bracket. All are accepted, or none.
#[utoipa::path(post, path = "/order-groups", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = OrderGroupRequest,
    responses((status = 201, description = "The group with its orders.", body = Data<OrderGroupView>)))]
async fn place_order_group(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderGroupRequest>,
) -> HandlerResult<(StatusCode, Json<Data<OrderGroupView>>)> {
    let data = services.orders.place_group(&caller, request, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// Preview an order. Nothing is written.
#[utoipa::path(post, path = "/orders/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = OrderRequest,
    responses((status = 200, description = "The estimate.", body = Data<OrderPreview>)))]
async fn preview_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderRequest>,
) -> HandlerResult<Json<Data<OrderPreview>>> {
    Ok(Json(Data { data: services.orders.preview(&caller, request).await? }))
}

/// Preview a group: its first order, the others, and the problems that would refuse it. Nothing is written.
#[utoipa::path(post, path = "/order-groups/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = OrderGroupRequest,
    responses((status = 200, description = "The estimate.", body = Data<OrderPreview>)))]
async fn preview_order_group(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderGroupRequest>,
) -> HandlerResult<Json<Data<OrderPreview>>> {
    Ok(Json(Data { data: services.orders.preview_group(&caller, request).await? }))
}

/// Filters and page of `GET /orders`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrderListParams {
    /// Only orders of this asset.
    #[serde(default, deserialize_with = "query::asset")]
    #[param(value_type = Option<String>)]
    asset_id: Option<AssetId>,
    /// Only this type, such as `limit_buy`.
    #[serde(default, deserialize_with = "order_type")]
    order_type: Option<SidedOrderType>,
    /// Only `buy` or `sell`.
    #[serde(default, deserialize_with = "side")]
    side: Option<Side>,
    /// Only this status; `open` and `closed` are several.
    #[serde(default, deserialize_with = "status")]
    #[param(value_type = Option<String>)]
    status: Option<StatusFilter>,
    /// Only orders accepted at this time or later.
    #[serde(default, deserialize_with = "query::time")]
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Only orders accepted before this time.
    #[serde(default, deserialize_with = "query::time")]
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Only orders that were accepted, filled, changed or closed at this time or later, whenever they were accepted.
    #[serde(default, deserialize_with = "query::time")]
    #[param(value_type = Option<String>, format = DateTime)]
    updated_since: Option<Timestamp>,
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

impl From<OrderListParams> for OrderQuery {
    fn from(params: OrderListParams) -> Self {
        Self {
            asset_id: params.asset_id,
            order_type: params.order_type,
            kind: None,
            side: params.side,
            status: params.status,
            since: params.since,
            until: params.until,
            updated_since: params.updated_since,
            limit: params.limit,
            offset: params.offset,
            cursor: params.cursor,
        }
    }
}

fn order_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SidedOrderType>, D::Error> {
    let detail = "`order_type` is a type and a side, such as market_buy or stop_limit_sell.";
    query::optional(deserializer, detail, |text| text.parse().ok())
}

fn side<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Side>, D::Error> {
    query::optional(deserializer, "`side` is buy or sell.", Side::from_text)
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StatusFilter>, D::Error> {
    let detail = "`status` is one of an order's states, open or closed.";
    query::optional(deserializer, detail, StatusFilter::from_text)
}

/// Your orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(OrderListParams),
    responses((status = 200, description = "One page.", body = Page<OrderView>)))]
async fn list_orders(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Query(params): Query<OrderListParams>,
) -> HandlerResult<Json<Page<OrderView>>> {
    Ok(Json(services.orders.list(&caller, params.into()).await?))
}

/// One order with its fills.
#[utoipa::path(get, path = "/orders/{order_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 200, description = "The order. `ETag` is its version, weak.", body = Data<OrderView>)))]
async fn find_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
) -> HandlerResult<VersionedOrder> {
    Ok(versioned(services.orders.get(&caller, order_id).await?))
}

/// Change an open order: a new version of the same order, checked and reserved like a new one.
///
/// An omitted member stays; an unknown member is refused. Its time priority becomes that of the change.
#[utoipa::path(patch, path = "/orders/{order_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to change, or up to 16 of them; 412 for another."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = OrderReplaceRequest,
    responses((status = 200, description = "The order as it is now. `ETag` is its version, weak.", body = Data<OrderView>)))]
async fn replace_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
    IfMatch(versions): IfMatch,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderReplaceRequest>,
) -> HandlerResult<VersionedOrder> {
    Ok(versioned(services.orders.replace(&caller, order_id, request, versions, key).await?))
}

/// Cancel an open order, and its sibling if it has one.
#[utoipa::path(delete, path = "/orders/{order_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to cancel, or up to 16 of them; 412 for another."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    responses((status = 200, description = "The order, canceled.", body = Data<OrderView>)))]
async fn cancel_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
    IfMatch(versions): IfMatch,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
) -> HandlerResult<VersionedOrder> {
    Ok(versioned(services.orders.cancel(&caller, order_id, versions, key).await?))
}

/// Filter of `DELETE /orders`. A misspelt one must not cancel everything.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OrderCancelParams {
    /// Only orders of this asset.
    #[serde(default, deserialize_with = "query::asset_unless_absent")]
    #[param(value_type = Option<String>)]
    asset_id: Option<AssetId>,
}

/// Cancel all open orders, one transaction each.
#[utoipa::path(delete, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same."),
        OrderCancelParams),
    responses((status = 207, description = "The result of each order; empty when none was open.",
        body = Data<Vec<CancelResult>>)))]
async fn cancel_orders(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    Query(params): Query<OrderCancelParams>,
) -> HandlerResult<(StatusCode, Json<Data<Vec<CancelResult>>>)> {
    let data = services.orders.cancel_all(&caller, params.asset_id, key).await?;
    Ok((StatusCode::MULTI_STATUS, Json(Data { data })))
}

/// Sell a part or all of the available coins of an asset, at market.
#[utoipa::path(post, path = "/positions/{asset_id}/close", tag = "Trading",
    security(("bearer" = []), ("session" = [])),
    params(("asset_id" = String, Path, description = "1 to 10 letters or digits, any case."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same.")),
    request_body = ClosePositionRequest,
    responses((status = 201, description = "The sale. `ETag` is its version, weak.", body = Data<OrderView>)))]
async fn close_position(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    AssetPath(asset_id): AssetPath,
    Idempotency(key): Idempotency,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<ClosePositionRequest>,
) -> HandlerResult<(StatusCode, VersionedOrder)> {
    let order = services.orders.close_position(&caller, asset_id, request, key).await?;
    Ok((StatusCode::CREATED, versioned(order)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> HandlerResult<OrderQuery> {
        query::read::<OrderListParams>(text).map(Into::into)
    }

    #[test]
    fn every_filter_is_read() {
        let text = "asset_id=btc&order_type=trailing_stop_sell&side=sell&status=open&limit=5&offset=2&cursor=c\
                    &since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z&other=1";
        let query = read(text).unwrap();
        assert_eq!(query.asset_id, "BTC".parse().ok());
        assert_eq!(query.order_type, "trailing_stop_sell".parse().ok());
        assert_eq!((query.side, query.status), (Some(Side::Sell), Some(StatusFilter::Open)));
        assert!(query.since < query.until);
        assert_eq!((query.limit, query.offset, query.cursor.as_deref()), (5, 2, Some("c")));
        assert_eq!(read("").unwrap(), OrderQuery { limit: 50, ..OrderQuery::default() });
    }

    #[test]
    fn a_filter_that_is_none_is_named() {
        for (text, name) in [
            ("order_type=market", "order_type"),
            ("side=both", "side"),
            ("status=done", "status"),
            ("since=yesterday", "since"),
            ("until=2026-11-21", "until"),
        ] {
            let refusal = read(text).unwrap_err();
            assert_eq!(refusal.0.errors[0].parameter.as_deref(), Some(name));
        }
    }
}
