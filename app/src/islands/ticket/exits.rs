//! Exits as a percentage of the entry, and what they bring.

use cnop_domain::Side;
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::Mark;
use super::live::{Estimated, basis};
use super::state::TicketState;
use super::summary::of_estimate;
use super::words;
use crate::components::ui::{Chip, ChipGroup};
use crate::order_form::TicketKind;

/// Distances of an exit, in percent.
const DISTANCES: [i32; 4] = [1, 2, 5, 10];

/// Chips that set an exit at a distance from the entry: a profit above it, a loss below; of a purchase pair the other way.
pub(super) fn exit_chips(
    name: &'static str,
    value: RwSignal<String>,
    data: StoredValue<TicketData>,
    state: TicketState,
) -> impl IntoView {
    let is_above = move || {
        let is_purchase_pair = state.kind.get() == TicketKind::Oco && state.side.get() == Side::Buy;
        (name == "take_profit") != is_purchase_pair
    };
    let chips = DISTANCES
        .into_iter()
        .map(|percent| {
            let label = move || format!("{}{percent}%", if is_above() { "+" } else { "−" });
            let fill = move |_| {
                let points = if untrack(is_above) { percent * 100 } else { -percent * 100 };
                let (context, draft) = untrack(|| (data.with_value(basis), state.draft()));
                let entry = context.cost_price(&draft);
                value.set(context.mark(Mark::From(entry, points)).to_string());
            };
            view! { <Chip small=true on:click=fill><span translate="no">{label}</span></Chip> }
        })
        .collect_view();
    view! { <ChipGroup label="Distance from the entry">{chips}</ChipGroup> }
}

/// Profit, loss and their ratio; empty without exits.
pub(super) fn result(estimate: Estimated) -> Signal<String> {
    Signal::derive(move || of_estimate(estimate, words::exit_results).unwrap_or_default())
}
