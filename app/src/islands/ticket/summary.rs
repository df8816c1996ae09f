//! The receipt of the order. Its lines always exist, so that the layout stays while the trader types.

use cnop_domain::Side;
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::Estimate;
use super::live::{Estimated, basis};
use super::state::TicketState;
use super::words;
use crate::components::ui::{Facts, FactsKind};
use crate::format;

/// Reads a text, following signals.
pub(super) type Read = Box<dyn Fn() -> String + Send + Sync>;

/// A line of the receipt. A translation takes the text nodes out of the page: the line would keep an old figure, or the label
/// of the other side.
pub(super) fn line(label: Read, value: Read) -> impl IntoView {
    view! { <div translate="no"><dt>{label}</dt><dd>{value}</dd></div> }
}

/// A figure of the estimate; none without an estimate.
pub(super) fn of_estimate<T>(estimate: Estimated, read: impl FnOnce(&Estimate) -> T) -> Option<T> {
    estimate.with(|estimate| estimate.as_ref().ok().map(read))
}

/// A figure of the estimate; a dash while there is none.
fn shown(estimate: Estimated, read: fn(&Estimate) -> String) -> Read {
    Box::new(move || of_estimate(estimate, read).unwrap_or_else(|| "—".to_owned()))
}

/// A label that depends on the side.
fn by_side(state: TicketState, buy: &'static str, sell: &'static str) -> Read {
    Box::new(move || if state.side.get() == Side::Buy { buy.to_owned() } else { sell.to_owned() })
}

/// A line with a fixed label.
fn figure(estimate: Estimated, label: &'static str, read: fn(&Estimate) -> String) -> impl IntoView {
    line(Box::new(move || label.to_owned()), shown(estimate, read))
}

/// Price, fee and total, following the price.
pub(super) fn totals(
    data: StoredValue<TicketData>,
    state: TicketState,
    estimate: Estimated,
) -> impl IntoView {
    let price = move || {
        let now = of_estimate(estimate, |estimate| estimate.price);
        let price = now.unwrap_or_else(|| data.with_value(basis).cost_price(&state.draft()));
        format!("{}\u{a0}USD", format::price(price))
    };
    let exact = move || of_estimate(estimate, |it| format::usd(it.total)).unwrap_or_default();
    let total = shown(estimate, |it| words::about(it, format::usd_money(it.total)));
    let label = by_side(state, "Total incl. fee", "You receive after fee");
    view! {
        <Facts kind=FactsKind::Dense>
            {line(Box::new(|| "Price".to_owned()), Box::new(price))}
            {figure(estimate, "Fee", |it| format::usd_money(it.fee))}
            <div translate="no"><dt>{label}</dt><dd title=exact><strong>{total}</strong></dd></div>
        </Facts>
    }
}

/// The rest of the order, following the price.
pub(super) fn details(
    data: StoredValue<TicketData>,
    state: TicketState,
    estimate: Estimated,
) -> impl IntoView {
    let (asset, is_visitor) = data.with_value(|data| (data.asset_id, data.is_visitor));
    let after = (!is_visitor).then(|| {
        let label = Box::new(move || format!("{asset} after"));
        view! {
            {figure(estimate, "USD after", |it| format::usd_money(it.cash_after))}
            {line(label, shown(estimate, |it| coins(it, it.coins_after)))}
        }
    });
    view! {
        <Facts kind=FactsKind::Dense>
            {line(by_side(state, "You receive", "You sell"), shown(estimate, |it| coins(it, it.terms.quantity)))}
            {figure(estimate, "Fills now", words::at_once)}
            {figure(estimate, "Reserved", words::reserve)}
            {after}
        </Facts>
    }
}

/// A warning about the order.
pub(super) fn warning(estimate: Estimated) -> Signal<String> {
    Signal::derive(move || of_estimate(estimate, words::warning).flatten().unwrap_or_default())
}

fn coins(estimate: &Estimate, quantity: cnop_domain::Quantity) -> String {
    format!("{}\u{a0}{}", format::quantity(quantity), estimate.terms.asset_id)
}
