//! `/orders`, `/order-groups` and `/positions`: placing, looking up, changing and canceling orders.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::trading::{
    CancelResult, ClosePositionRequest, Data, OrderGroupRequest, OrderGroupView, OrderPreview, OrderQuery,
    OrderReplaceRequest, OrderRequest, OrderView, Page,
};
use cnop_domain::{OrderStatus, OrderType, Side};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::Venue;
use crate::web::{
    Answer, AssetPath, Idempotency, IfMatch, JsonBody, NoQuery, OrderPath, Query, VersionedOrder, versioned,
};

/// Most rows of a page, and how many when nothing is asked.
pub(super) const PAGE_ROWS_MAX: u32 = 100;
/// See [`PAGE_ROWS_MAX`].
pub(super) const PAGE_ROWS: u32 = 50;
/// Most rows that an offset leaves out; further back goes by cursor.
pub(super) const OFFSET_MAX: u32 = 10_000;
/// What `status` can be besides a status: several at once.
const STATUS_GROUPS: [&str; 2] = ["open", "closed"];

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<Venue> {
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
/// With `take_profit`, `stop_loss` or both, the order is the purchase of an OTO or a bracket; its exits are held
/// until it is completely filled.
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
) -> Answer<(StatusCode, VersionedOrder)> {
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
) -> Answer<(StatusCode, Json<Data<OrderGroupView>>)> {
    let data = services.orders.place_group(&caller, request, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// What an order would do now. Nothing is written.
#[utoipa::path(post, path = "/orders/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = OrderRequest,
    responses((status = 200, description = "The estimate.", body = Data<OrderPreview>)))]
async fn preview_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderRequest>,
) -> Answer<Json<Data<OrderPreview>>> {
    Ok(Json(Data { data: services.orders.preview(&caller, request).await? }))
}

/// What a group would do now: its first order, the others, and what it would be refused for. Nothing is written.
#[utoipa::path(post, path = "/order-groups/preview", tag = "Trading", security(("bearer" = []), ("session" = [])),
    request_body = OrderGroupRequest,
    responses((status = 200, description = "The estimate.", body = Data<OrderPreview>)))]
async fn preview_order_group(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
    JsonBody(request): JsonBody<OrderGroupRequest>,
) -> Answer<Json<Data<OrderPreview>>> {
    Ok(Json(Data { data: services.orders.preview_group(&caller, request).await? }))
}

/// Your orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("asset_id" = Option<String>, Query, description = "Only this asset."),
        ("order_type" = Option<String>, Query, description = "Only this type, such as `limit_buy`."),
        ("side" = Option<String>, Query, description = "Only `buy` or `sell`."),
        ("status" = Option<String>, Query, description = "Only this status; `open` and `closed` are several."),
        ("since" = Option<String>, Query, description = "Only orders accepted at this time or later."),
        ("until" = Option<String>, Query, description = "Only orders accepted before this time."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 when left out."),
        ("offset" = Option<u32>, Query, description = "How many of the newest to leave out; not looked at with a cursor."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = Page<OrderView>)))]
async fn list_orders(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Answer<Json<Page<OrderView>>> {
    let query = order_query(query)?;
    Ok(Json(services.orders.list(&caller, query).await?))
}

fn order_query(query: Query) -> Answer<OrderQuery> {
    let query = query.known(&[
        "asset_id",
        "order_type",
        "side",
        "status",
        "since",
        "until",
        "limit",
        "offset",
        "cursor",
    ])?;
    let kept = |is_known: bool, text: &str| is_known.then(|| text.to_owned());
    Ok(OrderQuery {
        asset_id: query.asset("asset_id")?,
        order_type: query.read(
            "order_type",
            "`order_type` is a type and a side, such as market_buy or stop_limit_sell.",
            |text| kept(OrderType::from_text_with_side(text).is_some(), text),
        )?,
        side: query
            .read("side", "`side` is buy or sell.", |text| kept(Side::from_text(text).is_some(), text))?,
        status: query.read("status", "`status` is one of an order's states, open or closed.", |text| {
            kept(STATUS_GROUPS.contains(&text) || OrderStatus::from_text(text).is_some(), text)
        })?,
        since: query.time("since")?,
        until: query.time("until")?,
        limit: query.number("limit", 1..=PAGE_ROWS_MAX, PAGE_ROWS)?,
        offset: query.number("offset", 0..=OFFSET_MAX, 0)?,
        cursor: query.owned("cursor"),
    })
}

/// One order with its fills.
#[utoipa::path(get, path = "/orders/{order_id}", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("order_id" = String, Path, description = "10 to 50 letters, digits, `_` or `-`.")),
    responses((status = 200, description = "The order. `ETag` is its version, weak.", body = Data<OrderView>)))]
async fn find_order(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    OrderPath(order_id): OrderPath,
) -> Answer<VersionedOrder> {
    Ok(versioned(services.orders.get(&caller, &order_id).await?))
}

/// Change an open order: a new version of the same order, checked and reserved like a new one.
///
/// What is left out stays; a member that is not known is refused. Its place in time is that of the change.
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
) -> Answer<VersionedOrder> {
    Ok(versioned(services.orders.replace(&caller, &order_id, request, versions, key).await?))
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
) -> Answer<VersionedOrder> {
    Ok(versioned(services.orders.cancel(&caller, &order_id, versions, key).await?))
}

/// Cancel all open orders, one transaction each.
#[utoipa::path(delete, path = "/orders", tag = "Trading", security(("bearer" = []), ("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same key answer the same."),
        ("asset_id" = Option<String>, Query, description = "Only orders of this asset.")),
    responses((status = 207, description = "What happened to each order; empty when none was open.",
        body = Data<Vec<CancelResult>>)))]
async fn cancel_orders(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Idempotency(key): Idempotency,
    query: Query,
) -> Answer<(StatusCode, Json<Data<Vec<CancelResult>>>)> {
    // A misspelt filter must not cancel everything.
    let query = query.only(&["asset_id"])?;
    let data = services.orders.cancel_all(&caller, query.asset_unless_absent("asset_id")?, key).await?;
    Ok((StatusCode::MULTI_STATUS, Json(Data { data })))
}

/// Sell a part or all of what is available of an asset, at market.
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
) -> Answer<(StatusCode, VersionedOrder)> {
    let order = services.orders.close_position(&caller, asset_id, request, key).await?;
    Ok((StatusCode::CREATED, versioned(order)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_read() {
        let text = "asset_id=btc&order_type=trailing_stop_sell&side=sell&status=open&limit=5&offset=2&cursor=c\
                    &since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z&other=1";
        let query = order_query(Query::parse(text)).unwrap();
        assert_eq!(query.asset_id, "BTC".parse().ok());
        assert_eq!(query.order_type.as_deref(), Some("trailing_stop_sell"));
        assert_eq!((query.side.as_deref(), query.status.as_deref()), (Some("sell"), Some("open")));
        assert!(query.since < query.until);
        assert_eq!((query.limit, query.offset, query.cursor.as_deref()), (5, 2, Some("c")));
        assert_eq!(
            order_query(Query::parse("")).unwrap(),
            OrderQuery { limit: PAGE_ROWS, ..OrderQuery::default() }
        );
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
            let refusal = order_query(Query::parse(text)).unwrap_err();
            assert_eq!(refusal.0.errors[0].parameter.as_deref(), Some(name));
        }
    }
}
