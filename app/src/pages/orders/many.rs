//! Actions on several orders, and the undo of a cancel.

use leptos::prelude::*;

use crate::address::with_member;
use crate::error::AppError;
use crate::forms::{Form, respond};

/// Cancels the orders whose boxes are ticked. `back` is the local address of the page that is shown next.
///
/// # Errors
/// No order at all. Refusals of single orders are counted.
#[server(prefix = "/fn", endpoint = "orders/cancel-picked")]
pub(crate) async fn orders_cancel_picked(
    #[server(default)] orders: Vec<String>,
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let form = Form { name: "cancel", page: with_member(&back, "form=cancel"), key, kept: Vec::new() };
    let outcome = server::cancel_picked(&orders).await;
    respond(outcome, form, |(canceled, failed)| {
        with_member(&back, &format!("result=canceled_all&count={canceled}&failed={failed}"))
    })
}

/// Places a canceled order again, with the terms and the quantity that it still had: a new order at the back of the queue.
///
/// # Errors
/// An order that its owner has not just canceled alone; refusals of the trading rules.
#[server(prefix = "/fn", endpoint = "order/again")]
pub(crate) async fn order_again(
    #[server(default)] order_id: String,
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let form =
        Form { name: "cancel", page: with_member(&back, "form=cancel"), key: key.clone(), kept: Vec::new() };
    let outcome = server::again(&order_id, &key).await;
    respond(outcome, form, |_| with_member(&back, "result=again"))
}

/// Cancels every open order and sells every position at market. `back` is the local address of the page that is shown next.
///
/// # Errors
/// Orders or positions that cannot be read. Refusals of single orders and sales are counted.
#[server(prefix = "/fn", endpoint = "orders/flatten")]
pub(crate) async fn orders_flatten(
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let form =
        Form { name: "cancel", page: with_member(&back, "form=cancel"), key: key.clone(), kept: Vec::new() };
    let outcome = server::flatten(&key).await;
    respond(outcome, form, |(canceled, sold, failed)| {
        with_member(&back, &format!("result=flattened&count={canceled}&sold={sold}&failed={failed}"))
    })
}

mod server {
    use cnop_api::trading::{ClosePositionRequest, OrderRequest, OrderView};
    use cnop_api::{Code, Figure, Problem};
    use cnop_domain::{OrderId, OrderStatus, Reason};

    use crate::context;
    use crate::forms::idempotency_key;

    /// Orders that are canceled with one form, at most: as many as a list shows.
    const PICKED_MAX: usize = 100;
    /// Time in which a cancel can be undone.
    const UNDO_US: i64 = 5 * 60 * 1_000_000;

    pub(super) async fn cancel_picked(orders: &[String]) -> Result<(usize, usize), Problem> {
        let caller = context::signed_in()?;
        let services = context::services()?;
        if orders.is_empty() {
            return Err(Problem::new(Code::RequestInvalid, "Select the orders to cancel first."));
        }
        let mut canceled = 0;
        for text in orders.iter().take(PICKED_MAX) {
            let Ok(order_id) = text.parse::<OrderId>() else { continue };
            // The same key as that of the order's own button: it is one command.
            let key = idempotency_key(&format!("cancel-{order_id}"))?;
            canceled += usize::from(services.orders.cancel(&caller, order_id, None, key).await.is_ok());
        }
        Ok((canceled, orders.len() - canceled))
    }

    pub(super) async fn again(order_id: &str, key: &str) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let services = context::services()?;
        let missing = |_| Problem::new(Code::OrderNotFound, "There is no such order in your account.");
        let (order_id, key) = (order_id.parse().map_err(missing)?, idempotency_key(key)?);
        let order = services.orders.get(&caller, order_id).await.map_err(Problem::from)?;
        let now = services.clock().now_us();
        let is_fresh = order.closed_at.is_some_and(|time| now.saturating_sub(time.0) < UNDO_US);
        let is_own = order.status == OrderStatus::Canceled && order.status_reason == Some(Reason::User);
        if !is_own || !is_fresh || order.group.is_some() {
            let detail = "This cancel can no longer be undone. Place the order again from the ticket.";
            return Err(Problem::new(Code::RequestInvalid, detail));
        }
        services.orders.place(&caller, same_terms(&order)?, key).await.map_err(Problem::from)
    }

    /// The order's terms with what was left of its quantity.
    fn same_terms(order: &OrderView) -> Result<OrderRequest, Problem> {
        let spent = |_| Problem::new(Code::RequestInvalid, "This order had no quantity left to place again.");
        let left = order.quantity.checked_sub(order.filled_quantity).map_err(spent)?;
        let figure = |text: String| Some(Figure(text));
        Ok(OrderRequest {
            side: Some(order.side.to_string()),
            kind: Some(order.kind.to_string()),
            asset_id: order.asset_id.to_string(),
            quantity: figure(left.to_string()),
            price: if order.kind.has_limit() { figure(order.price.to_string()) } else { None },
            stop_price: order.stop_price.map(|price| Figure(price.to_string())),
            trail_bps: order.trail_bps,
            trail_amount: order.trail_amount.map(|price| Figure(price.to_string())),
            time_in_force: Some(order.time_in_force.to_string()),
            expires_at: order.expires_at,
            post_only: order.post_only,
            ..OrderRequest::default()
        })
    }

    pub(super) async fn flatten(key: &str) -> Result<(usize, usize, usize), Problem> {
        let caller = context::signed_in()?;
        let services = context::services()?;
        let results = services.orders.cancel_all(&caller, None, idempotency_key(key)?).await;
        let results = results.map_err(Problem::from)?;
        let canceled = results.iter().filter(|result| result.order.is_some()).count();
        let mut failed = results.len() - canceled;
        let mut sold = 0;
        for held in services.ledger.asset_balances(&caller).await.map_err(Problem::from)? {
            if held.available.is_zero() {
                continue;
            }
            let all = ClosePositionRequest { percent: Some(Figure("100".to_owned())), ..Default::default() };
            let key = idempotency_key(&format!("{key}-{}", held.asset_id))?;
            let sale = services.orders.close_position(&caller, held.asset_id, all, key).await;
            if sale.is_ok() { sold += 1 } else { failed += 1 }
        }
        Ok((canceled, sold, failed))
    }
}
