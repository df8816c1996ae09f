//! The values that a refusal proposes are valid: an order with them breaks no price rule.

use cnop_domain::matching::{Revision, fill_resting, place, replace};
use cnop_domain::{
    Amount, GroupKind, MarketContext, NewOrder, OrderTerms, OrderType, Price, Refusal, Role, RuleValue, Side,
    TermsFault, TradingRules, Trail,
};
use proptest::prelude::*;

use crate::fixture::{coins, desk, in_group, limit, market, placed, price, rules, stop, trailing, venue};

/// The fault of the terms; none when a price is right and at most money is missing or a size is wrong.
fn fault(orders: &[NewOrder], venue: &MarketContext) -> Option<TermsFault> {
    match place(&desk(), orders, venue) {
        Err(Refusal::Terms(fault)) => Some(fault),
        _ => None,
    }
}

/// A venue with sizes that restrict nothing.
fn wide(last: u32, spread: [u32; 2]) -> MarketContext {
    let venue = venue(&format!("{}.{:02}", last / 100, last % 100));
    let cents = |count: u32| Price::from_units(i128::from(count) * 1_000_000).unwrap();
    let quote = cnop_domain::Quote {
        bid: cents(last - spread[0]),
        ask: cents(last - spread[0] + spread[1] + 1),
        ..venue.quote
    };
    MarketContext { rules: TradingRules { min_notional: Amount::ZERO, ..rules() }, quote, ..venue }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn each_proposed_price_breaks_no_rule(
        // Half of them near the last price, where the sides are; the others anywhere.
        near in any::<bool>(), offset in -400_000_000..400_000_000_i128, far in 0..1_000_000_000_000_i128,
        on_tick in any::<bool>(), buys in any::<bool>(), kind in 0..12_u8, last in 1_000..100_000_u32,
        spread in [0..50_u32, 0..50_u32],
    ) {
        let venue = wide(last, spread);
        let units = if near { (venue.quote.last.units() + offset).max(0) } else { far };
        let tick = rules().tick_size;
        let given = Price::from_units(units).unwrap();
        let given = if on_tick { given.floor_to(tick) } else { given };
        let side = if buys { Side::Buy } else { Side::Sell };
        let entry = |terms: OrderTerms, role| {
            in_group(GroupKind::Oto, &[(Role::Entry, market(Side::Buy, "1")), (role, terms)])
        };
        let last = venue.quote.last;
        let fine = |above: bool| {
            Price::from_units(last.units() * if above { 120 } else { 80 } / 100).unwrap().floor_to(tick)
        };
        let limited = |side, at| OrderTerms { limit: Some(at), ..limit(side, "1", "1") };
        let stopped = |side, at| OrderTerms { stop: Some(at), ..stop(side, "1", "1") };
        let oco = |profit, loss| in_group(GroupKind::Oco, &[(Role::TakeProfit, profit), (Role::StopLoss, loss)]);
        let orders = |at: Price| match kind {
            0 => vec![NewOrder::single(limited(side, at))],
            1 => vec![NewOrder::single(OrderTerms { post_only: true, ..limited(side, at) })],
            2 => vec![NewOrder::single(stopped(side, at))],
            3 => vec![NewOrder::single(OrderTerms { order_type: OrderType::TakeProfit, ..stopped(side, at) })],
            4 => vec![NewOrder::single(trailing(side, "1", Trail::Amount(at)))],
            5 => {
                let order_type = OrderType::StopLimit;
                vec![NewOrder::single(OrderTerms { order_type, limit: Some(at), ..stopped(side, fine(buys)) })]
            }
            6 => {
                let (order_type, limit) = (OrderType::TakeProfitLimit, Some(fine(buys)));
                vec![NewOrder::single(OrderTerms { order_type, limit, ..stopped(side, at) })]
            }
            7 => oco(limited(side, at), stopped(side, fine(buys))),
            8 => oco(limited(side, fine(!buys)), stopped(side, at)),
            9 => entry(limited(Side::Sell, at), Role::TakeProfit),
            10 => entry(stopped(Side::Sell, at), Role::StopLoss),
            _ => entry(trailing(Side::Sell, "1", Trail::Amount(at)), Role::StopLoss),
        };
        let Some(found) = fault(&orders(given), &venue) else { return Ok(()) };
        prop_assert_eq!(found.given, RuleValue::Price(given));
        prop_assert!(!found.nearest.is_empty(), "nothing is proposed: {:?}", found);
        for nearest in &found.nearest {
            let RuleValue::Price(nearest) = nearest else { panic!("{found:?}") };
            let again = fault(&orders(*nearest), &venue);
            prop_assert_eq!(again, None, "{} of {:?}", nearest, found);
        }
    }
}

#[test]
fn of_two_quantities_that_differ_the_first_is_proposed() {
    let legs =
        [(Role::TakeProfit, limit(Side::Sell, "2", "110")), (Role::StopLoss, stop(Side::Sell, "1", "90"))];
    let found = fault(&in_group(GroupKind::Oco, &legs), &venue("100")).unwrap();
    assert_eq!((found.order, found.field.as_str()), (1, "quantity"));
    assert_eq!(
        (found.given, found.nearest),
        (RuleValue::Quantity(coins("1")), vec![RuleValue::Quantity(coins("2"))])
    );
}

#[test]
fn a_distance_that_the_price_has_used_up_is_refused_with_the_smallest_that_is_left() {
    for (side, mark, last) in [(Side::Sell, "110", "104.50"), (Side::Buy, "90", "95.5")] {
        let order = placed(trailing(side, "1", Trail::BasisPoints(3_000)), &venue("100")).unwrap().after;
        for (trail, proposed) in [
            (Trail::Amount(price("5.50")), RuleValue::Price(price("5.51"))),
            (Trail::BasisPoints(10), RuleValue::BasisPoints(if side == Side::Sell { 501 } else { 612 })),
        ] {
            let to = |trail| Revision { trail: Some(trail), mark: Some(price(mark)), ..Default::default() };
            let found = match replace(&order, 0, &to(trail), &venue(last)) {
                Err(Refusal::Terms(fault)) => fault,
                other => panic!("{other:?}"),
            };
            assert_eq!((found.given, &found.nearest[..]), (RuleValue::from(trail), &[proposed][..]));
            let nearest = match proposed {
                RuleValue::BasisPoints(points) => Trail::BasisPoints(points),
                _ => Trail::Amount(price("5.51")),
            };
            assert!(replace(&order, 0, &to(nearest), &venue(last)).is_ok(), "{side} {nearest:?}");
        }
    }
}

#[test]
fn a_size_below_what_is_filled_is_refused_with_the_smallest_that_is_above() {
    let order = placed(limit(Side::Buy, "5", "90"), &venue("100")).unwrap().after;
    // One step is worth less than the smallest order: the nearest is larger than the next step.
    for (filled, proposed) in [("2.001", "2.002"), ("0.003", "0.012")] {
        let part = fill_resting(&order, 0, coins(filled), &venue("89")).unwrap().after;
        let to = |quantity| Revision { quantity: Some(quantity), ..Default::default() };
        let Err(Refusal::Terms(found)) = replace(&part, 0, &to(coins("0.001")), &venue("100")) else {
            panic!("it is filled already");
        };
        assert_eq!(found.nearest, [RuleValue::Quantity(coins(proposed))]);
        assert!(found.detail().ends_with(&format!("Nearest: {proposed}.")));
        assert!(replace(&part, 0, &to(coins(proposed)), &venue("100")).is_ok());
    }
}
