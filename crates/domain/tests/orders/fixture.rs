//! Fixtures: a venue, an account and builders of orders.

use cnop_domain::matching::place;
use cnop_domain::{
    Amount, Bucket, Currency, GroupKind, LedgerAccount, Link, MarketContext, NewOrder, OrderChange,
    OrderDecision, OrderState, OrderTerms, OrderType, Position, Price, Quantity, Quote, Refusal, Role, Side,
    TermsFault, TimeInForce, TradingRules, TradingState, Trail,
};

pub(crate) use cnop_domain::calendar::DAY_US;
/// Time of the fixture [`venue`].
pub(crate) const NOW_US: i64 = 1_000;

pub(crate) fn dollars(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(crate) fn coins(text: &str) -> Quantity {
    text.parse().unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn rules() -> TradingRules {
    TradingRules {
        tick_size: price("0.01"),
        step_size: coins("0.001"),
        min_quantity: coins("0.01"),
        max_quantity: coins("1000"),
        min_notional: dollars("1"),
        max_notional: dollars("1000000"),
    }
}

/// A quote around a last price: bid 0.10 below, ask 0.10 above, ten coins on each side.
pub(crate) fn venue(last: &str) -> MarketContext {
    let last = price(last);
    let spread = price("0.10");
    MarketContext {
        rules: rules(),
        quote: Quote {
            bid: last.checked_sub(spread).unwrap(),
            ask: last.checked_add(spread).unwrap(),
            bid_size: coins("10"),
            ask_size: coins("10"),
            last,
            seq: 1,
            time_us: 0,
        },
        fee_bps: 10,
        order_notional_max: dollars("100000"),
        displayed_left: coins("10"),
        now_us: NOW_US,
    }
}

/// A trader with 10,000 dollars and 20 coins that cost 2,000.
pub(crate) fn desk() -> TradingState {
    TradingState {
        orders: Vec::new(),
        cash_available: dollars("10000"),
        cash_reserved: Amount::ZERO,
        coins_available: coins("20"),
        coins_reserved: Quantity::ZERO,
        position: Position { quantity: coins("20"), cost: dollars("2000"), realised: Amount::ZERO },
    }
}

pub(crate) fn market(side: Side, quantity: &str) -> OrderTerms {
    OrderTerms::market("BTC".parse().unwrap(), side, coins(quantity))
}

pub(crate) fn limit(side: Side, quantity: &str, at: &str) -> OrderTerms {
    OrderTerms {
        order_type: OrderType::Limit,
        limit: Some(price(at)),
        time_in_force: TimeInForce::Gtc,
        ..market(side, quantity)
    }
}

pub(crate) fn stop(side: Side, quantity: &str, at: &str) -> OrderTerms {
    OrderTerms {
        order_type: OrderType::Stop,
        stop: Some(price(at)),
        time_in_force: TimeInForce::Gtc,
        ..market(side, quantity)
    }
}

pub(crate) fn stop_limit(side: Side, quantity: &str, at: &str, limit: &str) -> OrderTerms {
    OrderTerms { order_type: OrderType::StopLimit, limit: Some(price(limit)), ..stop(side, quantity, at) }
}

pub(crate) fn trailing(side: Side, quantity: &str, trail: Trail) -> OrderTerms {
    OrderTerms {
        order_type: OrderType::TrailingStop,
        trail: Some(trail),
        time_in_force: TimeInForce::Gtc,
        ..market(side, quantity)
    }
}

pub(crate) fn in_group(kind: GroupKind, orders: &[(Role, OrderTerms)]) -> Vec<NewOrder> {
    orders
        .iter()
        .map(|(role, terms)| NewOrder { terms: *terms, link: Some(Link { kind, role: *role }) })
        .collect()
}

pub(crate) fn placed(terms: OrderTerms, venue: &MarketContext) -> Result<OrderDecision, Refusal> {
    let outcome = place(&desk(), &[NewOrder::single(terms)], venue)?;
    verify(&desk(), &outcome);
    Ok(outcome)
}

pub(crate) fn fault(result: Result<OrderDecision, Refusal>) -> TermsFault {
    match result {
        Err(Refusal::Terms(fault)) => fault,
        other => panic!("no fault of the terms: {other:?}"),
    }
}

pub(crate) fn names(outcome: &OrderDecision) -> Vec<(usize, String)> {
    let name = |change: &OrderChange| match change {
        OrderChange::Accepted => "accepted".to_owned(),
        OrderChange::Activated => "activated".to_owned(),
        OrderChange::Triggered { .. } => "triggered".to_owned(),
        OrderChange::Filled(new) => format!("filled {}", new.fill.quantity),
        OrderChange::Canceled(reason) => format!("canceled {reason}"),
        OrderChange::Expired(reason) => format!("expired {reason}"),
        OrderChange::Rejected(reason) => format!("rejected {reason}"),
        OrderChange::Replaced { reason, .. } => format!("replaced {reason}"),
    };
    outcome.steps.iter().map(|step| (step.order, name(&step.change))).collect()
}

/// Invariants of every decision: the postings equal the change of the balances, nothing is negative, and
/// closed orders reserve nothing. Open orders together reserve the reserved balance beyond that of other
/// orders.
pub(crate) fn verify(before: &TradingState, outcome: &OrderDecision) {
    let after = &outcome.after;
    let coin = Currency::Asset("BTC".parse().unwrap());
    let moved = |account, currency| -> i128 {
        outcome.steps.iter().map(|step| step.postings.net(account, currency)).sum()
    };
    let (available, reserved) =
        (LedgerAccount::Trader(Bucket::Available), LedgerAccount::Trader(Bucket::Reserved));
    for (account, currency, from, to) in [
        (available, Currency::Usd, before.cash_available.units(), after.cash_available.units()),
        (reserved, Currency::Usd, before.cash_reserved.units(), after.cash_reserved.units()),
        (available, coin, before.coins_available.units(), after.coins_available.units()),
        (reserved, coin, before.coins_reserved.units(), after.coins_reserved.units()),
    ] {
        assert_eq!(to - from, moved(account, currency), "postings are the change");
        assert!(to >= 0, "nothing below zero");
    }
    assert_eq!(
        after.position.quantity,
        after.coins_available.checked_add(after.coins_reserved).unwrap(),
        "the position is all coins"
    );
    let held = |orders: &[OrderState]| {
        orders.iter().fold((0, 0), |(cash, coins), order| {
            (cash + order.reserved_cash.units(), coins + order.reserved_coins.units())
        })
    };
    let (was, is) = (held(&before.orders), held(&after.orders));
    assert_eq!(after.cash_reserved.units() - before.cash_reserved.units(), is.0 - was.0, "cash reserves");
    assert_eq!(after.coins_reserved.units() - before.coins_reserved.units(), is.1 - was.1, "coin reserves");
    for order in after.orders.iter().filter(|order| !order.is_open()) {
        assert!(
            order.reserved_cash.is_zero() && order.reserved_coins.is_zero(),
            "closed orders hold nothing"
        );
    }
    for step in &outcome.steps {
        let state = after.orders[step.order];
        let last = outcome.steps.iter().rfind(|other| other.order == step.order).unwrap();
        assert_eq!(last.after, state, "the last step is the state");
    }
}

pub(crate) fn gtd(expires_us: i64, terms: OrderTerms) -> OrderTerms {
    OrderTerms { time_in_force: TimeInForce::Gtd { expires_us }, ..terms }
}
