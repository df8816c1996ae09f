//! Prices and amount: the fields that decide an order, with the taps and keys that fill them in.

use cnop_domain::{Price, Side};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::{EstimateContext, Mark};
use super::fields::{choice, choice_by, distances, number, words};
use super::live::{Live, basis};
use super::state::{FORM, TicketState};
use crate::components::ui::{Announcement, Chip, ChipGroup, FieldTools, StepButton};
use crate::forms::{FieldUnit, TextField};

/// Shares of what is available that one tap fills in.
const SHARES: [u32; 4] = [25, 50, 75, 100];
/// Steps of an arrow key while Shift is held.
const LARGE_STEP: i128 = 10;
/// Distances of prices that one tap fills in, in percent.
const DISTANCES: [i32; 2] = [1, 2];

/// Present data, without following it.
fn context(data: StoredValue<TicketData>) -> EstimateContext {
    untrack(|| data.with_value(basis))
}

/// Steps of the arrow keys: one, or ten with Shift.
fn key_steps(event: &KeyboardEvent) -> Option<i128> {
    let direction = match event.key().as_str() {
        "ArrowUp" => 1,
        "ArrowDown" => -1,
        _ => return None,
    };
    event.prevent_default();
    Some(if event.shift_key() { direction * LARGE_STEP } else { direction })
}

/// Buttons beside a figure that move it by one step.
fn steppers(step: impl Fn(i128) + Copy + 'static, [less, more]: [&'static str; 2]) -> AnyView {
    view! {
        <FieldTools>
            <StepButton label=less on:click=move |_| step(-1)>"−"</StepButton>
            <StepButton label=more on:click=move |_| step(1)>"+"</StepButton>
        </FieldTools>
    }
    .into_any()
}

/// Fields for amount and prices.
pub(super) fn main_fields(data: StoredValue<TicketData>, state: TicketState, live: Live) -> impl IntoView {
    view! {
        <div class="when-stop">{priced("stop_price", "Stop price, USD", state.stop_price, data, live)}</div>
        <div class="when-limit flex flex-col gap-1.5">
            {priced("price", "Limit price, USD", state.price, data, live)}
            {marks(data, state)}
        </div>
        <div class="when-trail flex flex-col gap-3">
            {number("trail", "Trail by", state.trail, live)}
            {choice("trail_unit", "Trail unit", state.trail_unit, distances())}
        </div>
        {amount(data, state, live)}
    }
}

/// A price with its steps. A percentage that is typed becomes a price at that distance from the last one.
fn priced(
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    data: StoredValue<TicketData>,
    live: Live,
) -> impl IntoView {
    let step = move |ticks| value.set(context(data).price_stepped(&value.get_untracked(), ticks));
    let tools = steppers(step, ["One tick lower", "One tick higher"]);
    let convert = move |_| {
        let context = context(data);
        if let Some(price) = context.percent_price(&value.get_untracked(), context.quote.last) {
            value.set(price);
        }
    };
    view! {
        <div on:keydown=move |event| if let Some(steps) = key_steps(&event) { step(steps) } on:change=convert>
            <TextField form=FORM name label value problem=live.shown inputmode="decimal" tools=tools />
        </div>
    }
}

/// Prices of the quote, and at a distance from the last one on the side of the order.
fn marks(data: StoredValue<TicketData>, state: TicketState) -> impl IntoView {
    let fill = move |price: Price| state.price.set(price.to_string());
    let quoted = [("Bid", Mark::Bid), ("Mid", Mark::Middle), ("Ask", Mark::Ask)]
        .into_iter()
        .map(|(label, mark)| {
            view! { <Chip small=true on:click=move |_| fill(context(data).mark(mark))>{label}</Chip> }
        })
        .collect_view();
    let away = DISTANCES
        .into_iter()
        .map(|percent| {
            let sign = move || if state.side.get() == Side::Buy { "−" } else { "+" };
            let take = move |_| {
                let points = percent * 100;
                let points = if state.side.get_untracked() == Side::Buy { -points } else { points };
                fill(context(data).mark(Mark::Away(points)));
            };
            view! { <Chip small=true on:click=take><span translate="no">{move || format!("{}{percent}%", sign())}</span></Chip> }
        })
        .collect_view();
    view! { <ChipGroup label="Fill in a price">{quoted} {away}</ChipGroup> }
}

/// The amount with its unit, its steps, and shares of what is available.
fn amount(data: StoredValue<TicketData>, state: TicketState, live: Live) -> impl IntoView {
    let asset = data.with_value(|data| data.asset_id.to_string());
    let unit = || words("", ("word-asset", asset.clone()), ("word-usd", "USD".to_owned()));
    let unit = FieldUnit { spoken: unit(), shown: None };
    let units = vec![("asset", asset), ("usd", "USD".to_owned())];
    let unit_change = move |unit: &'static str| state.unit_change(unit, &context(data));
    let step = move |steps| {
        let stepped = context(data).amount_stepped(&untrack(|| state.draft()), steps);
        state.amount.set(stepped);
    };
    let tools = steppers(step, ["Less", "More"]);
    let shares = data.with_value(|data| !data.is_visitor).then(|| shares(data, state));
    view! {
        <div class="relative" on:keydown=move |event| if let Some(steps) = key_steps(&event) { step(steps) }>
            <TextField
                form=FORM
                name="amount"
                label="Amount"
                unit=Some(unit)
                value=state.amount
                problem=live.shown
                inputmode="decimal"
                tools=tools
            />
            <div class="when-value ticket-unit absolute top-0 right-0">{choice_by("unit", "Unit", state.unit, units, unit_change)}</div>
        </div>
        {shares}
    }
}

/// Shares of what is available, and the bound that the last one met; they need scripts, so they appear with them.
fn shares(data: StoredValue<TicketData>, state: TicketState) -> impl IntoView {
    let filled = RwSignal::new((String::new(), String::new()));
    let buttons = SHARES
        .into_iter()
        .map(|share| {
            let fill = move |_| {
                let share = context(data).share(&untrack(|| state.draft()), share);
                state.unit.set(share.unit.to_owned());
                state.amount.set(share.amount.clone());
                filled.set((share.amount, share.bound));
            };
            view! { <Chip small=true on:click=fill>{format!("{share}%")}</Chip> }
        })
        .collect_view();
    // Of another amount nothing is known.
    let bound = Signal::derive(move || {
        let (amount, bound) = filled.get();
        if state.amount.get() == amount { bound } else { String::new() }
    });
    view! {
        <div>
            <ChipGroup label="Percentage of available balance">{buttons}</ChipGroup>
            <Announcement role="status" text=bound />
        </div>
    }
}
