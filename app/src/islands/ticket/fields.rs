//! The ticket's fields. All of them are always in the page; the style sheet shows those that the kind of order needs,
//! so that the ticket works alike with and without scripts.

use cnop_domain::{OrderType, Side, TimeInForceKind};
use leptos::html::Input;
use leptos::prelude::*;

use super::data::TicketData;
use super::exits::{exit_chips, result};
use super::live::Live;
use super::state::{FORM, TicketState};
use crate::components::ui::{Announcement, ChoiceSet, FieldStack};
use crate::forms::TextField;
use crate::order_form::TicketKind;

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
pub(super) fn choice(
    name: &'static str,
    legend: &'static str,
    value: RwSignal<String>,
    options: Vec<(&'static str, String)>,
) -> impl IntoView {
    choice_by(name, legend, value, options, move |option| value.set(option.to_owned()))
}

/// The same with what a change does.
pub(super) fn choice_by(
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

pub(super) fn number(
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    live: Live,
) -> impl IntoView {
    view! { <TextField form=FORM name=name label=label value=value problem=live.shown inputmode="decimal" /> }
}

/// A label of which the style sheet shows what fits: words for a sale or a purchase, or the unit that is chosen.
pub(super) fn words(
    first: &'static str,
    (one, text): (&'static str, String),
    (other, otherwise): (&'static str, String),
) -> AnyView {
    view! { {first} <span class=one>{text}</span> <span class=other>{otherwise}</span> }.into_any()
}

fn worded(name: &'static str, label: AnyView, value: RwSignal<String>, live: Live) -> impl IntoView {
    view! { <TextField form=FORM name=name label="" words=label value=value problem=live.shown inputmode="decimal" /> }
}

/// Units of a trailing distance.
pub(super) fn distances() -> Vec<(&'static str, String)> {
    vec![("percent", "%".to_owned()), ("usd", "USD".to_owned())]
}

/// Optional fields: exits and time in force.
pub(super) fn more_fields(data: StoredValue<TicketData>, state: TicketState, live: Live) -> impl IntoView {
    let day_label = if data.with_value(|data| data.zone.is_utc()) { "Last day (UTC)" } else { "Last day" };
    let has_error = move |names: &'static [&'static str]| {
        live.shown.with(|problem| {
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
    let exit = move |name: &'static str, label, value| {
        view! { <div class="flex flex-col gap-1.5">{worded(name, label, value, live)} {exit_chips(name, value, data, state)}</div> }
    };
    view! {
        <details class="when-exits more" open=exits_open>
            <summary>{exits}</summary>
            <FieldStack>
                {exit("take_profit", profit, state.take_profit)}
                {choice("stop_loss_type", "Stop-loss type", state.stop_loss_type, stops)}
                <div class="when-loss-stop">{exit("stop_loss", loss, state.stop_loss)}</div>
                <div class="when-loss-limit">
                    {number("stop_loss_price", "Limit price after trigger, USD", state.stop_loss_price, live)}
                </div>
                <div class="when-loss-trail flex flex-col gap-4">
                    {number("stop_loss_trail", "Trail by", state.stop_loss_trail, live)}
                    {choice("stop_loss_unit", "Trail unit", state.stop_loss_unit, distances())}
                </div>
                <Announcement role="status" text=result(live.estimate) />
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
                        label=day_label
                        kind="date"
                        value=state.expires_at
                        problem=live.shown
                    />
                </div>
                <div class="when-now">{choice("post_only", "Post-only: reject if it would fill immediately", state.post_only, takes)}</div>
            </FieldStack>
        </details>
    }
}
