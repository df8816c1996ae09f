//! Outcome of an order: filled, resting, waiting or ended.

use cnop_api::trading::OrderView;
use cnop_domain::{Amount, AssetId, OrderStatus, TradingRules};
use leptos::prelude::*;

use super::super::order::outcome::{outcome, settled};
use super::super::order::{fill_detail, fill_title};
use crate::components::ui::{Note, NoticeTitle, RowTitle, Small, Story, Tone};
use crate::components::{Icon, icon};
use crate::format;
use crate::forms::FORM_RESULT;
use crate::pages::fills::fee_text;

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
    let (tone, mark) = match first.status {
        OrderStatus::Expired | OrderStatus::Rejected | OrderStatus::Canceled => {
            (Tone::Warning, Icon::Warning)
        }
        _ => (Tone::Good, Icon::Done),
    };
    Some(view! {
        <section class=tone.class() id=FORM_RESULT role="status" tabindex="-1">
            {icon(mark)}
            <div class="min-w-0">
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
        fee_text(fee_bps),
    )
}
