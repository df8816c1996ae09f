//! Nothing is sold for nothing, and nothing is had for nothing.

use cnop_domain::matching::{fill_resting, place, trigger};
use cnop_domain::{
    Amount, Fill, MarketContext, NewOrder, OrderChange, OrderDecision, OrderStatus, OrderTerms, OrderType,
    Position, Price, Quantity, Quote, Reason, Refusal, Side, SizeRule, TimeInForce, TradingRules,
    TradingState,
};
use proptest::prelude::*;

use crate::fixture::{desk, stop, venue, verify};

fn units(count: i128) -> Quantity {
    Quantity::from_units(count).unwrap()
}

fn at(count: i128) -> Price {
    Price::from_units(count).unwrap()
}

/// A venue whose prices and quantities are as small as they can be.
fn tiny(bid: i128, fee_bps: u32) -> MarketContext {
    let rules = TradingRules {
        tick_size: at(1),
        step_size: units(1),
        min_quantity: units(1),
        max_quantity: Quantity::MAX,
        min_notional: Amount::ZERO,
        max_notional: Amount::MAX,
    };
    let venue = venue("100");
    let size = units(1_000_000_000);
    let quote = Quote {
        bid: at(bid),
        ask: at(bid + 1),
        last: at(bid),
        bid_size: size,
        ask_size: size,
        ..venue.quote
    };
    MarketContext { rules, quote, fee_bps, displayed_left: size, order_notional_max: Amount::MAX, ..venue }
}

fn holder(coins: Quantity) -> TradingState {
    let position = Position { quantity: coins, ..Position::default() };
    TradingState { coins_available: coins, position, ..desk() }
}

fn fills(outcome: &OrderDecision) -> Vec<Fill> {
    let fill = |change: &OrderChange| match change {
        OrderChange::Filled(new) => Some(new.fill),
        _ => None,
    };
    outcome.steps.iter().filter_map(|step| fill(&step.change)).collect()
}

/// A stop sold at a bid of zero: the coins were gone and nothing came in.
#[test]
fn a_stop_that_would_sell_for_nothing_is_rejected_and_keeps_the_coins() {
    let desk = holder("1".parse().unwrap());
    let placed = place(&desk, &[NewOrder::single(stop(Side::Sell, "1", "90"))], &venue("100")).unwrap().after;
    let ruined = tiny(0, 10);
    let ended = trigger(&placed, 0, &ruined, None).unwrap();
    verify(&placed, &ended);
    let order = ended.after.orders[0];
    assert_eq!((order.status, order.reason), (OrderStatus::Rejected, Some(Reason::RuleBroken)));
    assert_eq!((ended.after.coins_available, fills(&ended)), ("1".parse().unwrap(), Vec::new()));
}

#[test]
fn a_sale_that_leaves_nothing_after_the_fee_is_refused() {
    // A ten-thousandth of a coin at 0.0001 dollars is worth one unit, and the fee takes it.
    let desk = holder(units(10_000));
    let all = OrderTerms {
        quantity: units(10_000),
        ..OrderTerms::market("BTC".parse().unwrap(), Side::Sell, units(1))
    };
    let refused = place(&desk, &[NewOrder::single(all)], &tiny(10_000, 10));
    assert!(
        matches!(refused, Err(Refusal::Size(fault)) if fault.rule == SizeRule::MinProceeds && fault.nearest.is_empty())
    );
    let sold = place(&desk, &[NewOrder::single(all)], &tiny(20_000, 10)).unwrap();
    assert_eq!(sold.after.cash_available.units(), desk.cash_available.units() + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// At any price and quantity, however small: each fill has a price and a value, and a sale brings something.
    #[test]
    fn nothing_is_traded_for_nothing(
        held in 1..2_000_000_000_i128, bids in prop::collection::vec(0..3_000_i128, 1..6), limit in 1..3_000_i128,
        displayed in 1..50_000_000_i128, kind in 0..3_u8, fee_bps in 0..5_000_u32,
    ) {
        let desk = holder(units(held));
        let market = OrderTerms::market("BTC".parse().unwrap(), Side::Sell, units(held));
        let gtc = OrderTerms { time_in_force: TimeInForce::Gtc, ..market };
        let terms = match kind {
            0 => market,
            1 => OrderTerms { order_type: OrderType::Limit, limit: Some(at(limit)), ..gtc },
            _ => OrderTerms { order_type: OrderType::Stop, stop: Some(at(limit)), ..gtc },
        };
        let first = MarketContext { displayed_left: units(displayed), ..tiny(bids[0] + limit, fee_bps) };
        let Ok(outcome) = place(&desk, &[NewOrder::single(terms)], &first) else { return Ok(()) };
        let (mut state, mut all) = (outcome.after.clone(), fills(&outcome));
        for bid in bids {
            let venue = tiny(bid, fee_bps);
            let acted = match state.orders[0].status {
                OrderStatus::WaitingTrigger => trigger(&state, 0, &venue, None),
                _ => fill_resting(&state, 0, units(displayed), &venue),
            };
            if let Ok(outcome) = acted {
                verify(&state, &outcome);
                all.extend(fills(&outcome));
                state = outcome.after;
            }
        }
        let brought = state.cash_available.units() - desk.cash_available.units();
        prop_assert!(all.iter().all(|fill| !fill.price.is_zero() && fill.notional > Amount::ZERO), "{all:?}");
        prop_assert!(if all.is_empty() { brought == 0 } else { brought > 0 }, "{brought} for {all:?}");
        if state.orders[0].status.is_final() {
            prop_assert_eq!(state.coins_reserved, Quantity::ZERO);
        }
    }
}
