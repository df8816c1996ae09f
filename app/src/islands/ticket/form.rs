//! The ticket's form: side, type, fields, and the estimate of the order.

use cnop_api::Problem;
use cnop_domain::{AssetId, OrderType, Quantity, Quote, Side};
use leptos::prelude::*;

use super::TicketData;
use super::draft::{Estimate, EstimateContext, estimate as estimated};
use super::fields::{groups, main_fields, more_fields};
use super::sheet::in_place;
use super::state::TicketState;
use super::summary::{Estimated, facts, of_estimate};
use super::words;
use crate::components::ui::Note;
use crate::islands::Store;
use crate::order_form::{OrderForm, TicketKind};

/// Kinds that one sees at once.
const FIRST: [TicketKind; 3] =
    [TicketKind::One(OrderType::Market), TicketKind::One(OrderType::Limit), TicketKind::One(OrderType::Stop)];
/// Kinds that are folded away.
const MORE: [TicketKind; 5] = [
    TicketKind::One(OrderType::StopLimit),
    TicketKind::One(OrderType::TakeProfit),
    TicketKind::One(OrderType::TakeProfitLimit),
    TicketKind::One(OrderType::TrailingStop),
    TicketKind::Oco,
];

/// Present data of market and account: from the page, then live (tracked).
pub(super) fn basis(data: &TicketData) -> EstimateContext {
    let store = Store::current();
    let tick = store.tick(&data.asset_id);
    let quote = Quote {
        bid: tick.as_ref().map_or(data.quote.bid, |tick| tick.bid),
        ask: tick.as_ref().map_or(data.quote.ask, |tick| tick.ask),
        bid_size: data.quote.bid_size,
        ask_size: data.quote.ask_size,
        last: tick.as_ref().map_or(data.quote.last, |tick| tick.last),
        seq: tick.as_ref().map_or(data.quote.seq, |tick| tick.seq),
        time_us: data.quote.time.0,
    };
    let account = store.account();
    let coins = account.as_ref().map_or(data.holding, |account| {
        account.holding(&data.asset_id).map_or(Quantity::ZERO, |held| held.available)
    });
    EstimateContext {
        asset_id: data.asset_id,
        rules: data.rules,
        quote,
        fee_bps: data.fee_bps,
        order_notional_max: data.order_notional_max,
        cash: account.map_or(data.available, |account| account.balance.available),
        coins,
        // The venue's clock when the page was made: an end of time is days away.
        now_us: data.quote.time.0.saturating_add_unsigned(data.quote.age_ms.saturating_mul(1_000)),
        limits: data.limits,
    }
}

/// Effect of the order now, or its refusal (tracked).
pub(super) fn estimate_of(draft: &OrderForm, data: StoredValue<TicketData>) -> Result<Estimate, Problem> {
    data.with_value(|data| estimated(draft, &basis(data)))
}

/// Reason why trading is impossible now, in words; empty if it is possible (tracked).
pub(super) fn closed(data: &TicketData) -> String {
    if !data.is_tradable {
        return "Trading in this asset is halted. No order is placed.".to_owned();
    }
    // Prices that the reader has paused are old on this page alone: the venue takes the order at its own.
    if age_ms(data) <= data.price_max_age_ms || Store::current().is_paused() {
        return String::new();
    }
    let seconds = data.price_max_age_ms / 1_000;
    format!("Price is stale (> {seconds} s). Trading resumes with the next price; your funds are safe.")
}

/// Age of the price on the page (tracked).
fn age_ms(data: &TicketData) -> u64 {
    let store = Store::current();
    let at_first = if store.tick(&data.asset_id).is_none() { data.quote.age_ms } else { 0 };
    at_first.saturating_add(u64::from(store.age_seconds()) * 1_000)
}

/// Note about paused prices; empty while they run (tracked).
pub(super) fn paused(data: &TicketData) -> String {
    if !Store::current().is_paused() {
        return String::new();
    }
    let seconds = age_ms(data) / 1_000;
    format!(
        "Live prices paused (shown price: {seconds} s old). Market orders still fill at the current price."
    )
}

/// The form. Without scripts it leads to the page of the confirmation; with them the confirmation opens in place.
pub(super) fn form(
    data: StoredValue<TicketData>,
    state: TicketState,
    estimate: Estimated,
    closed: Memo<String>,
) -> impl IntoView + use<> {
    let asset = data.with_value(|data| data.asset_id);
    let label = move || {
        of_estimate(estimate, |estimate| words::act(state.kind.get(), estimate)).unwrap_or_else(|| {
            format!("{} {asset}", if state.side.get() == Side::Buy { "Buy" } else { "Sell" })
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if closed.with_untracked(String::is_empty) {
            state.confirm(estimate.get_untracked().err());
        }
    };
    let (side, kind) = (state.side.get_untracked().as_str(), state.kind.get_untracked().as_str());
    view! {
        <form
            class="form ticket-form"
            method="get"
            action=format!("/trade/{asset}#confirm")
            novalidate=""
            on:submit=submit
            class:hidden-form=move || state.confirming.with(Option::is_some)
            data-fields=move || groups(state.kind.get(), state.side.get())
        >
            // Read without scripts alone: with them the draft is sent.
            <input r#type="hidden" name="side" value=side />
            <input r#type="hidden" name="type" value=kind />
            <input r#type="hidden" name="review" value="1" />
            <Note>{move || words::meaning(state.kind.get(), state.side.get())}</Note>
            {main_fields(data, state)}
            {more_fields(state)}
            {facts(data, state, estimate)}
            <button
                r#type="submit"
                class="button wide-button act"
                aria-disabled=move || if closed.with(String::is_empty) { "false" } else { "true" }
            >
                {label}
            </button>
        </form>
    }
}

/// Buy and Sell: links, so that they work without scripts and the side is in the address.
pub(super) fn sides(asset: AssetId, state: TicketState) -> impl IntoView + use<> {
    let links = [(Side::Buy, "Buy"), (Side::Sell, "Sell")]
        .into_iter()
        .map(|(this, label)| {
            let path = move || format!("/trade/{asset}?side={this}&type={}", state.kind.get().as_str());
            let current = move || (state.side.get() == this).then_some("true");
            view! {
                <a href=path on:click=in_place(state, path) aria-current=current class=format!("side-{this}")>{label}</a>
            }
        })
        .collect_view();
    view! { <nav class="tabs sides" aria-label="Side">{links}</nav> }
}

/// The kinds of order: links too, the three that most people need first.
pub(super) fn kinds(asset: AssetId, state: TicketState) -> impl IntoView + use<> {
    let links = |kinds: &[TicketKind], class: &'static str| {
        kinds.iter().map(|kind| kind_link(asset, *kind, class, state)).collect_view()
    };
    let first = links(&FIRST, "kind");
    let more = links(&MORE, "chip");
    let open =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || !FIRST.contains(&state.kind.get()));
    view! {
        <nav class="flex flex-col gap-2 [&>.tabs]:flex" aria-label="Order type">
            <p class="muted small hidden noscript:block">"Pick side and type first; changing them clears the form."</p>
            <div class="tabs">{first}</div>
            <details class="more" open=open>
                <summary>"More order types"</summary>
                <div class="chips">{more}</div>
            </details>
        </nav>
    }
}

fn kind_link(
    asset: AssetId,
    kind: TicketKind,
    class: &'static str,
    state: TicketState,
) -> impl IntoView + use<> {
    let path = move || format!("/trade/{asset}?side={}&type={}", state.side.get(), kind.as_str());
    let current = move || (state.kind.get() == kind).then_some("true");
    view! {
        <a href=path on:click=in_place(state, path) class=class aria-current=current>{words::name(kind)}</a>
    }
}
