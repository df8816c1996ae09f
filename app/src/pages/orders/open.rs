//! What is open now.

use cnop_api::Problem;
use cnop_api::trading::{OrderQuery, OrderView, StatusFilter};
use cnop_domain::{GroupKind, Role};
use leptos::prelude::*;

use super::table::type_words;
use crate::components::{cancel_button, change_path, empty, goes_along, told};
use crate::drawn::{Asked, with_member};
use crate::erased::Erase;
use crate::{format, labels};

/// As many open orders as an account may have would be three screens; what is beyond is found in the history.
const OPEN_ROWS: u32 = 100;

/// Open orders, of one asset if the page is about one. On the page of an asset nothing is drawn when none is open.
///
/// # Errors
/// When the orders cannot be read.
pub(crate) async fn open(asked: &Asked) -> Result<AnyView, Problem> {
    let at = asked.get("at");
    let is_list = at.is_empty();
    let page = asked.address(if is_list { "/orders" } else { at }, &["change", "cancel_all", "asset_only"]);
    let asset_id = if is_list { None } else { asked.get("asset").parse().ok() };
    let query =
        OrderQuery { asset_id, status: Some(StatusFilter::Open), limit: OPEN_ROWS, ..OrderQuery::default() };
    let orders = asked.services.orders.list(&asked.caller, query).await.map_err(Problem::from)?;
    let answer = if is_list { ().into_any() } else { told(asked) };
    if orders.data.is_empty() {
        let nothing = is_list.then(|| {
            let text =
                "Limits, stops and their groups wait here for their price, and can be changed and canceled.";
            view! {
                <section class="panel panel-flush" aria-labelledby="orders-open">
                    <h2 id="orders-open">"Open"</h2>
                    {empty("No order is open", text, Some(("/trade", "Place an order")))}
                </section>
            }
        });
        return Ok(view! { {answer} {nothing} }.into_any());
    }
    // Where an order is changed: in the list itself, or from elsewhere on the order's own page.
    let list = if is_list { page.clone() } else { String::new() };
    let rows = orders.data.iter().map(|order| row(asked, order, &page, &list)).collect_view();
    let heading = match asset_id {
        Some(asset_id) => format!("Open orders of {asset_id}"),
        None => "Open".to_owned(),
    };
    let more = orders.has_more.then(|| {
        view! { <p class="muted small rows-count">"The newest 100. " <a href="/orders?status=open#orders-history">"All that are open"</a></p> }
    });
    Ok(view! {
        {answer}
        <section class="panel panel-flush" aria-labelledby="orders-open">
            <div class="panel-head">
                <h2 id="orders-open">{heading} " " <span class="muted">{count(orders.data.len(), orders.has_more)}</span></h2>
                {cancel_all_link(asset_id.map(|asset_id| asset_id.to_string()), &list)}
            </div>
            <ul class="open-orders">{rows}</ul>
            {more}
        </section>
    }
    .into_any())
}

fn count(shown: usize, has_more: bool) -> String {
    if has_more { format!("{shown}+") } else { shown.to_string() }
}

/// The way to the second look.
fn cancel_all_link(asset: Option<String>, list: &str) -> AnyView {
    let path = match asset {
        Some(asset) => format!("/orders?cancel_all={asset}"),
        None => with_member(list, "cancel_all=all"),
    };
    view! { <a href=path>"Cancel all…"</a> }.erased()
}

fn row(asked: &Asked, order: &OrderView, page: &str, list: &str) -> AnyView {
    let side = labels::side_class(order.side);
    let change =
        if list.is_empty() { format!("/orders/{}", order.order_id) } else { change_path(order, list) };
    let group = order.group.as_ref().map(|group| {
        let word = group_words(group.kind, group.role);
        let one = group.others.len() == 1;
        let others = group
            .others
            .iter()
            .zip(1..)
            .map(|(other, place)| {
                let label =
                    if one { "its other order".to_owned() } else { format!("its other order {place}") };
                view! { ", " <a href=format!("/orders/{other}")>{label}</a> }
            })
            .collect_view();
        view! { <p class="muted small">{word} {others} ". " {goes_along(group)}</p> }
    });
    let quote = asked.services.inventory.quotes(&[order.asset_id]).into_iter().next();
    let last = quote.map(|quote| format::price(quote.last));
    view! {
        <li class="open-order">
            <div class="open-order-what">
                <p class="row-title">
                    <a href=format!("/orders/{}", order.order_id)><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</a>
                </p>
                <p class="small">{labels::status(order.status)} <span class="muted">{format!(" since {}", format::moment(order.updated_at))}</span></p>
                {group}
            </div>
            <dl class="open-order-figures small">
                {prices(order).into_iter().map(fact).collect_view()}
                {fact(("Filled", filled(order)))}
                {order.reserved.as_ref().map(|held| fact(("Holds back", format!("{} {}", held.amount, held.currency))))}
                {order.expires_at.map(|time| fact(("Ends", format::moment(time))))}
                {last.map(|last| fact(("Market, USD", last)))}
            </dl>
            <div class="open-order-acts">
                <a class="button small-button" href=change id=format!("change-{}", order.order_id)>
                    "Change" <span class="hidden-word">{format!(" the {} of {}", type_words(order), order.asset_id)}</span>
                </a>
                {cancel_button(order, page, "Cancel")}
            </div>
        </li>
    }
    .erased()
}

fn fact((label, value): (&'static str, String)) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.erased()
}

/// Limit, trigger, mark and distance, as far as the order has them.
fn prices(order: &OrderView) -> Vec<(&'static str, String)> {
    let trail = match (order.trail_bps, order.trail_amount) {
        (Some(bps), _) => Some(format::share(f64::from(bps) / 100.0)),
        (None, Some(amount)) => Some(format!("{} USD", format::price(amount))),
        (None, None) => None,
    };
    let shown = [
        ("Limit, USD", order.kind.has_limit().then(|| format::price(order.price))),
        ("Trigger, USD", order.trigger_price.or(order.stop_price).map(format::price)),
        ("Best price so far, USD", order.mark_price.map(format::price)),
        ("Distance", trail),
    ];
    shown.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn filled(order: &OrderView) -> String {
    format!(
        "{} of {} {}",
        format::quantity(order.filled_quantity),
        format::quantity(order.quantity),
        order.asset_id
    )
}

const fn group_words(kind: GroupKind, role: Role) -> &'static str {
    match (kind, role) {
        (GroupKind::Oco, Role::TakeProfit) => "OCO: its take-profit",
        (GroupKind::Oco, _) => "OCO: its stop-loss",
        (_, Role::Entry) => "Purchase with exits",
        (_, Role::TakeProfit) => "Take-profit of a purchase",
        (_, Role::StopLoss) => "Stop-loss of a purchase",
    }
}
