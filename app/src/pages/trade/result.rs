//! Outcome of an order: filled, resting, waiting or ended.

use cnop_api::trading::OrderView;
use cnop_domain::{Amount, AssetId, OrderStatus, Side, TradingRules};
use leptos::prelude::*;

use super::super::order::words::{ended, terms};
use super::super::order::{fill_detail, fill_title};
use crate::components::ui::{Note, NoticeTitle, RowTitle, Small, Story};
use crate::components::{Icon, icon};
use crate::format;
use crate::forms::FORM_RESULT;

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
                    <a href=format!("/orders/{}", first.order_id)>"The order's story"</a> " · "
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
        "Steps of {} {asset}, prices in steps of {}, at least {}, at most {} an order; a sale of all you have may be smaller. Fee {}.",
        format::quantity(rules.step_size),
        rules.tick_size,
        format::usd(rules.min_notional),
        format::usd(order_max.min(rules.max_notional)),
        format::share(f64::from(fee_bps) / 100.0),
    )
}

/// Outcome of one order, and what it moved, as a text.
pub(in crate::pages) fn outcome_text(order: &OrderView) -> String {
    [Some(outcome(order)), settled(order)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What became of one order.
fn outcome(order: &OrderView) -> String {
    let done = || {
        format!(
            "{} {} {} for {}, fee {}.",
            if order.side == Side::Sell { "Sold" } else { "Bought" },
            format::quantity(order.filled_quantity),
            order.asset_id,
            format::usd(order.total_amount),
            format::usd(order.fees),
        )
    };
    let terms = terms(order);
    match order.status {
        OrderStatus::Completed => done(),
        OrderStatus::PartiallyFilled => {
            let left = format::quantity(order.remaining_quantity);
            format!("{} {left} {} wait for the price.", done(), order.asset_id)
        }
        OrderStatus::Working => format!("{terms}. It waits for its price."),
        OrderStatus::WaitingTrigger => format!("{terms}. It waits for its trigger."),
        OrderStatus::Held => format!("{terms}. It is held until the purchase is filled."),
        _ if order.filled_quantity.is_zero() => format!("{terms}. It {}.", ended(order)),
        _ => format!("{} The rest {}.", done(), ended(order)),
    }
}

/// What left or entered the balance, and what is held back.
fn settled(order: &OrderView) -> Option<String> {
    let moved = if order.side == Side::Sell {
        let received = order.total_amount.checked_sub(order.fees).ok()?;
        format!("You received {}.", format::usd(received))
    } else {
        let paid = order.total_amount.checked_add(order.fees).ok()?;
        format!("You paid {} in all.", format::usd(paid))
    };
    let held = order.reserved.as_ref();
    let held = held.map(|held| format!("{} {} are reserved until it ends.", held.amount, held.currency));
    match (order.filled_quantity.is_zero(), held) {
        (false, None) => Some(moved),
        (false, Some(held)) => Some(format!("{moved} {held}")),
        (true, held) => held,
    }
}
