//! The ticket: side, kind, amount and prices, what it would come to, and the second look before it is sent.

use cnop_api::Problem;
use cnop_domain::{OrderType, Quantity, Quote, Side};
use leptos::prelude::*;

use super::confirm::second_look;
use super::draft::{Basis, Estimate, estimate as estimated};
use super::fields::{groups, main_fields, more_fields};
use super::state::{FORM, TicketState};
use super::summary::{Estimated, facts, of_estimate};
use super::words;
use crate::erased::{Erase, text, text_if};
use crate::forms::{ProblemSummary, focus_keep};
use crate::functions::{Kind, OrderForm, TicketData};
use crate::live::Live;

/// Kinds that one sees at once.
const FIRST: [Kind; 3] =
    [Kind::One(OrderType::Market), Kind::One(OrderType::Limit), Kind::One(OrderType::Stop)];
/// Kinds that are folded away.
const MORE: [Kind; 5] = [
    Kind::One(OrderType::StopLimit),
    Kind::One(OrderType::TakeProfit),
    Kind::One(OrderType::TakeProfitLimit),
    Kind::One(OrderType::TrailingStop),
    Kind::Oco,
];

/// What the venue and the account say now: of the page, then live (tracked).
pub(super) fn basis(data: &TicketData) -> Basis {
    let live = Live::current();
    let tick = live.tick(&data.asset_id);
    let quote = Quote {
        bid: tick.as_ref().map_or(data.quote.bid, |tick| tick.bid),
        ask: tick.as_ref().map_or(data.quote.ask, |tick| tick.ask),
        bid_size: data.quote.bid_size,
        ask_size: data.quote.ask_size,
        last: tick.as_ref().map_or(data.quote.last, |tick| tick.last),
        seq: tick.as_ref().map_or(data.quote.seq, |tick| tick.seq),
        time_us: data.quote.time.0,
    };
    let account = live.account();
    let coins = account.as_ref().map_or(data.holding, |account| {
        account.holding(&data.asset_id).map_or(Quantity::ZERO, |held| held.available)
    });
    Basis {
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

/// What the order would do now (tracked). A ticket that is being drawn anew may be asked once more after its data is
/// gone: then it is nothing.
pub(super) fn estimate_of(draft: &OrderForm, data: StoredValue<TicketData>) -> Result<Estimate, Problem> {
    let basis = data.try_with_value(basis);
    basis.map_or_else(|| Err(Problem::invalid(Vec::new())), |basis| estimated(draft, &basis))
}

/// Why nothing can be traded now, in words (tracked).
fn closed(data: &TicketData) -> Option<String> {
    if !data.is_tradable {
        return Some("This asset cannot be traded now. Nothing will be booked.".to_owned());
    }
    // Prices that the reader has paused are old on this page alone: the venue takes the order at its own.
    (age_ms(data) > data.price_max_age_ms && !Live::current().is_paused()).then(|| {
        let seconds = data.price_max_age_ms / 1_000;
        format!(
            "The price is older than {seconds} seconds. Orders wait for a new one; your money is not affected."
        )
    })
}

/// How old the price on the page is (tracked).
fn age_ms(data: &TicketData) -> u64 {
    let live = Live::current();
    let at_first = if live.tick(&data.asset_id).is_none() { data.quote.age_ms } else { 0 };
    at_first.saturating_add(u64::from(live.age_seconds()) * 1_000)
}

/// What the reader should know who has paused the prices (tracked).
fn paused(data: &TicketData) -> Option<String> {
    Live::current().is_paused().then(|| {
        let seconds = age_ms(data) / 1_000;
        format!("Live prices are paused: the one shown is {seconds} seconds old. The order is filled at the venue's own.")
    })
}

/// The ticket. `refusal` is what the venue would refuse the order in the address for.
pub(super) fn view(data: TicketData, state: TicketState, refusal: Option<Problem>) -> AnyView {
    // The data of the page follow the account: an order of one's own draws the ticket anew, focus and all.
    focus_keep(&["result", "confirm"]);
    let asset = data.asset_id.to_string();
    let data = StoredValue::new(data);
    let estimate = Memo::new(move |_| estimate_of(&state.draft(), data));
    // Without scripts the second look is a page of its own: what it refuses stands at its field here.
    if state.asked.try_update_value(std::mem::take) == Some(true)
        && state.form.problem.with_untracked(Option::is_none)
    {
        match refusal.or_else(|| estimate.get_untracked().err()) {
            None => state.confirming.set(Some(untrack(|| state.draft()))),
            fault => state.form.problem.set(fault),
        }
    }
    let closed = Memo::new(move |_| data.try_with_value(closed).flatten());
    view! {
        <section class="panel ticket" id="ticket" aria-labelledby="ticket-title">
            <h2 id="ticket-title" class="hidden-word">"Order ticket"</h2>
            {sides(&asset, state)}
            {kinds(&asset, state)}
            {move || state.placed.get().map(|html| view! { <div inner_html=html></div> })}
            <p class="notice warn closed" role="status">{text_if(Box::new(move || closed.try_get().flatten()))}</p>
            <p class="warning small">{text_if(Box::new(move || data.try_with_value(paused).flatten()))}</p>
            <div inner_html=data.with_value(|data| data.notice.clone())></div>
            <ProblemSummary id="ticket-problem" form=FORM problem=state.form.problem />
            {form(data, state, estimate, closed)}
            {move || state.confirming.get().map(|draft| second_look(data, draft, state))}
            <p class="muted small">
                {data.with_value(|data| data.rules_text.clone())} " " <a href="/about/fills">"How an order is filled"</a>
            </p>
        </section>
    }
    .erased()
}

/// What is filled in. Without scripts this form asks for the second look; with them it opens in place.
fn form(
    data: StoredValue<TicketData>,
    state: TicketState,
    estimate: Estimated,
    closed: Memo<Option<String>>,
) -> AnyView {
    let asset = data.with_value(|data| data.asset_id);
    let label = move || {
        of_estimate(estimate, |estimate| words::act(state.kind.get(), estimate)).unwrap_or_else(|| {
            format!("{} {asset}", if state.side.get() == Side::Buy { "Buy" } else { "Sell" })
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if closed.with_untracked(Option::is_none) {
            state.look_again(estimate.get_untracked().err());
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
            // With scripts these two are not read: what is sent is the draft.
            <input r#type="hidden" name="side" value=side />
            <input r#type="hidden" name="type" value=kind />
            <input r#type="hidden" name="review" value="1" />
            <p class="muted small">{text(Box::new(move || words::meaning(state.kind.get(), state.side.get())))}</p>
            {main_fields(data, state)}
            {more_fields(state)}
            {facts(data, state, estimate)}
            <button
                r#type="submit"
                class="button block act"
                aria-disabled=move || if closed.try_get().flatten().is_some() { "true" } else { "false" }
            >
                {text(Box::new(label))}
            </button>
        </form>
    }
    .erased()
}

/// Buy and Sell: links, so that they work without scripts and the side is in the address.
fn sides(asset: &str, state: TicketState) -> AnyView {
    let links = [(Side::Buy, "Buy"), (Side::Sell, "Sell")]
        .into_iter()
        .map(|(this, label)| {
            let asset = asset.to_owned();
            let path = move || format!("/trade/{asset}?side={this}&type={}", state.kind.get().as_str());
            let current = move || (state.side.get() == this).then_some("true");
            view! { <a href=path aria-current=current class=format!("side-{this}") data-noscroll="true">{label}</a> }
        })
        .collect_view();
    view! { <nav class="tabs sides" aria-label="Side">{links}</nav> }.erased()
}

/// The kinds of order: links too, the three that most people need first.
fn kinds(asset: &str, state: TicketState) -> AnyView {
    let links = |kinds: &[Kind], class: &'static str| {
        let links = kinds.iter().map(|kind| kind_link(asset, *kind, class, state)).collect_view();
        links.into_any()
    };
    let first = links(&FIRST, "kind");
    let more = links(&MORE, "chip");
    let open =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || !FIRST.contains(&state.kind.get()));
    view! {
        <nav class="kinds" aria-label="Type of order">
            <p class="muted small unscripted">"Choose side and type first: without scripts a change empties the fields."</p>
            <div class="tabs">{first}</div>
            <details class="more" open=open>
                <summary>"More types"</summary>
                <div class="chips">{more}</div>
            </details>
        </nav>
    }
    .erased()
}

fn kind_link(asset: &str, kind: Kind, class: &'static str, state: TicketState) -> AnyView {
    let asset = asset.to_owned();
    let path = move || format!("/trade/{asset}?side={}&type={}", state.side.get(), kind.as_str());
    let current = move || (state.kind.get() == kind).then_some("true");
    view! { <a href=path class=class aria-current=current data-noscroll="true">{words::name(kind)}</a> }
        .erased()
}
