//! Outcome of an order: filled, resting, waiting or ended.

use cnop_api::trading::OrderView;
use cnop_domain::{Amount, AssetId, OrderStatus, Side, TradingRules};
use leptos::prelude::*;

use super::super::order::words::{act, ended, reserved, terms};
use super::super::order::{fill_detail, fill_title};
use crate::components::ui::{Note, NoticeTitle, RowTitle, Small, Story};
use crate::components::{Icon, icon};
use crate::forms::FORM_RESULT;
use crate::{format, labels};

/// Outcome of orders that were placed, a sentence each, with their fills. Nothing without one.
#[component]
pub(super) fn OrderResult(
    /// The order, and the others of its group.
    orders: Vec<OrderView>,
) -> impl IntoView {
    let first = orders.first()?;
    let fills = first
        .fills
        .iter()
        .map(|fill| {
            view! {
                <li>
                    <RowTitle>{fill_title(first, fill)}</RowTitle>
                    <Note>{fill_detail(first, fill)}</Note>
                </li>
            }
        })
        .collect_view();
    let others = orders
        .iter()
        .skip(1)
        .map(|order| {
            view! { <li><a href=format!("/orders/{}", order.order_id)>{outcome(order)}</a></li> }
        })
        .collect_view();
    let (look, mark) = match first.status {
        OrderStatus::Expired | OrderStatus::Rejected | OrderStatus::Canceled => ("warn", Icon::Warning),
        _ => ("good", Icon::Done),
    };
    Some(view! {
        <section class=format!("notice {look} result") id=FORM_RESULT role="status" tabindex="-1">
            {icon(mark)}
            <div>
                <NoticeTitle>{outcome(first)}</NoticeTitle>
                <p>{settled(first)}</p>
                <Story>{fills} {others}</Story>
                <Small>
                    <a href=format!("/orders/{}", first.order_id)>"Order details"</a> " · "
                    <a href="/orders">"Orders"</a> " · "
                    <a href="/portfolio">"Portfolio"</a>
                </Small>
            </div>
        </section>
    })
}

/// The trading rules that matter while typing.
pub(super) fn rules_text(asset: AssetId, rules: &TradingRules, order_max: Amount, fee_bps: u32) -> String {
    format!(
        "Step {} {asset} · tick {} · {}–{} USD per order · fee {}.",
        format::quantity(rules.step_size),
        rules.tick_size,
        format::amount_short(rules.min_notional),
        format::amount_short(order_max.min(rules.max_notional)),
        format::share(f64::from(fee_bps) / 100.0),
    )
}

/// Outcome of one order, and what it moved, as a text.
pub(in crate::pages) fn outcome_text(order: &OrderView) -> String {
    [Some(outcome(order)), settled(order)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Outcome of one order: its execution so far, or its terms with its status.
fn outcome(order: &OrderView) -> String {
    let placed = || {
        let (kind, status) = (labels::order_type(order.kind), labels::status(order.status));
        format!("{} ({}, {})", act(order), kind.to_lowercase(), status.to_lowercase())
    };
    match order.status {
        OrderStatus::Completed => filled(order),
        OrderStatus::PartiallyFilled => {
            let left = format::quantity(order.remaining_quantity);
            format!("{} {left} {} still open.", filled(order), order.asset_id)
        }
        OrderStatus::Working | OrderStatus::WaitingTrigger => format!("Order placed: {}.", placed()),
        OrderStatus::Held => format!("Order placed: {}. Starts when your buy is filled.", placed()),
        _ if order.filled_quantity.is_zero() => format!("{}: {}.", terms(order), ended(order)),
        _ => format!("{} The rest {}.", filled(order), ended(order)),
    }
}

/// `Bought 0.05 BTC at 72,665.10. Total 3,636.888255 USD incl. 3.633255 fee.`
fn filled(order: &OrderView) -> String {
    let (quantity, fee) = (format::quantity(order.filled_quantity), format::amount(order.fees));
    let price = order.average_price.map(format::price).unwrap_or_default();
    if order.side == Side::Sell {
        let received = order.total_amount.checked_sub(order.fees).unwrap_or(order.total_amount);
        let received = format::usd(received);
        return format!(
            "Sold {quantity} {} at {price}. Received {received} after {fee} fee.",
            order.asset_id
        );
    }
    let paid = format::usd(order.total_amount.checked_add(order.fees).unwrap_or(order.total_amount));
    format!("Bought {quantity} {} at {price}. Total {paid} incl. {fee} fee.", order.asset_id)
}

/// The reserve of an open order.
fn settled(order: &OrderView) -> Option<String> {
    order.reserved.as_ref().map(|held| format!("{} reserved.", reserved(held)))
}
