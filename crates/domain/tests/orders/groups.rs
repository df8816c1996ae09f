//! Orders that share a reserve, exclude each other or wait for each other.

use cnop_domain::matching::{cancel, expire, fill_resting, place, trigger};
use cnop_domain::{
    Amount, GroupKind, MarketContext, NewOrder, OrderDecision, OrderState, OrderStatus, OrderTerms, Quantity,
    Reason, Refusal, Role, RuleValue, Side, TermsRule, TimeInForce, TradingState, Trail,
};

use crate::fixture::{
    NOW_US, coins, desk, dollars, fault, gtd, in_group, limit, market, names, price, stop, stop_limit,
    trailing, venue, verify,
};

fn group(kind: GroupKind, orders: &[(Role, OrderTerms)]) -> Result<OrderDecision, Refusal> {
    let outcome = place(&desk(), &in_group(kind, orders), &venue("100"))?;
    verify(&desk(), &outcome);
    Ok(outcome)
}

fn oco(profit: OrderTerms, loss: OrderTerms) -> Result<OrderDecision, Refusal> {
    group(GroupKind::Oco, &[(Role::TakeProfit, profit), (Role::StopLoss, loss)])
}

fn bracket(entry: OrderTerms) -> OrderDecision {
    let exits = [
        (Role::Entry, entry),
        (Role::TakeProfit, limit(Side::Sell, "1", "120")),
        (Role::StopLoss, stop(Side::Sell, "1", "80")),
    ];
    group(GroupKind::Bracket, &exits).unwrap()
}

fn step(before: &TradingState, result: Result<OrderDecision, Refusal>) -> OrderDecision {
    let outcome = result.unwrap();
    verify(before, &outcome);
    outcome
}

fn named(outcome: &OrderDecision) -> Vec<String> {
    names(outcome).into_iter().map(|(order, name)| format!("{order} {name}")).collect()
}

#[test]
fn the_legs_of_an_oco_reserve_once() {
    let sale = oco(limit(Side::Sell, "20", "120"), stop(Side::Sell, "20", "80")).unwrap();
    assert_eq!(named(&sale), ["0 accepted", "1 accepted"]);
    assert_eq!(sale.after.coins_reserved, coins("20"));
    let purchase = oco(limit(Side::Buy, "2", "90"), stop(Side::Buy, "2", "110")).unwrap();
    assert_eq!(purchase.after.cash_reserved, dollars("225.7255"), "the dearer of the two");
    for index in 0..2 {
        let gone = step(&purchase.after, cancel(&purchase.after, index, Reason::User, NOW_US));
        assert_eq!(
            named(&gone),
            [format!("{index} canceled user"), format!("{} canceled oco_sibling", 1 - index)]
        );
        assert_eq!(gone.after.cash_available, dollars("10000"));
        assert_eq!(
            cancel(&gone.after, 1 - index, Reason::User, NOW_US),
            Err(Refusal::Closed(OrderStatus::Canceled))
        );
    }
    assert_eq!(expire(&sale.after, 1, NOW_US), Err(Refusal::NotNow), "its time is not over");
}

#[test]
fn a_fill_of_one_leg_shrinks_the_other_and_the_last_one_ends_it() {
    let placed = oco(limit(Side::Sell, "20", "120"), stop_limit(Side::Sell, "20", "80", "70")).unwrap().after;
    let part = step(&placed, fill_resting(&placed, 0, coins("5"), &venue("121")));
    assert_eq!(named(&part), ["0 filled 5", "1 replaced sibling_fill"]);
    let shrunk = part.after.orders[1];
    assert_eq!((shrunk.terms.quantity, shrunk.version, shrunk.remaining()), (coins("15"), 2, coins("15")));
    assert_eq!(part.after.coins_reserved, coins("15"));
    let woken = step(&part.after, trigger(&part.after, 1, &venue("75"), None));
    assert_eq!(named(&woken), ["1 triggered", "1 filled 10", "0 replaced sibling_fill"]);
    assert_eq!(woken.after.orders[0].remaining(), coins("5"));
    let last = step(&woken.after, fill_resting(&woken.after, 0, coins("7"), &venue("121")));
    assert_eq!(named(&last), ["0 filled 5", "1 canceled oco_sibling"]);
    assert!(last.after.position.quantity.is_zero(), "20 in all, not one more");
}

#[test]
fn a_completely_filled_stop_buy_ends_the_other_leg() {
    let placed = oco(limit(Side::Buy, "2", "90"), stop(Side::Buy, "2", "110")).unwrap().after;
    let part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89")));
    let woken = step(&part.after, trigger(&part.after, 1, &venue("111"), None));
    assert_eq!(named(&woken), ["1 triggered", "1 filled 1.5", "0 canceled oco_sibling"]);
    assert_eq!(woken.after.cash_reserved, Amount::ZERO);
    let poor = TradingState { cash_available: Amount::ZERO, ..placed };
    let dear = step(&poor, trigger(&poor, 1, &venue("200"), None));
    assert_eq!(named(&dear), ["1 triggered", "1 rejected insufficient_funds", "0 canceled oco_sibling"]);
    assert_eq!(dear.after.cash_available, dollars("225.7255"));
}

/// Exits that wait for the whole purchase leave the coins of a part without a stop-loss.
#[test]
fn exits_live_with_the_first_part_of_the_purchase_and_grow_with_it() {
    let placed = bracket(limit(Side::Buy, "2", "90"));
    assert_eq!(named(&placed), ["0 accepted", "1 accepted", "2 accepted"]);
    assert_eq!(placed.after.orders[1].status, OrderStatus::Held);
    assert_eq!(placed.after.orders[2].terms.quantity, coins("2"), "they will sell what is bought");
    assert_eq!(trigger(&placed.after, 2, &venue("70"), None), Err(Refusal::NotNow));
    assert_eq!(fill_resting(&placed.after, 1, coins("2"), &venue("130")), Err(Refusal::NotNow));
    let part = step(&placed.after, fill_resting(&placed.after, 0, coins("0.5"), &venue("89")));
    assert_eq!(
        named(&part),
        ["0 filled 0.5", "1 replaced entry_fill", "2 replaced entry_fill", "1 activated", "2 activated"]
    );
    assert_eq!(part.after.coins_reserved, coins("0.5"), "both sell the same coins");
    let more = step(&part.after, fill_resting(&part.after, 0, coins("0.75"), &venue("89")));
    assert_eq!(named(&more), ["0 filled 0.75", "1 replaced entry_fill", "2 replaced entry_fill"]);
    let some = step(&more.after, fill_resting(&more.after, 1, coins("0.25"), &venue("121")));
    assert_eq!(named(&some), ["1 filled 0.25", "2 replaced sibling_fill"]);
    let whole = step(&some.after, fill_resting(&some.after, 0, coins("9"), &venue("89")));
    assert_eq!(named(&whole), ["0 filled 0.75", "1 replaced entry_fill", "2 replaced entry_fill"]);
    assert_eq!(whole.after.coins_reserved, coins("1.75"));
    assert_eq!(whole.after.orders[2].remaining(), coins("1.75"));
    let sold = step(&whole.after, fill_resting(&whole.after, 1, coins("2"), &venue("121")));
    assert_eq!(named(&sold), ["1 filled 1.75", "2 canceled oco_sibling"]);
    assert_eq!(sold.after.coins_available, coins("20"));
}

/// A purchase that buys on after its stop-loss has sold everything leaves coins that nothing protects.
#[test]
fn an_exit_that_has_sold_everything_ends_the_rest_of_the_purchase() {
    let placed = bracket(limit(Side::Buy, "2", "90")).after;
    let part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89"))).after;
    let stopped = step(&part, trigger(&part, 2, &venue("79"), None));
    assert_eq!(
        named(&stopped),
        ["2 triggered", "2 filled 0.5", "1 canceled oco_sibling", "0 canceled exit_filled"]
    );
    assert_eq!(stopped.after.cash_reserved, Amount::ZERO);
    let one = [
        (Role::Entry, limit(Side::Buy, "2", "90")),
        (Role::StopLoss, trailing(Side::Sell, "2", Trail::BasisPoints(1_000))),
    ];
    let placed = group(GroupKind::Oto, &one).unwrap().after;
    let part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89"))).after;
    let stopped = step(&part, trigger(&part, 1, &venue("80"), None));
    assert_eq!(named(&stopped), ["1 triggered", "1 filled 0.5", "0 canceled exit_filled"]);
}

#[test]
fn a_market_entry_brings_its_exits_to_life_at_once() {
    let by_value = OrderTerms {
        quote_quantity: Some(dollars("500")),
        quantity: Quantity::ZERO,
        ..market(Side::Buy, "0")
    };
    let done = bracket(by_value);
    assert_eq!(named(&done), ["0 filled 4.995", "1 accepted", "2 accepted", "1 activated", "2 activated"]);
    assert_eq!(done.after.coins_reserved, coins("4.995"));
    let one = [
        (Role::Entry, market(Side::Buy, "1")),
        (Role::StopLoss, trailing(Side::Sell, "1", Trail::BasisPoints(1_000))),
    ];
    let done = group(GroupKind::Oto, &one).unwrap();
    assert_eq!(named(&done), ["0 filled 1", "1 accepted", "1 activated"]);
    assert_eq!(done.after.orders[1].trigger, Some(price("90")));
    let sold = step(&done.after, trigger(&done.after, 1, &venue("90"), None));
    assert_eq!(named(&sold), ["1 triggered", "1 filled 1"]);
}

#[test]
fn exits_end_with_a_purchase_that_has_bought_nothing() {
    let placed = bracket(limit(Side::Buy, "2", "90")).after;
    let gone = step(&placed, cancel(&placed, 0, Reason::User, NOW_US));
    assert_eq!(named(&gone), ["0 canceled user", "1 canceled parent_closed", "2 canceled parent_closed"]);
    let ioc = bracket(OrderTerms { time_in_force: TimeInForce::Ioc, ..limit(Side::Buy, "2", "90") });
    assert_eq!(
        named(&ioc),
        [
            "0 accepted",
            "0 expired ioc_remainder",
            "1 accepted",
            "2 accepted",
            "1 canceled parent_closed",
            "2 canceled parent_closed"
        ]
    );
    let no_exit = step(&placed, cancel(&placed, 2, Reason::User, NOW_US));
    assert_eq!(named(&no_exit), ["2 canceled user", "1 canceled oco_sibling"]);
    assert!(no_exit.after.orders[0].is_open(), "the purchase is left alone");
    let bought = step(&no_exit.after, fill_resting(&no_exit.after, 0, coins("2"), &venue("89")));
    assert_eq!(named(&bought), ["0 filled 2"]);
}

/// Coins of a purchase that ended in parts have no stop-loss if the exits end with it.
#[test]
fn exits_stay_for_what_a_purchase_bought_before_it_ended() {
    let placed = bracket(limit(Side::Buy, "2", "90")).after;
    let part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89"))).after;
    for reason in [Reason::User, Reason::KillSwitch, Reason::Guard] {
        let ended = step(&part, cancel(&part, 0, reason, NOW_US));
        assert_eq!(named(&ended), [format!("0 canceled {reason}")]);
        assert_eq!((ended.after.coins_available, ended.after.coins_reserved), (coins("20"), coins("0.5")));
        assert_eq!(ended.after.cash_reserved, Amount::ZERO);
        let stopped = step(&ended.after, trigger(&ended.after, 2, &venue("79"), None));
        assert_eq!(named(&stopped), ["2 triggered", "2 filled 0.5", "1 canceled oco_sibling"]);
    }
    let exits = [
        (Role::Entry, gtd(5_000, limit(Side::Buy, "2", "90"))),
        (Role::StopLoss, stop(Side::Sell, "2", "80")),
    ];
    let placed = group(GroupKind::Oto, &exits).unwrap().after;
    let part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89"))).after;
    let ended = step(&part, expire(&part, 0, 5_000));
    assert_eq!(named(&ended), ["0 expired gtd"]);
    assert_eq!(ended.after.orders[1].status, OrderStatus::WaitingTrigger);
    let ioc = bracket(OrderTerms { time_in_force: TimeInForce::Ioc, ..limit(Side::Buy, "15", "101") });
    assert_eq!(
        named(&ioc),
        [
            "0 filled 10",
            "0 expired ioc_remainder",
            "1 accepted",
            "2 accepted",
            "1 replaced entry_fill",
            "2 replaced entry_fill",
            "1 activated",
            "2 activated"
        ]
    );
    assert_eq!(ioc.after.coins_reserved, coins("10"));
}

#[test]
fn exits_past_their_time_do_not_come_to_life() {
    let exits = [
        (Role::Entry, limit(Side::Buy, "2", "90")),
        (Role::TakeProfit, gtd(5_000, limit(Side::Sell, "2", "120"))),
        (Role::StopLoss, stop(Side::Sell, "2", "80")),
    ];
    let placed = group(GroupKind::Bracket, &exits).unwrap().after;
    let late = MarketContext { now_us: 6_000, ..venue("89") };
    let filled = step(&placed, fill_resting(&placed, 0, coins("1"), &late));
    assert_eq!(
        named(&filled),
        ["0 filled 1", "1 expired gtd", "2 canceled oco_sibling", "0 canceled exit_ended"]
    );
}

/// A purchase went on after its exits had expired: what it bought from then on had no exit, and nobody had asked for it.
#[test]
fn a_purchase_ends_with_exits_that_end_on_their_own() {
    let placed = bracket(limit(Side::Buy, "2", "90")).after;
    let mut part = step(&placed, fill_resting(&placed, 0, coins("0.5"), &venue("89"))).after;
    let canceled = step(&part, cancel(&part, 2, Reason::User, NOW_US));
    assert_eq!(named(&canceled), ["2 canceled user", "1 canceled oco_sibling"], "its owner asked for that");
    assert!(canceled.after.orders[0].is_open());

    part.orders[1].terms.time_in_force = TimeInForce::Gtd { expires_us: 5_000 };
    let expired = step(&part, expire(&part, 1, 5_000));
    assert_eq!(named(&expired), ["1 expired gtd", "2 canceled oco_sibling", "0 canceled exit_ended"]);
    assert_eq!((expired.after.cash_reserved, expired.after.coins_reserved), (Amount::ZERO, Quantity::ZERO));

    let rejected = step(&part, cnop_domain::matching::reject(&part, 2, Reason::RuleBroken));
    assert_eq!(named(&rejected), ["2 rejected rules", "1 canceled oco_sibling", "0 canceled exit_ended"]);
}

/// An order stored by a server whose exits waited for the whole purchase: a part is bought, and partly sold.
#[test]
fn exits_that_were_held_beside_a_part_cover_what_is_left_of_it() {
    let placed = bracket(limit(Side::Buy, "2", "90")).after;
    let mut part = step(&placed, fill_resting(&placed, 0, coins("1"), &venue("89"))).after;
    for exit in 1..=2 {
        let terms = part.orders[exit].terms;
        part.orders[exit] = OrderState {
            status: OrderStatus::Held,
            terms: OrderTerms { quantity: coins("2"), ..terms },
            reserved_coins: Quantity::ZERO,
            ..part.orders[exit]
        };
    }
    let position = cnop_domain::Position { quantity: coins("0.25"), ..part.position };
    let sold =
        TradingState { coins_available: coins("0.25"), coins_reserved: Quantity::ZERO, position, ..part };
    let more = step(&sold, fill_resting(&sold, 0, coins("0.5"), &venue("89")));
    assert_eq!(more.after.coins_reserved, coins("0.75"));
    assert!(more.after.orders[1..].iter().all(|exit| exit.remaining() == coins("0.75")));
}

#[test]
fn groups_that_do_not_fit_together_are_refused() {
    let rule = |result| {
        let fault = fault(result);
        (fault.order, fault.field.as_str(), fault.rule)
    };
    let (profit, loss) = (limit(Side::Sell, "2", "120"), stop(Side::Sell, "2", "80"));
    assert_eq!(rule(oco(loss, profit)), (0, "type", TermsRule::Group));
    assert_eq!(rule(oco(profit, stop(Side::Buy, "2", "130"))), (1, "side", TermsRule::Group));
    assert_eq!(rule(oco(profit, stop(Side::Sell, "3", "80"))), (1, "quantity", TermsRule::Group));
    assert_eq!(rule(oco(limit(Side::Sell, "2", "99.95"), loss)), (0, "price", TermsRule::ExitSide));
    assert_eq!(rule(oco(limit(Side::Sell, "2", "99.90"), loss)), (0, "price", TermsRule::WouldTake));
    assert_eq!(rule(oco(profit, stop(Side::Sell, "2", "100"))), (1, "stop_price", TermsRule::WouldTrigger));
    let ioc = OrderTerms { time_in_force: TimeInForce::Ioc, ..profit };
    assert_eq!(rule(oco(ioc, loss)), (0, "time_in_force", TermsRule::TimeInForce));
    let entered = |entry, profit, loss| {
        rule(group(
            GroupKind::Bracket,
            &[(Role::Entry, entry), (Role::TakeProfit, profit), (Role::StopLoss, loss)],
        ))
    };
    let entry = limit(Side::Buy, "2", "90");
    assert_eq!(entered(limit(Side::Sell, "2", "110"), profit, loss), (0, "side", TermsRule::Group));
    assert_eq!(entered(stop(Side::Buy, "2", "110"), profit, loss), (0, "type", TermsRule::Group));
    assert_eq!(entered(entry, limit(Side::Sell, "2", "90"), loss), (1, "price", TermsRule::ExitSide));
    assert_eq!(entered(entry, profit, stop(Side::Sell, "2", "95")), (2, "stop_price", TermsRule::ExitSide));
    assert_eq!(entered(entry, limit(Side::Buy, "2", "120"), loss), (1, "side", TermsRule::Group));
    let lonely = [NewOrder::single(entry), NewOrder::single(entry)];
    assert_eq!(rule(place(&desk(), &lonely, &venue("100"))), (0, "type", TermsRule::Group));
    assert_eq!(rule(place(&desk(), &[], &venue("100"))), (0, "type", TermsRule::Group));
}

/// Found by a randomized test: it would have sold at the next quote what was just bought.
#[test]
fn a_stop_loss_that_the_last_price_has_reached_does_not_wait_for_a_purchase_that_fills_now() {
    let entered = |entry, at: &str| {
        let exits = [(Role::Entry, entry), (Role::StopLoss, stop(Side::Sell, "2", at))];
        group(GroupKind::Oto, &exits)
    };
    for entry in [market(Side::Buy, "2"), limit(Side::Buy, "2", "105")] {
        for at in ["103", "100.05", "100"] {
            let refused = fault(entered(entry, at));
            assert_eq!((refused.order, refused.rule), (1, TermsRule::ExitSide), "{at}");
            assert_eq!(refused.nearest, [RuleValue::Price(price("99.99"))]);
        }
        assert!(entered(entry, "99.99").is_ok());
    }
    assert!(entered(limit(Side::Buy, "2", "100.08"), "100.05").is_ok(), "a purchase that rests");
    let profit =
        [(Role::Entry, market(Side::Buy, "2")), (Role::TakeProfit, limit(Side::Sell, "2", "100.11"))];
    assert!(group(GroupKind::Oto, &profit).is_ok());
}

#[test]
fn a_trailing_distance_leaves_a_trigger_at_the_price_of_the_purchase() {
    let entered = |at: &str, distance: &str| {
        let loss = trailing(Side::Sell, "2", Trail::Amount(price(distance)));
        group(GroupKind::Oto, &[(Role::Entry, limit(Side::Buy, "2", at)), (Role::StopLoss, loss)])
    };
    let refused = fault(entered("45", "50"));
    assert_eq!((refused.order, refused.field.as_str()), (1, "trail_amount"));
    assert_eq!(refused.rule, TermsRule::PriceBand);
    assert!(entered("45", "26").is_err() && entered("45", "25").is_ok() && entered("105", "80").is_ok());
}
