//! New terms for an open order.

use cnop_domain::engine::{Revision, fill_resting, place, replace, trigger};
use cnop_domain::{
    Change, Desk, GroupKind, OrderStatus, OrderTerms, Outcome, Refusal, Role, Rule, Side, TermsRule,
    TimeInForce, Trail, Venue,
};

use crate::fixture::{
    coins, desk, dollars, fault, in_group, limit, names, placed, price, stop, stop_limit, trailing, venue,
    verify,
};

fn open(terms: OrderTerms) -> Desk {
    placed(terms, &venue("100")).unwrap().after
}

fn changed(before: &Desk, index: usize, revision: &Revision) -> Result<Outcome, Refusal> {
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
        matches!(changed(&before, 0, &small), Err(Refusal::Ticket(fault)) if fault.rule == Rule::MinQuantity)
    );
}

#[test]
fn an_order_that_now_reaches_the_quote_takes_it() {
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
    let not_applicable = |before: &Desk, revision: Revision| fault(changed(before, 0, &revision)).rule;
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
    let over = Revision { expires_us: Some(1), ..Revision::default() };
    assert_eq!(not_applicable(&resting, over), TermsRule::ExpiresAt);
}

/// Found by a simulated day: between an order's end and the tick that tells it, a change was answered as a fault of ours.
#[test]
fn an_order_whose_time_is_over_is_expired_for_its_owner_too() {
    let now_us = venue("100").now_us;
    let time_in_force = TimeInForce::Gtd { expires_us: now_us + 1 };
    let before = open(OrderTerms { time_in_force, ..limit(Side::Buy, "2", "90") });
    let later = Venue { now_us: now_us + 1, ..venue("100") };
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
    assert!(matches!(exit.steps[0].change, Change::Replaced { .. }));
    assert_eq!(exit.after.orders[2].status, OrderStatus::Held);
    let above = Revision { stop: Some(price("90")), ..Revision::default() };
    assert_eq!(fault(changed(&before, 2, &above)).rule, TermsRule::ExitSide);
}
