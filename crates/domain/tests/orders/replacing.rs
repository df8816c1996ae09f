//! New terms for an open order.

use cnop_domain::matching::{Revision, RuleValue, cancel, fill_resting, place, replace, trigger};
use cnop_domain::{
    GroupKind, MarketContext, NewOrder, OrderChange, OrderDecision, OrderStatus, OrderTerms, Reason, Refusal,
    Role, Side, SizeRule, TermsRule, TimeInForce, TradingState, Trail,
};

use crate::fixture::{
    NOW_US, coins, desk, dollars, fault, gtd, in_group, limit, names, placed, price, stop, stop_limit,
    trailing, venue, verify,
};

fn open(terms: OrderTerms) -> TradingState {
    placed(terms, &venue("100")).unwrap().after
}

fn changed(before: &TradingState, index: usize, revision: &Revision) -> Result<OrderDecision, Refusal> {
    let outcome = replace(before, index, revision, &venue("100"))?;
    verify(before, &outcome);
    Ok(outcome)
}

#[test]
fn a_new_price_reserves_anew_and_keeps_the_order() {
    let before = open(limit(Side::Buy, "2", "90"));
    let done = changed(&before, 0, &Revision { limit: Some(price("95")), ..Revision::default() }).unwrap();
    assert_eq!(names(&done), [(0, "replaced user".to_owned())]);
    assert_eq!(done.after.orders[0].version, 2);
    assert_eq!(done.after.cash_reserved, dollars("190.19"));
    let dear = Revision { quantity: Some(coins("200")), ..Revision::default() };
    assert!(matches!(changed(&before, 0, &dear), Err(Refusal::InsufficientFunds { .. })));
    let small = Revision { quantity: Some(coins("0.001")), ..Revision::default() };
    assert!(
        matches!(changed(&before, 0, &small), Err(Refusal::Size(fault)) if fault.rule == SizeRule::MinQuantity)
    );
}

#[test]
fn a_replaced_order_that_reaches_the_quote_fills_at_once() {
    let before = open(limit(Side::Buy, "12", "90"));
    let cross = Revision { limit: Some(price("101")), ..Revision::default() };
    let done = changed(&before, 0, &cross).unwrap();
    assert_eq!(names(&done), [(0, "replaced user".to_owned()), (0, "filled 10".to_owned())]);
    assert_eq!(done.displayed_used, coins("10"));
    let refused = fault(changed(&before, 0, &Revision { post_only: Some(true), ..cross }));
    assert_eq!(refused.rule, TermsRule::WouldTake);
}

#[test]
fn the_size_stays_above_what_is_filled() {
    let before = open(limit(Side::Sell, "8", "110"));
    let part = fill_resting(&before, 0, coins("3"), &venue("111")).unwrap().after;
    let to = |quantity: &str| {
        changed(&part, 0, &Revision { quantity: Some(coins(quantity)), ..Revision::default() })
    };
    assert_eq!(fault(to("3")).rule, TermsRule::AboveFilled);
    assert_eq!(to("4").unwrap().after.coins_reserved, coins("1"));
    assert_eq!(to("20").unwrap().after.coins_available, dollars("0").to_string().parse().unwrap());
    assert!(matches!(to("21"), Err(Refusal::InsufficientQuantity { .. })));
}

#[test]
fn only_what_the_order_has_can_change() {
    let not_applicable =
        |before: &TradingState, revision: Revision| fault(changed(before, 0, &revision)).rule;
    let stop_price = Revision { stop: Some(price("85")), ..Revision::default() };
    let resting = open(limit(Side::Buy, "2", "90"));
    assert_eq!(not_applicable(&resting, stop_price), TermsRule::NotApplicable);
    let trail = Revision { trail: Some(Trail::BasisPoints(100)), ..Revision::default() };
    assert_eq!(not_applicable(&resting, trail), TermsRule::NotApplicable);
    let waiting = open(stop_limit(Side::Sell, "2", "90", "89"));
    assert_eq!(changed(&waiting, 0, &stop_price).unwrap().after.orders[0].trigger, Some(price("85")));
    let reached = Revision { stop: Some(price("100")), ..Revision::default() };
    assert_eq!(not_applicable(&waiting, reached), TermsRule::WouldTrigger);
    let awake = trigger(&waiting, 0, &venue("88"), None).unwrap().after;
    assert_eq!(awake.orders[0].status, OrderStatus::Working);
    assert_eq!(not_applicable(&awake, stop_price), TermsRule::NotApplicable);
    let over = Revision { expires_us: Some(Some(1)), ..Revision::default() };
    assert_eq!(not_applicable(&resting, over), TermsRule::ExpiresAt);
}

/// Found by a simulated day: between an order's end and its event, a change was reported as an internal
/// error.
#[test]
fn an_expired_order_is_reported_as_expired_to_a_replace_command() {
    let now_us = venue("100").now_us;
    let time_in_force = TimeInForce::Gtd { expires_us: now_us + 1 };
    let before = open(OrderTerms { time_in_force, ..limit(Side::Buy, "2", "90") });
    let later = MarketContext { now_us: now_us + 1, ..venue("100") };
    let change = Revision { limit: Some(price("91")), ..Revision::default() };
    assert_eq!(replace(&before, 0, &change, &later), Err(Refusal::Closed(OrderStatus::Expired)));
}

#[test]
fn a_trailing_stop_keeps_its_mark() {
    let before = open(trailing(Side::Sell, "2", Trail::BasisPoints(1_000)));
    let revision =
        Revision { trail: Some(Trail::BasisPoints(2_000)), mark: Some(price("105")), ..Revision::default() };
    let done = changed(&before, 0, &revision).unwrap();
    let order = done.after.orders[0];
    assert_eq!((order.mark, order.trigger), (Some(price("105")), Some(price("84"))));
    let tight = Revision { trail: Some(Trail::BasisPoints(100)), ..revision };
    assert_eq!(
        fault(changed(&before, 0, &tight)).rule,
        TermsRule::WouldTrigger,
        "103.95 is above the last price"
    );
}

#[test]
fn groups_keep_their_size_and_their_sides() {
    let legs =
        [(Role::TakeProfit, limit(Side::Buy, "2", "90")), (Role::StopLoss, stop(Side::Buy, "2", "110"))];
    let before = place(&desk(), &in_group(GroupKind::Oco, &legs), &venue("100")).unwrap().after;
    let larger = Revision { quantity: Some(coins("3")), ..Revision::default() };
    assert_eq!(fault(changed(&before, 0, &larger)).rule, TermsRule::NotApplicable);
    let wrong = Revision { limit: Some(price("100.05")), ..Revision::default() };
    assert_eq!(fault(changed(&before, 0, &wrong)).rule, TermsRule::ExitSide);
    let cheaper = changed(&before, 1, &Revision { stop: Some(price("105")), ..Revision::default() }).unwrap();
    assert_eq!(cheaper.after.cash_reserved, dollars("215.46525"));
    let other = changed(&before, 0, &Revision { limit: Some(price("95")), ..Revision::default() }).unwrap();
    assert_eq!(other.after.cash_reserved, before.cash_reserved, "the dearer leg decides");
    let bracket = [
        (Role::Entry, limit(Side::Buy, "2", "90")),
        (Role::TakeProfit, limit(Side::Sell, "2", "120")),
        (Role::StopLoss, stop(Side::Sell, "2", "80")),
    ];
    let before = place(&desk(), &in_group(GroupKind::Bracket, &bracket), &venue("100")).unwrap().after;
    let entry = |at: &str| changed(&before, 0, &Revision { limit: Some(price(at)), ..Revision::default() });
    assert!(entry("85").is_ok());
    assert_eq!(fault(entry("80")).rule, TermsRule::ExitSide);
    let exit = changed(&before, 2, &Revision { stop: Some(price("89")), ..Revision::default() }).unwrap();
    assert!(matches!(exit.steps[0].change, OrderChange::Replaced { .. }));
    assert_eq!(exit.after.orders[2].status, OrderStatus::Held);
    let above = Revision { stop: Some(price("90")), ..Revision::default() };
    assert_eq!(fault(changed(&before, 2, &above)).rule, TermsRule::ExitSide);
}

fn lives_longer() -> Revision {
    Revision { expires_us: Some(Some(9_000)), ..Revision::default() }
}

/// Found by tracing: a change of one field was refused for a size that its owner had not touched.
#[test]
fn an_unchanged_size_is_not_checked_against_the_minimum_again() {
    let legs = |side: Side, profit: &str, at: &str| {
        [(Role::TakeProfit, limit(side, "2", profit)), (Role::StopLoss, stop(side, "2", at))]
    };
    for (legs, reached) in [(legs(Side::Sell, "120", "80"), "121"), (legs(Side::Buy, "90", "110"), "89")] {
        let before = place(&desk(), &in_group(GroupKind::Oco, &legs), &venue("100")).unwrap().after;
        let shrunk = fill_resting(&before, 0, coins("1.995"), &venue(reached)).unwrap().after;
        for index in 0..2 {
            assert!(changed(&shrunk, index, &lives_longer()).is_ok(), "0.005 is less than the smallest size");
        }
    }
    let rich = TradingState { coins_available: coins("2.0000005"), ..desk() };
    let position = cnop_domain::Position { quantity: rich.coins_available, ..rich.position };
    let sweep = NewOrder::single(limit(Side::Sell, "2.0000005", "120"));
    let swept = place(&TradingState { position, ..rich }, &[sweep], &venue("100")).unwrap().after;
    let position = cnop_domain::Position { quantity: coins("5.0000005"), ..swept.position };
    let bought = TradingState { coins_available: coins("3"), position, ..swept };
    let moved = Revision { limit: Some(price("130")), ..Revision::default() };
    assert!(changed(&bought, 0, &moved).is_ok());
    let dear = MarketContext { order_notional_max: dollars("200"), ..venue("100") };
    assert!(
        matches!(replace(&bought, 0, &moved, &dear), Err(Refusal::Size(fault)) if fault.rule == SizeRule::OrderNotionalMax)
    );
    let resized = Revision { quantity: Some(coins("2.0000004")), ..Revision::default() };
    assert!(
        matches!(changed(&bought, 0, &resized), Err(Refusal::Size(fault)) if fault.rule == SizeRule::StepSize)
    );
}

/// Found by a randomized test: the band was checked for the trigger at the last price instead of the mark.
#[test]
fn the_price_band_of_a_trailing_order_uses_the_trigger_at_its_mark() {
    let before = open(trailing(Side::Sell, "2", Trail::Amount(price("80"))));
    let at = |revision: Revision| {
        let outcome = replace(&before, 0, &revision, &venue("85"))?;
        verify(&before, &outcome);
        Ok::<_, Refusal>(outcome)
    };
    assert_eq!(at(lives_longer()).unwrap().after.orders[0].trigger, Some(price("20")));
    let wider =
        |distance: &str| Revision { trail: Some(Trail::Amount(price(distance))), ..Revision::default() };
    assert!(at(wider("83")).is_ok());
    assert_eq!(fault(at(wider("83.01"))).rule, TermsRule::PriceBand, "16.99 is less than a fifth of 85");
}

/// Found by tracing: it was refused for its side, although only the reserve of the other leg was too small.
#[test]
fn the_cheaper_leg_of_a_purchase_may_become_the_dearer_one() {
    let legs = [
        (Role::TakeProfit, limit(Side::Buy, "2", "90")),
        (Role::StopLoss, stop_limit(Side::Buy, "2", "110", "95")),
    ];
    let before = place(&desk(), &in_group(GroupKind::Oco, &legs), &venue("100")).unwrap().after;
    assert_eq!(before.cash_reserved, dollars("190.19"));
    let to = |before: &TradingState, index, limit: &str| {
        changed(before, index, &Revision { limit: Some(price(limit)), ..Revision::default() }).unwrap().after
    };
    let dearer = to(&before, 0, "98");
    assert_eq!(dearer.cash_reserved, dollars("196.196"));
    assert_eq!(to(&dearer, 0, "92").cash_reserved, dollars("190.19"));
    assert_eq!(to(&dearer, 1, "99").cash_reserved, dollars("198.198"));
    assert_eq!(to(&dearer, 1, "90").cash_reserved, dollars("196.196"), "what the other leg needs");
    for index in 0..2 {
        let gone = cancel(&dearer, index, Reason::User, NOW_US).unwrap();
        verify(&dearer, &gone);
        assert_eq!(gone.after.cash_available, dollars("10000"));
    }
    let part = fill_resting(&dearer, 0, coins("0.5"), &venue("97")).unwrap();
    verify(&dearer, &part);
    assert_eq!(part.after.cash_reserved, dollars("147.147"));
    assert_eq!(part.after.orders[1].reserved_cash, part.after.cash_reserved, "the stop-loss shows it again");
    let poor = TradingState { cash_available: dollars("6"), ..before };
    let more = Revision { limit: Some(price("98")), ..Revision::default() };
    assert!(matches!(replace(&poor, 0, &more, &venue("100")), Err(Refusal::InsufficientFunds { .. })));
}

#[test]
fn a_replaced_entry_keeps_valid_exits() {
    let held = |at: &str, loss| {
        let legs = [(Role::Entry, limit(Side::Buy, "2", at)), (Role::StopLoss, loss)];
        place(&desk(), &in_group(GroupKind::Oto, &legs), &venue("100")).unwrap().after
    };
    let to = |at: &str| Revision { limit: Some(price(at)), ..Revision::default() };
    let before = held("100.08", stop(Side::Sell, "2", "100.05"));
    let refused = fault(changed(&before, 0, &to("105")));
    assert_eq!(
        (refused.rule, refused.nearest),
        (TermsRule::WouldTrigger, vec![RuleValue::Price(price("100.09"))])
    );
    assert!(changed(&before, 0, &to("100.09")).is_ok());
    // A stop-loss that the last price has passed meanwhile triggers at its first quote, not when another
    // field changes.
    assert!(replace(&before, 0, &lives_longer(), &venue("100.04")).is_ok());
    assert!(replace(&before, 1, &lives_longer(), &venue("100.04")).is_ok());
    let moved = Revision { stop: Some(price("100.06")), ..Revision::default() };
    assert_eq!(fault(replace(&before, 1, &moved, &venue("99.95"))).rule, TermsRule::ExitSide);
    let before = held("90", trailing(Side::Sell, "2", Trail::Amount(price("50"))));
    assert_eq!(fault(changed(&before, 0, &to("45"))).rule, TermsRule::PriceBand);
    assert!(changed(&before, 0, &to("70")).is_ok());
    let wider = Revision { trail: Some(Trail::Amount(price("85"))), ..Revision::default() };
    assert_eq!(fault(changed(&before, 1, &wider)).rule, TermsRule::PriceBand);
}

#[test]
fn the_expiry_of_an_order_can_be_removed() {
    let before = open(gtd(9_000, limit(Side::Buy, "2", "90")));
    let endless = changed(&before, 0, &Revision { expires_us: Some(None), ..Revision::default() }).unwrap();
    assert_eq!(endless.after.orders[0].terms.time_in_force, TimeInForce::Gtc);
}

/// Found by a randomized test: the band was checked for unchanged prices, so a price that moved away made an
/// order unchangeable.
#[test]
fn the_price_band_applies_only_to_changed_prices() {
    let purchase = placed(limit(Side::Buy, "2", "10"), &venue("30")).unwrap().after;
    let at = |before: &TradingState, index, last: &str, revision: Revision| {
        let outcome = replace(before, index, &revision, &venue(last))?;
        verify(before, &outcome);
        Ok::<_, Refusal>(outcome.after.orders[index])
    };
    let smaller = Revision { quantity: Some(coins("1")), ..Revision::default() };
    let limit_at = |text: &str| Revision { limit: Some(price(text)), ..Revision::default() };
    let stop_at = |text: &str| Revision { stop: Some(price(text)), ..Revision::default() };
    for revision in [lives_longer(), smaller, limit_at("10"), limit_at("10.2")] {
        assert!(at(&purchase, 0, "51", revision).is_ok(), "{revision:?}");
    }
    assert_eq!(fault_of(at(&purchase, 0, "51", limit_at("10.19"))), TermsRule::PriceBand);
    assert_eq!(fault_of(at(&purchase, 0, "51", limit_at("10.205"))), TermsRule::TickSize);
    // Woken at 20, and its limit was moved after the price since: its trigger is history.
    let waiting = placed(stop_limit(Side::Sell, "2", "20", "90"), &venue("30")).unwrap().after;
    assert!(at(&waiting, 0, "101", lives_longer()).is_ok(), "a trigger that waits stays, too");
    assert_eq!(fault_of(at(&waiting, 0, "101", stop_at("20.1"))), TermsRule::PriceBand);
    let awake = trigger(&waiting, 0, &venue("20"), None).unwrap().after;
    let moved = at(&awake, 0, "89", limit_at("120")).unwrap();
    assert_eq!((moved.status, moved.terms.limit), (OrderStatus::Working, Some(price("120"))));
    for revision in [lives_longer(), smaller, limit_at("120")] {
        assert!(at(&awake, 0, "101", revision).is_ok(), "{revision:?}");
    }
    // A held exit: its trigger decides the comparison with its purchase, and stays.
    let legs = [
        (Role::Entry, limit(Side::Buy, "2", "90")),
        (Role::StopLoss, stop_limit(Side::Sell, "2", "89", "88")),
    ];
    let held = place(&desk(), &in_group(GroupKind::Oto, &legs), &venue("100")).unwrap().after;
    let lower = at(&held, 1, "88.5", limit_at("87")).unwrap();
    assert_eq!((lower.status, lower.terms.limit), (OrderStatus::Held, Some(price("87"))));
    assert_eq!(fault_of(at(&held, 1, "88.5", stop_at("88.8"))), TermsRule::ExitSide);
}

fn fault_of<T: std::fmt::Debug>(result: Result<T, Refusal>) -> TermsRule {
    match result {
        Err(Refusal::Terms(fault)) => fault.rule,
        other => panic!("no fault of the terms: {other:?}"),
    }
}
