//! Refusing what a trader has forbidden himself.

use cnop_api::{Code, Problem, Timestamp};
use cnop_domain::{GuardFault, GuardedOrder, OrderState, OrderStatus, OrderTerms, Side, Venue};

use crate::account::State;
use crate::{Error, Result};

/// Refuses orders that the trader has forbidden himself. `before` is the order that is changed; a change that only makes
/// less of it is no new risk. Exits that wait for a purchase are sales, which guards let pass.
pub(crate) fn guard_check(
    state: &State<'_>,
    orders: &[OrderTerms],
    before: Option<&OrderState>,
    venue: &Venue,
) -> Result<()> {
    let guard = state.head.guard.at(state.now_us);
    for terms in orders {
        if before.is_some_and(|before| is_less(terms, before, venue)) {
            continue;
        }
        let order = GuardedOrder::of(terms, venue);
        cnop_domain::guard_check(&guard, &order, &state.head.losses, state.now_us).map_err(refused)?;
    }
    Ok(())
}

/// Whether changed terms only make less of an order. Those of a purchase do when its value and its limit do not rise, its
/// trigger stays, and it does not take from the market at once: a large purchase that was parked far away must not come
/// back smaller at the price of now, which is a new purchase by another name.
fn is_less(terms: &OrderTerms, before: &OrderState, venue: &Venue) -> bool {
    let value = |terms: &OrderTerms| terms.cost_price(venue).value_of(terms.quantity);
    if value(terms) > value(&before.terms) {
        return false;
    }
    let takes = terms.limit.is_some_and(|limit| limit >= venue.quote.ask);
    let is_awake = matches!(before.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    terms.side == Side::Sell
        || (terms.limit <= before.terms.limit
            && (terms.stop, terms.trail) == (before.terms.stop, before.terms.trail)
            && !(is_awake && takes))
}

fn refused(fault: GuardFault) -> Error {
    let problem = match fault {
        GuardFault::KillSwitch => Problem::new(
            Code::GuardKillSwitch,
            "Your kill switch is on: only sales at market are taken. Turning it off works 24 hours later.",
        ),
        GuardFault::OrderMax { limit, given } => Problem::new(
            Code::GuardOrderTooLarge,
            format!("You allow yourself orders of at most {limit} USD; this one is worth {given} USD."),
        )
        .with_fact("limit", limit)
        .with_fact("given", given),
        GuardFault::DailyLoss { limit, lost, until_us } => Problem::new(
            Code::GuardDailyLoss,
            format!(
                "You have lost {lost} USD today and allow yourself {limit} USD. You can buy again from {}.",
                Timestamp(until_us)
            ),
        )
        .with_fact("limit", limit)
        .with_fact("lost", lost)
        .with_fact("until", Timestamp(until_us)),
        GuardFault::Pause { until_us } => Problem::new(
            Code::GuardCoolDown,
            format!(
                "Your own pause after a loss lasts until {}. Sales are not affected.",
                Timestamp(until_us)
            ),
        )
        .with_fact("until", Timestamp(until_us)),
    };
    problem.into()
}
