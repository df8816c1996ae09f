//! Single orders, case by case.

use cnop_domain::matching::{
    Revision, cancel, expire, explain, fill_resting, place, reject, replace, share_of, trigger,
};
use cnop_domain::{
    Amount, Basis, FILLS_MAX, MarketContext, NewOrder, OrderChange, OrderDecision, OrderFill, OrderStatus,
    OrderTerms, OrderType, Quantity, Reason, Refusal, Side, TimeInForce, TradingState, Trail,
};

use crate::fixture::{
    NOW_US, coins, desk, dollars, gtd, limit, market, names, placed, price, stop, stop_limit, trailing,
    venue, verify,
};

fn fill_at(outcome: &cnop_domain::OrderDecision, index: usize) -> OrderFill {
    match outcome.steps[index].change {
        OrderChange::Filled(new) => new,
        other => panic!("no fill: {other:?}"),
    }
}

#[test]
fn a_market_order_is_one_step() {
    let done = placed(market(Side::Buy, "2"), &venue("100")).unwrap();
    assert_eq!(names(&done), [(0, "filled 2".to_owned())]);
    assert_eq!(done.after.cash_available, dollars("9799.5998"));
    let order = done.after.orders[0];
    assert_eq!((order.status, order.version, order.fills), (OrderStatus::Completed, 1, 1));
    assert_eq!((order.notional, order.fees), (dollars("200.20"), dollars("0.2002")));
    assert_eq!(fill_at(&done, 0).basis, Basis::Venue);
    assert_eq!(done.displayed_used, Quantity::ZERO, "the venue fills it, whatever is displayed");
    let sold = placed(market(Side::Sell, "20"), &venue("100")).unwrap();
    assert_eq!(sold.after.orders[0].realised, dollars("-3.998"));
    assert_eq!(sold.after.position.quantity, Quantity::ZERO);
}

#[test]
fn a_limit_order_rests_and_reserves_what_it_can_cost() {
    let done = placed(limit(Side::Buy, "2", "90"), &venue("100")).unwrap();
    assert_eq!(names(&done), [(0, "accepted".to_owned())]);
    assert_eq!(done.after.cash_reserved, dollars("180.18"));
    assert_eq!(done.after.orders[0].status, OrderStatus::Working);
    let canceled = cancel(&done.after, 0, Reason::User, NOW_US).unwrap();
    verify(&done.after, &canceled);
    assert_eq!(canceled.after.cash_available, dollars("10000"));
    assert_eq!(cancel(&canceled.after, 0, Reason::User, NOW_US), Err(Refusal::Closed(OrderStatus::Canceled)));
    let sale = placed(limit(Side::Sell, "20", "110"), &venue("100")).unwrap();
    assert_eq!((sale.after.coins_reserved, sale.after.coins_available), (coins("20"), Quantity::ZERO));
}

#[test]
fn a_limit_order_that_arrives_takes_the_displayed_size_at_the_quote() {
    let done = placed(limit(Side::Buy, "12", "101"), &venue("100")).unwrap();
    assert_eq!(names(&done), [(0, "filled 10".to_owned())]);
    let fill = fill_at(&done, 0);
    assert_eq!((fill.basis, fill.fill.price), (Basis::Taker, price("100.10")), "better than its limit");
    assert_eq!(done.displayed_used, coins("10"));
    let order = done.after.orders[0];
    assert_eq!(order.status, OrderStatus::PartiallyFilled);
    // 2 × 101, and the fee on 1,203 less that on 1,001 already charged.
    assert_eq!(order.reserved_cash, dollars("202.202"));
    let rest = fill_resting(&done.after, 0, coins("5"), &venue("100.5")).unwrap();
    verify(&done.after, &rest);
    assert_eq!(names(&rest), [(0, "filled 2".to_owned())]);
    let fill = fill_at(&rest, 0);
    assert_eq!(
        (fill.basis, fill.fill.price),
        (Basis::Taker, price("100.60")),
        "its rest takes the next quote"
    );
    assert_eq!(rest.displayed_used, coins("2"));
    assert_eq!(rest.after.orders[0].fees, dollars("1.2022"));
    assert_eq!(rest.after.cash_reserved, Amount::ZERO);
}

#[test]
fn a_limit_far_beyond_the_market_is_never_paid() {
    let bare = |last| MarketContext { displayed_left: Quantity::ZERO, ..venue(last) };
    let at_the_quote = |before: &OrderDecision, last: &str, expected: &str| {
        assert!(before.after.orders[0].beyond);
        let filled = fill_resting(&before.after, 0, coins("2"), &venue(last)).unwrap();
        verify(&before.after, &filled);
        let fill = fill_at(&filled, 0);
        assert_eq!((fill.basis, fill.fill.price), (Basis::Taker, price(expected)));
        assert_eq!(filled.after.cash_reserved, Amount::ZERO);
    };
    // No size was displayed when it arrived, when it triggered, or when its limit was moved there.
    let arrived = placed(limit(Side::Buy, "2", "150"), &bare("100")).unwrap();
    at_the_quote(&arrived, "101", "101.10");
    at_the_quote(&placed(limit(Side::Sell, "2", "50"), &bare("100")).unwrap(), "99", "98.90");
    let waits = placed(stop_limit(Side::Buy, "2", "110", "150"), &venue("100")).unwrap();
    at_the_quote(&trigger(&waits.after, 0, &bare("111"), None).unwrap(), "112", "112.10");
    let rests = placed(limit(Side::Buy, "2", "90"), &venue("100")).unwrap();
    assert!(!rests.after.orders[0].beyond);
    let change = |limit| Revision { limit: Some(price(limit)), ..Revision::default() };
    let moved = replace(&rests.after, 0, &change("150"), &bare("100")).unwrap();
    at_the_quote(&moved, "101", "101.10");
    let back = replace(&moved.after, 0, &change("90"), &bare("100")).unwrap();
    let passed = fill_resting(&back.after, 0, coins("2"), &venue("80")).unwrap();
    assert_eq!((fill_at(&passed, 0).basis, fill_at(&passed, 0).fill.price), (Basis::Maker, price("90")));
}

#[test]
fn a_resting_order_fills_only_when_the_other_side_reaches_it() {
    let done = placed(limit(Side::Buy, "2", "90"), &venue("100")).unwrap();
    let fill = |last: &str, granted: &str| fill_resting(&done.after, 0, coins(granted), &venue(last));
    assert_eq!(fill("89.91", "5"), Err(Refusal::NotNow), "the ask is 90.01");
    assert_eq!(fill("89.90", "0.0009"), Err(Refusal::NotNow), "less than a step");
    assert_eq!(names(&fill("80", "0.5019").unwrap()), [(0, "filled 0.501".to_owned())]);
    let filled = fill("80", "5").unwrap();
    assert_eq!(fill_at(&filled, 0).fill.price, price("90"));
    assert_eq!(
        fill_resting(&filled.after, 0, coins("1"), &venue("80")),
        Err(Refusal::Closed(OrderStatus::Completed))
    );
}

#[test]
fn immediate_orders_leave_a_record() {
    let ioc = |at: &str| OrderTerms { time_in_force: TimeInForce::Ioc, ..limit(Side::Buy, "12", at) };
    let fok =
        |quantity: &str| OrderTerms { time_in_force: TimeInForce::Fok, ..limit(Side::Buy, quantity, "101") };
    for (terms, expected) in [
        (ioc("90"), vec!["accepted", "expired ioc_remainder"]),
        (ioc("101"), vec!["filled 10", "expired ioc_remainder"]),
        (fok("12"), vec!["accepted", "expired fok_unfilled"]),
        (fok("10"), vec!["filled 10"]),
    ] {
        let done = placed(terms, &venue("100")).unwrap();
        assert_eq!(names(&done).into_iter().map(|(_, name)| name).collect::<Vec<_>>(), expected);
        assert_eq!(done.after.cash_reserved, Amount::ZERO);
    }
}

#[test]
fn a_stop_fills_at_the_quote_that_triggers_it() {
    let done = placed(stop(Side::Sell, "2", "95"), &venue("100")).unwrap();
    assert_eq!(done.after.orders[0].status, OrderStatus::WaitingTrigger);
    assert_eq!(trigger(&done.after, 0, &venue("95.01"), None), Err(Refusal::NotNow));
    assert_eq!(fill_resting(&done.after, 0, coins("2"), &venue("90")), Err(Refusal::NotNow));
    let gap = trigger(&done.after, 0, &venue("80"), None).unwrap();
    verify(&done.after, &gap);
    assert_eq!(names(&gap), [(0, "triggered".to_owned()), (0, "filled 2".to_owned())]);
    assert_eq!(fill_at(&gap, 1).fill.price, price("79.90"));
}

#[test]
fn a_stop_purchase_takes_what_it_lacks_or_is_rejected() {
    let done = placed(stop(Side::Buy, "2", "110"), &venue("100")).unwrap();
    // 2 × 110 × 1.025 and the fee.
    assert_eq!(done.after.cash_reserved, dollars("225.7255"));
    let dear = trigger(&done.after, 0, &venue("150"), None).unwrap();
    verify(&done.after, &dear);
    assert_eq!(dear.after.orders[0].status, OrderStatus::Completed);
    let poor = TradingState { cash_available: dollars("50"), ..done.after.clone() };
    let rejected = trigger(&poor, 0, &venue("150"), None).unwrap();
    verify(&poor, &rejected);
    assert_eq!(names(&rejected)[1], (0, "rejected insufficient_funds".to_owned()));
    assert_eq!(rejected.after.cash_available, dollars("275.7255"));
}

#[test]
fn a_limit_form_becomes_a_limit_order_that_arrives() {
    let done = placed(stop_limit(Side::Buy, "12", "110", "112"), &venue("100")).unwrap();
    let taken = trigger(&done.after, 0, &venue("111"), None).unwrap();
    verify(&done.after, &taken);
    assert_eq!(names(&taken), [(0, "triggered".to_owned()), (0, "filled 10".to_owned())]);
    let beyond = trigger(&done.after, 0, &venue("113"), None).unwrap();
    assert_eq!(names(&beyond), [(0, "triggered".to_owned())]);
    assert_eq!(beyond.after.orders[0].status, OrderStatus::Working);
    let rests = fill_resting(&beyond.after, 0, coins("12"), &venue("111")).unwrap();
    assert_eq!(fill_at(&rests, 0).fill.price, price("112"));
}

#[test]
fn take_profit_waits_on_the_other_side() {
    let sell = OrderTerms { order_type: OrderType::TakeProfit, ..stop(Side::Sell, "2", "120") };
    let done = placed(sell, &venue("100")).unwrap();
    assert_eq!(trigger(&done.after, 0, &venue("119.99"), None), Err(Refusal::NotNow));
    assert_eq!(
        fill_at(&trigger(&done.after, 0, &venue("120"), None).unwrap(), 1).fill.price,
        price("119.90")
    );
    let buy = OrderTerms {
        order_type: OrderType::TakeProfitLimit,
        limit: Some(price("81")),
        ..stop(Side::Buy, "2", "80")
    };
    let done = placed(buy, &venue("100")).unwrap();
    assert_eq!(trigger(&done.after, 0, &venue("80.01"), None), Err(Refusal::NotNow));
    assert_eq!(fill_at(&trigger(&done.after, 0, &venue("80"), None).unwrap(), 1).fill.price, price("80.10"));
}

#[test]
fn a_trailing_stop_follows_its_mark() {
    let done = placed(trailing(Side::Sell, "2", Trail::BasisPoints(333)), &venue("100")).unwrap();
    let order = done.after.orders[0];
    assert_eq!((order.mark, order.trigger), (Some(price("100")), Some(price("96.67"))));
    assert_eq!(trigger(&done.after, 0, &venue("97"), None), Err(Refusal::NotNow));
    // The book saw 120: 3.33 % below it is 116.004, rounded away from the market.
    let high = Some(price("120"));
    assert_eq!(trigger(&done.after, 0, &venue("116.01"), high), Err(Refusal::NotNow));
    let sold = trigger(&done.after, 0, &venue("116"), high).unwrap();
    verify(&done.after, &sold);
    let order = sold.after.orders[0];
    assert_eq!((order.mark, order.trigger), (high, Some(price("116"))));
    let lost = trigger(&done.after, 0, &venue("96.67"), Some(price("90"))).unwrap();
    assert_eq!(lost.after.orders[0].mark, Some(price("100")), "a mark never goes back");
    let bought = placed(trailing(Side::Buy, "2", Trail::Amount(price("5"))), &venue("100")).unwrap();
    assert_eq!(bought.after.orders[0].trigger, Some(price("105")));
    let cheaper = trigger(&bought.after, 0, &venue("85"), Some(price("80"))).unwrap();
    verify(&bought.after, &cheaper);
    assert_eq!(cheaper.after.cash_reserved, Amount::ZERO, "what it held too much is returned");
}

#[test]
fn an_order_past_its_time_never_fills() {
    let done = placed(gtd(5_000, limit(Side::Buy, "2", "90")), &venue("100")).unwrap();
    let late = cnop_domain::MarketContext { now_us: 5_000, ..venue("80") };
    let over = fill_resting(&done.after, 0, coins("2"), &late).unwrap();
    verify(&done.after, &over);
    assert_eq!(names(&over), [(0, "expired gtd".to_owned())]);
    assert_eq!(names(&expire(&done.after, 0, 5_000).unwrap()), names(&over));
    let waiting = placed(gtd(5_000, stop(Side::Sell, "2", "90")), &venue("100")).unwrap();
    assert_eq!(names(&trigger(&waiting.after, 0, &late, None).unwrap()), names(&over));
    assert_eq!(
        names(&reject(&done.after, 0, Reason::RuleBroken).unwrap()),
        [(0, "rejected rules".to_owned())]
    );
}

#[test]
fn the_hundredth_fill_takes_all_and_many_fills_cost_no_more_fee_than_one() {
    let cheap = cnop_domain::MarketContext { fee_bps: 7, ..venue("100") };
    let mut desk = place(&desk(), &[NewOrder::single(limit(Side::Buy, "5", "33.33"))], &cheap).unwrap().after;
    for number in 1..=FILLS_MAX {
        let order = desk.orders[0];
        let done = fill_resting(&desk, 0, coins("0.001"), &venue("33")).unwrap();
        verify(&desk, &done);
        explain(&order, done.steps[0].seen.as_ref(), &fill_at(&done, 0)).unwrap();
        assert_eq!(done.displayed_used, coins("0.001"), "fill {number} uses no more than was granted");
        desk = done.after;
    }
    let order = desk.orders[0];
    assert_eq!((order.status, order.fills), (OrderStatus::Completed, FILLS_MAX));
    assert_eq!(order.fees, cnop_domain::fee(dollars("166.65"), 7).unwrap());
    assert_eq!(desk.cash_reserved, Amount::ZERO);
}

#[test]
fn everything_can_be_sold_however_little() {
    let dust = TradingState {
        coins_available: coins("0.00000003"),
        position: cnop_domain::Position { quantity: coins("0.00000003"), ..Default::default() },
        ..desk()
    };
    let sell = |terms: OrderTerms| place(&dust, &[NewOrder::single(terms)], &venue("100"));
    let done = sell(market(Side::Sell, "0.00000003")).unwrap();
    verify(&dust, &done);
    assert!(done.after.position.quantity.is_zero());
    // 299.7 units, down; a fee of one.
    assert_eq!(done.after.cash_available, dollars("10000.00000298"));
    let rests = sell(limit(Side::Sell, "0.00000003", "120")).unwrap();
    let filled = fill_resting(&rests.after, 0, coins("1"), &venue("121")).unwrap();
    verify(&rests.after, &filled);
    assert!(matches!(sell(market(Side::Sell, "0.00000002")), Err(Refusal::Size(_))));
    assert_eq!(share_of(coins("0.0123456"), 10_000, coins("0.001")), coins("0.0123456"));
    assert_eq!(share_of(coins("0.0123456"), 5_000, coins("0.001")), coins("0.006"));
}

#[test]
fn missing_money_is_named() {
    assert_eq!(
        placed(limit(Side::Buy, "200", "90"), &venue("100")).unwrap_err(),
        Refusal::InsufficientFunds { available: dollars("10000"), needed: dollars("18018") }
    );
    assert_eq!(
        placed(stop(Side::Sell, "21", "90"), &venue("100")).unwrap_err(),
        Refusal::InsufficientQuantity { available: coins("20"), needed: coins("21") }
    );
}

/// Found by a randomized test: it was retried at every quote, with its money reserved.
#[test]
fn a_fill_that_an_account_cannot_hold_ends_the_order() {
    let full = |before: &TradingState| {
        let quantity = Quantity::MAX.checked_sub(coins("1")).unwrap();
        let position = cnop_domain::Position { quantity, ..before.position };
        TradingState { coins_available: quantity, position, ..before.clone() }
    };
    for (terms, at) in [
        (limit(Side::Buy, "2", "90"), "89"),
        (stop(Side::Buy, "2", "110"), "111"),
        (stop_limit(Side::Buy, "2", "110", "112"), "111"),
    ] {
        let before = full(&placed(terms, &venue("100")).unwrap().after);
        let done = match terms.stop {
            Some(_) => trigger(&before, 0, &venue(at), None).unwrap(),
            None => fill_resting(&before, 0, coins("2"), &venue(at)).unwrap(),
        };
        verify(&before, &done);
        assert_eq!(names(&done).last(), Some(&(0, "rejected rules".to_owned())));
        assert_eq!((done.after.cash_available, done.displayed_used), (dollars("10000"), Quantity::ZERO));
    }
}

#[test]
fn canceling_an_order_past_its_expiry_expires_it() {
    let done = placed(gtd(5_000, limit(Side::Buy, "2", "90")), &venue("100")).unwrap();
    let ended = |now_us| names(&cancel(&done.after, 0, Reason::User, now_us).unwrap());
    assert_eq!(ended(4_999), [(0, "canceled user".to_owned())]);
    assert_eq!(ended(5_000), [(0, "expired gtd".to_owned())]);
    assert_eq!(expire(&done.after, 0, 4_999), Err(Refusal::NotNow));
}
