//! The ticket: side, amount, what it would come to, and the second look before it is sent.

use cnop_api::Problem;
use cnop_api::trading::OrderView;
use cnop_domain::{Amount, Quantity, Quote, Side};
use leptos::prelude::*;

use super::confirm::second_look;
use super::draft::{Basis, Draft, Unit};
use super::fields::{shares, summary, units};
use super::result::result;
use crate::erased::Erase;
use crate::format;
use crate::forms::{FormState, ProblemSummary, TextField, focus, focus_first_invalid, focus_keep};
use crate::functions::{OrderPlace, TicketData};
use crate::live::{Connection, Live};
use crate::remote::Sending;

/// Prefix of the form's ids and name of its flash.
const FORM: &str = "ticket";

/// What the ticket remembers. Made in the page's body.
#[derive(Clone, Copy)]
pub(super) struct TicketState {
    pub(super) form: FormState,
    pub(super) amount: RwSignal<String>,
    pub(super) unit: RwSignal<Unit>,
    /// The draft that is being looked at a second time.
    pub(super) confirming: RwSignal<Option<Draft>>,
    placed: RwSignal<Option<OrderView>>,
    pub(super) sending: Sending<OrderView>,
}

impl TicketState {
    pub(super) fn new(form: FormState, side: Memo<Side>, unit: &str, amount: &str) -> Self {
        let sending = Sending::to::<OrderPlace>();
        let state = Self {
            form,
            amount: form.field("amount", amount),
            unit: RwSignal::new(Unit::from_text(&form.field("unit", unit).get_untracked())),
            confirming: RwSignal::new(None),
            placed: RwSignal::new(None),
            sending,
        };
        form.follow(sending, move |order| {
            state.placed.set(Some(order));
            state.amount.set(String::new());
            state.confirming.set(None);
            request_animation_frame(|| focus("result"));
        });
        Effect::new(move |_| {
            if sending.is_refused() {
                state.confirming.set(None);
                focus_first_invalid(FORM);
            }
        });
        // A second look is at one side only.
        Effect::new(move |_| {
            side.track();
            state.confirming.set(None);
        });
        state
    }

    /// Closes the second look and goes back to the amount.
    pub(super) fn look_away(self) {
        self.confirming.set(None);
        request_animation_frame(|| focus("ticket-amount"));
    }

    /// Opens the second look, or says what is wrong at its field.
    fn look_again(self, draft: Draft, fault: Option<Problem>) {
        if self.sending.pending().get_untracked() {
            return;
        }
        self.placed.set(None);
        if fault.is_some() {
            self.form.problem.set(fault);
            focus_first_invalid(FORM);
        } else {
            self.form.problem.set(None);
            self.confirming.set(Some(draft));
            request_animation_frame(|| focus("confirm"));
        }
    }
}

/// The whole act in words: `Buy 0.015 BTC for about 960.19 USD`.
pub(super) fn act(side: Side, quantity: Quantity, asset: &str, notional: Amount) -> String {
    let verb = if side == Side::Buy { "Buy" } else { "Sell" };
    format!("{verb} {}\u{a0}{asset} for about {}", format::quantity(quantity), format::usd_cents(notional))
}

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
    }
}

/// Why nothing can be traded now, in words (tracked).
fn closed(data: &TicketData) -> Option<String> {
    if !data.is_tradable {
        return Some("This asset cannot be traded now. Nothing will be booked.".to_owned());
    }
    let seconds = data.price_max_age_ms / 1_000;
    if data.quote.age_ms > data.price_max_age_ms && Live::current().tick(&data.asset_id).is_none() {
        return Some(format!("The price is older than {seconds} seconds. Market orders wait for a new one."));
    }
    match Live::current().connection() {
        Connection::Reconnecting | Connection::Offline | Connection::Delayed => Some(
            "The price on this page is not live now. Market orders wait until the connection is back; your money is not affected."
                .to_owned(),
        ),
        Connection::Paused => Some("Live prices are paused. Let them run again to trade.".to_owned()),
        Connection::Connecting | Connection::Live => None,
    }
}

/// The ticket.
pub(super) fn view(data: TicketData, side: Memo<Side>, state: TicketState, reviewed: bool) -> AnyView {
    // The data of the page follow the account: an order of one's own draws the ticket anew, focus and all.
    focus_keep(&["result", "confirm"]);
    let asset = data.asset_id.to_string();
    let data = StoredValue::new(data);
    let draft = move || Draft { side: side.get(), unit: state.unit.get(), amount: state.amount.get() };
    let estimate = Memo::new(move |_| draft().estimate(&data.with_value(basis)));
    // Without scripts the second look is a page of its own: what it refuses stands at its field here.
    if reviewed && state.form.problem.with_untracked(Option::is_none) {
        state.form.problem.set(estimate.get_untracked().err());
    }
    let closed = Memo::new(move |_| data.with_value(closed));
    let label = {
        let asset = asset.clone();
        Signal::derive(move || match estimate.get() {
            Ok(estimate) => act(estimate.side, estimate.quantity, &asset, estimate.notional),
            Err(_) => format!("{} {asset}", if side.get() == Side::Buy { "Buy" } else { "Sell" }),
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if closed.with_untracked(Option::is_none) {
            state.look_again(untrack(draft), estimate.get_untracked().err());
        }
    };
    let look = Signal::derive(move || if side.get() == Side::Buy { "buy" } else { "sell" });
    view! {
        <section class="panel ticket" id="ticket" aria-labelledby="ticket-title">
            <h2 id="ticket-title" class="hidden-word">"Market order"</h2>
            {sides(&asset, side)}
            {move || state.placed.get().map(|order| result(&order))}
            {state_of_market(closed)}
            <ProblemSummary id="ticket-problem" form=FORM problem=state.form.problem />
            // Without scripts this form asks for the second look; with them it opens in place.
            <form class="form" method="get" action=format!("/trade/{asset}#review") novalidate="" on:submit=submit
                class:hidden-form=move || state.confirming.with(Option::is_some)
            >
                <input r#type="hidden" name="side" value=move || side.get().as_str() />
                <input r#type="hidden" name="review" value="1" />
                <TextField
                    form=FORM
                    name="amount"
                    label="Amount"
                    value=state.amount
                    problem=state.form.problem
                    inputmode="decimal"
                />
                {units(&asset, state)}
                {shares(data, side, state)}
                {summary(data, side, estimate)}
                <button
                    r#type="submit"
                    class=move || format!("button block {}", look.get())
                    aria-disabled=move || if closed.with(Option::is_some) { "true" } else { "false" }
                >
                    {move || label.get()}
                </button>
            </form>
            {move || state.confirming.get().map(|draft| second_look(data, draft, state))}
            <p class="muted small">
                {data.with_value(rules_sentence)} " " <a href="/about/fills">"How an order is filled"</a>
            </p>
        </section>
    }
    .erased()
}

/// Buy and Sell: links, so that they work without scripts and the side is in the address.
fn sides(asset: &str, side: Memo<Side>) -> AnyView {
    let links = [(Side::Buy, "Buy"), (Side::Sell, "Sell")]
        .into_iter()
        .map(|(this, label)| {
            let path = format!("/trade/{asset}?side={this}");
            let current = move || (side.get() == this).then_some("true");
            view! { <a href=path aria-current=current class=format!("side-{this}") data-noscroll="true">{label}</a> }
        })
        .collect_view();
    view! { <nav class="tabs sides" aria-label="Side">{links}</nav> }.erased()
}

fn state_of_market(closed: Memo<Option<String>>) -> AnyView {
    (move || closed.get().map(|sentence| view! { <p class="notice warn" role="status">{sentence}</p> }))
        .into_any()
}

/// The trading rules that matter while typing.
fn rules_sentence(data: &TicketData) -> String {
    let rules = &data.rules;
    format!(
        "Steps of {} {}, at least {}, at most {} an order; a sale of all you have may be smaller. Fee {}.",
        format::quantity(rules.step_size),
        data.asset_id,
        format::usd(rules.min_notional),
        format::usd(data.order_notional_max.min(rules.max_notional)),
        format::share(f64::from(data.fee_bps) / 100.0),
    )
}
