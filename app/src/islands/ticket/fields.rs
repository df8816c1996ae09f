//! The ticket's fields. All of them are always in the page; the style sheet shows those that the kind of order needs,
//! so that the ticket works alike with and without scripts.

use cnop_domain::{OrderType, Side, TimeInForceKind};
use leptos::html::Input;
use leptos::prelude::*;

use super::data::TicketData;
use super::live::basis;
use super::state::{FORM, TicketState};
use crate::components::ui::{Announcement, Chip, ChipGroup, ChoiceSet, FieldStack};
use crate::forms::{FieldUnit, TextField};
use crate::order_form::TicketKind;

/// Shares of what is available that one tap fills in.
const SHARES: [u32; 4] = [25, 50, 75, 100];

/// The side and the groups of fields that a kind of order has, as the style sheet names them.
pub(super) fn groups(kind: TicketKind, side: Side) -> &'static str {
    match (kind, side) {
        (TicketKind::One(OrderType::Market), Side::Buy) => "buy value exits",
        (TicketKind::One(OrderType::Market), Side::Sell) => "sell value",
        (TicketKind::One(OrderType::Limit), Side::Buy) => "buy value limit life now exits",
        (TicketKind::One(OrderType::Limit), Side::Sell) => "sell value limit life now",
        (TicketKind::One(OrderType::Stop | OrderType::TakeProfit), Side::Buy) => "buy stop life",
        (TicketKind::One(OrderType::Stop | OrderType::TakeProfit), Side::Sell) => "sell stop life",
        (TicketKind::One(OrderType::StopLimit | OrderType::TakeProfitLimit), Side::Buy) => {
            "buy value limit stop life"
        }
        (TicketKind::One(OrderType::StopLimit | OrderType::TakeProfitLimit), Side::Sell) => {
            "sell value limit stop life"
        }
        (TicketKind::One(OrderType::TrailingStop), Side::Buy) => "buy trail life",
        (TicketKind::One(OrderType::TrailingStop), Side::Sell) => "sell trail life",
        (TicketKind::Oco, Side::Buy) => "buy exits pair life",
        (TicketKind::Oco, Side::Sell) => "sell exits life",
    }
}

/// One choice of a few, as chips.
fn choice(
    name: &'static str,
    legend: &'static str,
    value: RwSignal<String>,
    options: Vec<(&'static str, String)>,
) -> impl IntoView {
    choice_by(name, legend, value, options, move |option| value.set(option.to_owned()))
}

/// The same with what a change does.
fn choice_by(
    name: &'static str,
    legend: &'static str,
    value: RwSignal<String>,
    options: Vec<(&'static str, String)>,
    change: impl Fn(&'static str) + Copy + 'static,
) -> impl IntoView {
    let choices = options
        .into_iter()
        .map(|(option, label)| {
            let id = format!("{FORM}-{name}-{option}");
            let node = NodeRef::<Input>::new();
            // A choice made before the bundle arrived counts; afterwards the ticket itself may change it.
            Effect::new(move |before: Option<String>| {
                let now = value.get();
                let Some(input) = node.get() else { return now };
                if before.is_some() {
                    input.set_checked(now == option);
                } else if input.checked() && now != option {
                    value.set(option.to_owned());
                }
                now
            });
            view! {
                <input
                    id=id.clone()
                    r#type="radio"
                    name=name
                    value=option
                    checked=value.get_untracked() == option
                    node_ref=node
                    on:change=move |_| change(option)
                />
                <label for=id class=format!("option-{option}")>{label}</label>
            }
        })
        .collect_view();
    view! { <ChoiceSet legend>{choices}</ChoiceSet> }
}

fn number(
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    state: TicketState,
) -> impl IntoView {
    view! { <TextField form=FORM name=name label=label value=value problem=state.problem inputmode="decimal" /> }
}

/// A label of which the style sheet shows what fits: words for a sale or a purchase, or the unit that is chosen.
fn words(
    first: &'static str,
    (one, text): (&'static str, String),
    (other, otherwise): (&'static str, String),
) -> AnyView {
    view! { {first} <span class=one>{text}</span> <span class=other>{otherwise}</span> }.into_any()
}

fn worded(name: &'static str, label: AnyView, value: RwSignal<String>, state: TicketState) -> impl IntoView {
    view! { <TextField form=FORM name=name label="" words=label value=value problem=state.problem inputmode="decimal" /> }
}

/// Fields for amount and prices.
pub(super) fn main_fields(data: StoredValue<TicketData>, state: TicketState) -> impl IntoView {
    let asset = data.with_value(|data| data.asset_id.to_string());
    let unit = || words("", ("word-asset", asset.clone()), ("word-usd", "USD".to_owned()));
    let unit = FieldUnit { spoken: unit(), shown: unit() };
    let units = vec![("asset", asset), ("usd", "USD".to_owned())];
    let unit_change = move |unit: &'static str| state.unit_change(unit, &untrack(|| data.with_value(basis)));
    view! {
        <div class="when-stop">{number("stop_price", "Stop price, USD", state.stop_price, state)}</div>
        <div class="when-limit">{number("price", "Limit price, USD", state.price, state)}</div>
        <div class="when-trail flex flex-col gap-4 max-trade:gap-3">
            {number("trail", "Trail by", state.trail, state)}
            {choice("trail_unit", "Trail unit", state.trail_unit, distances())}
        </div>
        <TextField
            form=FORM
            name="amount"
            label="Amount"
            unit=Some(unit)
            value=state.amount
            problem=state.problem
            inputmode="decimal"
        />
        <div class="when-value">{choice_by("unit", "Unit", state.unit, units, unit_change)}</div>
        {shares(data, state)}
    }
}

/// Units of a trailing distance.
fn distances() -> Vec<(&'static str, String)> {
    vec![("percent", "%".to_owned()), ("usd", "USD".to_owned())]
}

/// Optional fields: exits and time in force.
pub(super) fn more_fields(state: TicketState) -> impl IntoView {
    let has_error = move |names: &'static [&'static str]| {
        state.problem.with(|problem| {
            problem
                .iter()
                .flat_map(|problem| &problem.errors)
                .any(|error| error.member().is_some_and(|member| names.contains(&member)))
        })
    };
    // Once open it stays open, so that it never closes during use.
    let exits_open = Memo::new(move |before: Option<&bool>| {
        let is_used = |value: RwSignal<String>| value.with(|text| !text.is_empty());
        before == Some(&true)
            || state.kind.get() == TicketKind::Oco
            || is_used(state.take_profit)
            || is_used(state.stop_loss)
            || is_used(state.stop_loss_trail)
            || has_error(&["take_profit", "stop_loss", "stop_loss_price", "stop_loss_trail"])
    });
    let life_open = Memo::new(move |before: Option<&bool>| {
        before == Some(&true)
            || state.time_in_force.with(|word| word != TimeInForceKind::Gtc.as_str())
            || state.post_only.with(|word| word == "true")
            || has_error(&["time_in_force", "expires_at", "post_only"])
    });
    let lives = [
        (TimeInForceKind::Gtc, "GTC, good till canceled"),
        (TimeInForceKind::Gtd, "GTD, until a date"),
        (TimeInForceKind::Ioc, "IOC, immediate or cancel"),
        (TimeInForceKind::Fok, "FOK, fill or kill"),
    ];
    let stops = [
        (OrderType::Stop, "Stop"),
        (OrderType::StopLimit, "Stop-limit"),
        (OrderType::TrailingStop, "Trailing"),
    ];
    let stops = stops.map(|(kind, label)| (kind.as_str(), label.to_owned())).to_vec();
    let sided = |sale: &str, purchase: &str| {
        words("", ("word-sell", sale.to_owned()), ("word-buy", purchase.to_owned()))
    };
    let profit = sided("Take-profit price, USD", "Limit price below market, USD");
    let loss = sided("Stop-loss price, USD", "Stop price above market, USD");
    let lives = lives.map(|(kind, label)| (kind.as_str(), label.to_owned())).to_vec();
    let takes = vec![("false", "Off".to_owned()), ("true", "On".to_owned())];
    let exits = move || {
        String::from(match (state.kind.get(), state.side.get()) {
            (TicketKind::Oco, Side::Sell) => "Take-profit and stop-loss",
            (TicketKind::Oco, Side::Buy) => "Limit and stop price",
            _ => "Add take-profit / stop-loss",
        })
    };
    view! {
        <details class="when-exits more" open=exits_open>
            <summary>{exits}</summary>
            <FieldStack>
                {worded("take_profit", profit, state.take_profit, state)}
                {choice("stop_loss_type", "Stop-loss type", state.stop_loss_type, stops)}
                <div class="when-loss-stop">{worded("stop_loss", loss, state.stop_loss, state)}</div>
                <div class="when-loss-limit">
                    {number("stop_loss_price", "Limit price after trigger, USD", state.stop_loss_price, state)}
                </div>
                <div class="when-loss-trail flex flex-col gap-4">
                    {number("stop_loss_trail", "Trail by", state.stop_loss_trail, state)}
                    {choice("stop_loss_unit", "Trail unit", state.stop_loss_unit, distances())}
                </div>
            </FieldStack>
        </details>
        <details class="when-life more" open=life_open>
            <summary>"Time in force"</summary>
            <FieldStack>
                {choice("time_in_force", "Duration", state.time_in_force, lives)}
                <div class="when-date">
                    <TextField
                        form=FORM
                        name="expires_at"
                        label="Last day (UTC)"
                        kind="date"
                        value=state.expires_at
                        problem=state.problem
                    />
                </div>
                <div class="when-now">{choice("post_only", "Post-only: reject if it would fill immediately", state.post_only, takes)}</div>
            </FieldStack>
        </details>
    }
}

/// Shares of what is available, and the bound that the last one met; they need scripts, so they appear with them.
fn shares(data: StoredValue<TicketData>, state: TicketState) -> impl IntoView {
    let filled = RwSignal::new((String::new(), String::new()));
    let buttons = SHARES
        .into_iter()
        .map(|share| {
            let fill = move |_| {
                let share = untrack(|| data.with_value(basis).share(&state.draft(), share));
                state.problem.set(None);
                state.unit.set(share.unit.to_owned());
                state.amount.set(share.amount.clone());
                filled.set((share.amount, share.bound));
            };
            view! { <Chip on:click=fill>{format!("{share}%")}</Chip> }
        })
        .collect_view();
    // Of another amount nothing is known.
    let bound = Signal::derive(move || {
        let (amount, bound) = filled.get();
        if state.amount.get() == amount { bound } else { String::new() }
    });
    view! {
        <ChipGroup label="Percentage of available balance">{buttons}</ChipGroup>
        <Announcement role="status" text=bound />
    }
}
