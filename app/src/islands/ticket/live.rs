//! The market and the account as they are now: what an order would come to, and why none can be placed.

use cnop_api::Problem;
use cnop_domain::{Amount, Quantity, Quote};
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::{Estimate, EstimateContext, estimate as estimated};
use super::state::TicketState;
use crate::islands::Store;
use crate::order_form::OrderForm;

/// Estimate of an order, or the reason of its refusal.
pub(super) type Estimated = Memo<Result<Estimate, Problem>>;

/// Everything that follows the form, the market and the account. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Live {
    /// Result of the order now.
    pub(super) estimate: Estimated,
    /// Reason why trading is impossible now; empty if it is possible.
    pub(super) closed: Signal<String>,
    /// Problem at the fields: of the last submit, else of the present input.
    pub(super) shown: Signal<Option<Problem>>,
    /// Refusal that stands at no field; empty for none.
    pub(super) reason: Signal<String>,
}

impl Live {
    pub(super) fn follow(state: TicketState, data: StoredValue<TicketData>) -> Self {
        let estimate = Memo::new(move |_| estimate_of(&state.draft(), data));
        let closed = Memo::new(move |_| data.with_value(closed));
        let problem = Memo::new(move |_| {
            state.problem.get().or_else(|| estimate.with(|it| state.typed_problem(it.as_ref().err())))
        });
        let reason = Memo::new(move |_| {
            let typed =
                estimate.with(|it| it.as_ref().err().filter(|problem| problem.errors.is_empty()).cloned());
            typed.filter(|_| state.is_edited()).map(|problem| problem.detail).unwrap_or_default()
        });
        Self { estimate, closed: closed.into(), shown: problem.into(), reason: reason.into() }
    }
}

/// Present data of market and account: from the page, then live (tracked).
pub(super) fn basis(data: &TicketData) -> EstimateContext {
    let store = Store::current();
    let tick = store.tick(&data.asset_id);
    let quote = Quote {
        bid: tick.as_ref().map_or(data.quote.bid, |tick| tick.bid),
        ask: tick.as_ref().map_or(data.quote.ask, |tick| tick.ask),
        bid_size: tick.as_ref().map_or(data.quote.bid_size, |tick| tick.bid_size),
        ask_size: tick.as_ref().map_or(data.quote.ask_size, |tick| tick.ask_size),
        last: tick.as_ref().map_or(data.quote.last, |tick| tick.last),
        seq: tick.as_ref().map_or(data.quote.seq, |tick| tick.seq),
        time_us: data.quote.time.0,
    };
    let account = store.account();
    let of_page = (data.holding, data.held, data.cost);
    let (coins, held, cost) = account.as_ref().map_or(of_page, |account| {
        let holding = account.holding(&data.asset_id);
        holding.map_or((Quantity::ZERO, Quantity::ZERO, Amount::ZERO), |it| {
            (it.available, it.quantity, it.cost_basis)
        })
    });
    // A visitor sees what an order would come to: nothing is spent.
    let plenty =
        data.order_notional_max.checked_add(data.order_notional_max).unwrap_or(data.order_notional_max);
    let (cash, coins) = if data.is_visitor {
        (plenty, data.rules.max_quantity)
    } else {
        (account.map_or(data.available, |account| account.balance.available), coins)
    };
    EstimateContext {
        asset_id: data.asset_id,
        rules: data.rules,
        quote,
        fee_bps: data.fee_bps,
        order_notional_max: data.order_notional_max,
        cash,
        coins,
        held,
        cost,
        // The venue's clock when the page was made: an end of time is days away.
        now_us: data.quote.time.0.saturating_add_unsigned(data.quote.age_ms.saturating_mul(1_000)),
        limits: data.limits,
        zone: data.zone,
    }
}

/// Effect of the order now, or its refusal (tracked).
pub(super) fn estimate_of(draft: &OrderForm, data: StoredValue<TicketData>) -> Result<Estimate, Problem> {
    data.with_value(|data| estimated(draft, &basis(data)))
}

/// Reason why trading is impossible now, in words; empty if it is possible (tracked).
fn closed(data: &TicketData) -> String {
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
