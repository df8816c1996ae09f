//! The receipt of the order. Its lines always exist, so that the layout stays while the trader types.

use cnop_api::Problem;
use cnop_domain::Side;
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::Estimate;
use super::live::basis;
use super::state::TicketState;
use super::words;
use crate::components::ui::{Announcement, Facts, FactsKind};
use crate::format;

/// Estimate of an order, or the reason of its refusal.
pub(super) type Estimated = Memo<Result<Estimate, Problem>>;

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

/// The facts of the order, following the price.
pub(super) fn facts(data: StoredValue<TicketData>, state: TicketState, estimate: Estimated) -> impl IntoView {
    let figure = |label: &'static str, read| line(Box::new(move || label.to_owned()), shown(estimate, read));
    let price = move || {
        let now = of_estimate(estimate, |estimate| estimate.price);
        let price = now.unwrap_or_else(|| data.with_value(basis).cost_price(&state.draft()));
        format!("{}\u{a0}USD", format::price(price))
    };
    let asset = data.with_value(|data| data.asset_id);
    let lines = vec![
        line(Box::new(|| "Price".to_owned()), Box::new(price)),
        line(by_side(state, "You receive", "You sell"), shown(estimate, |it| coins(it, it.terms.quantity))),
        figure("Fee", |it| format::usd_money(it.fee)),
        line(
            by_side(state, "Total incl. fee", "You receive after fee"),
            shown(estimate, |it| words::about(it, format::usd_money(it.total))),
        ),
        figure("Fills now", words::at_once),
        figure("Reserved", words::reserve),
        figure("USD after", |it| format::usd_money(it.cash_after)),
        line(Box::new(move || format!("{asset} after")), shown(estimate, |it| coins(it, it.coins_after))),
    ];
    let warning = Signal::derive(move || of_estimate(estimate, words::warning).flatten().unwrap_or_default());
    view! {
        <Facts kind=FactsKind::Figures>{lines}</Facts>
        <Announcement role="status" text=warning />
    }
}

fn coins(estimate: &Estimate, quantity: cnop_domain::Quantity) -> String {
    format!("{}\u{a0}{}", format::quantity(quantity), estimate.terms.asset_id)
}
