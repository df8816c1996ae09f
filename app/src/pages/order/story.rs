//! Terms, outcome, timeline and group of an order.

use cnop_api::trading::{GroupMembership, OrderView};
use cnop_domain::{GroupKind, OrderStatus, Role, Side};
use leptos::prelude::*;

use super::{proof, words};
use crate::components::OrderBadge;
use crate::components::ui::{Columns, Facts, Note, Panel, PanelSubhead, RowTitle, Stack, Story, Timeline};
use crate::{format, labels};

/// Head, terms, group and times of an order. `others` are those of its group.
pub(super) fn story(order: &OrderView, others: &[OrderView]) -> impl IntoView + use<> {
    let title = format!("{} {} {}", labels::order_type(order.kind), order.side, order.asset_id);
    let is_filled = order.status == OrderStatus::Completed;
    let sentence = (!is_filled).then(|| format!(" · {}", words::status(order)));
    view! {
        <Stack>
            <div>
                <p class="[&_a]:inline-block [&_a]:py-1 [&_a]:px-0 [&_a]:text-14"><a href="/orders">"All orders"</a></p>
                <h1>{title}</h1>
                <p><strong><OrderBadge status=order.status /></strong> {sentence}</p>
            </div>
            <Columns even=true>
                <Panel labelled_by="order-what">
                    <h2 id="order-what">"Order"</h2>
                    <Facts>
                        {facts(asked_for(order))}
                        <div><dt>"Order ID"</dt><dd><code class="text-12 font-normal">{order.order_id.to_string()}</code></dd></div>
                    </Facts>
                </Panel>
                <Panel labelled_by="order-done">
                    <h2 id="order-done">"Execution"</h2>
                    <Facts>{facts(came_of(order))}</Facts>
                    <PanelSubhead>"Timeline"</PanelSubhead>
                    <Timeline>{times(order)}</Timeline>
                </Panel>
            </Columns>
            {order.group.as_ref().map(|group| together(group, others))}
        </Stack>
    }
}

/// Label and value of a fact.
type LabeledValue = (&'static str, String);

fn facts(facts: Vec<LabeledValue>) -> impl IntoView {
    let fact = |(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    facts.into_iter().map(fact).collect_view()
}

fn usd(price: cnop_domain::Price) -> String {
    format!("{}\u{a0}USD", format::price(price))
}

fn asked_for(order: &OrderView) -> Vec<LabeledValue> {
    let coins = |quantity| format!("{}\u{a0}{}", format::quantity(quantity), order.asset_id);
    let mut facts = vec![("Quantity", coins(order.quantity))];
    if let Some(value) = order.quote_quantity {
        facts.push(("Entered as", format::usd(value)));
    }
    if order.kind.has_limit() {
        facts.push(("Limit price", usd(order.price)));
    }
    if let Some(stop) = order.stop_price {
        facts.push(("Stop price", usd(stop)));
    }
    if let Some(distance) = words::distance(order) {
        facts.push(("Trail by", distance));
        facts.extend(order.mark_price.map(|mark| ("Peak price", usd(mark))));
        facts.extend(order.trigger_price.map(|trigger| ("Triggers at", usd(trigger))));
    }
    facts.push(("Time in force", words::life(order)));
    if order.post_only {
        facts.push(("Post-only", "Yes".to_owned()));
    }
    facts.push(("Version", order.version.to_string()));
    facts.extend(order.client_order_id.clone().map(|id| ("Client order ID", id)));
    facts
}

fn came_of(order: &OrderView) -> Vec<LabeledValue> {
    let coins = |quantity| format!("{}\u{a0}{}", format::quantity(quantity), order.asset_id);
    let mut facts = vec![("Filled", coins(order.filled_quantity))];
    if !order.remaining_quantity.is_zero() {
        facts.push(("Remaining", coins(order.remaining_quantity)));
    }
    facts.extend(order.average_price.map(|price| ("Average price", usd(price))));
    if !order.filled_quantity.is_zero() {
        facts.push(("Value", format::usd(order.total_amount)));
        facts.push(("Fee", format::usd(order.fees)));
        facts.push(settled(order));
    }
    facts.extend(order.realised_profit.map(|profit| ("Realized P&L after fee", format::usd_signed(profit))));
    // Two orders of which one can fill reserve once: the stop shows it.
    let is_paired = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled)
        && order
            .group
            .as_ref()
            .is_some_and(|group| group.role == Role::TakeProfit && group.kind != GroupKind::Oto);
    let reserved = match &order.reserved {
        Some(held) => words::reserved(held),
        None if is_paired => "Shared with the stop-loss".to_owned(),
        None => "None".to_owned(),
    };
    facts.push(("Reserved", reserved));
    facts
}

/// Total change of the balance.
fn settled(order: &OrderView) -> LabeledValue {
    if order.side == Side::Sell {
        let received = order.total_amount.checked_sub(order.fees).unwrap_or(order.total_amount);
        ("Received", format::usd(received))
    } else {
        let paid = order.total_amount.checked_add(order.fees).unwrap_or(order.total_amount);
        ("Paid", format::usd(paid))
    }
}

/// Timeline of the order.
fn times(order: &OrderView) -> impl IntoView + use<> {
    let mut happened = vec![(order.created_at.0, "Accepted".to_owned())];
    happened.extend(order.triggered_at.map(|time| (time.0, "Triggered".to_owned())));
    happened.extend(order.fills.iter().map(|fill| (fill.quote_time.0, proof::title(order, fill))));
    if let Some(time) = order.closed_at {
        happened.push((time.0, words::status(order)));
    } else if order.version > 1 {
        let times =
            if order.version == 2 { "once".to_owned() } else { format!("{} times", order.version - 1) };
        happened.push((order.updated_at.0, format!("Edited {times}; current version {}", order.version)));
    }
    // The quote of a fill is a little older than the order that it filled.
    let (accepted, closed) = (order.created_at.0, order.closed_at.map_or(i64::MAX, |time| time.0));
    for (time, _) in &mut happened {
        *time = (*time).clamp(accepted, closed.max(accepted));
    }
    happened.sort_by_key(|(time, _)| *time);
    let line = |(time, what): (i64, String)| {
        view! {
            <li>
                <RowTitle>{what}</RowTitle>
                <Note>{format::time_element(cnop_api::Timestamp(time))}</Note>
            </li>
        }
    };
    happened.into_iter().map(line).collect_view()
}

/// The group, with links to the other orders.
fn together(group: &GroupMembership, others: &[OrderView]) -> impl IntoView + use<> {
    let lines = others
        .iter()
        .map(|other| {
            let role = other.group.as_ref().map_or("", |group| labels::role(group.role));
            view! {
                <li>
                    <RowTitle>
                        <a href=format!("/orders/{}", other.order_id)>{words::terms(other)}</a>
                    </RowTitle>
                    <Note>{role} " · " {words::status(other)}</Note>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel labelled_by="order-group">
            <h2 id="order-group">"Linked orders"</h2>
            <Note>{labels::group(group.kind)} " This one: " {labels::role(group.role).to_lowercase()} "."</Note>
            <Story>{lines}</Story>
        </Panel>
    }
}
