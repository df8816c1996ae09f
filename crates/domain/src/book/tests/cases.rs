//! Single rules of the book.

use super::order;
use crate::book::{Dispatched, Grant, Interest, MarkPoint, TriggerBook, Triggered};
use crate::{Amount, BookEntryId, Price, Quantity, Quote, Side, TradingRules, Trail};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn book() -> TriggerBook<&'static str> {
    TriggerBook::new(&TradingRules {
        tick_size: price("0.01"),
        step_size: quantity("0.1"),
        min_quantity: quantity("0.1"),
        max_quantity: Quantity::MAX,
        min_notional: Amount::ZERO,
        max_notional: Amount::MAX,
    })
}

/// A quote a cent around the last price with one coin on each side.
fn quote(seq: u64, last: &str) -> Quote {
    let cent = price("0.01");
    let last = price(last);
    Quote {
        bid: last.checked_sub(cent).unwrap(),
        ask: last.checked_add(cent).unwrap(),
        bid_size: quantity("1"),
        ask_size: quantity("1"),
        last,
        seq,
        time_us: 0,
    }
}

fn limit(side: Side, at: &str, remaining: &str) -> Interest {
    Interest::Limit { side, price: price(at), remaining: quantity(remaining) }
}

fn grants(grants: Vec<Grant<&'static str>>) -> Vec<(BookEntryId, String)> {
    grants.into_iter().map(|grant| (grant.id, grant.quantity.to_string())).collect()
}

fn ids(triggered: &[Triggered<&'static str>]) -> Vec<BookEntryId> {
    triggered.iter().map(|triggered| triggered.id).collect()
}

#[test]
fn better_prices_come_first_then_older_orders_until_the_size_is_gone() {
    let mut book = book();
    book.insert(order(1), 20, limit(Side::Buy, "100.00", "0.4"), None, "younger");
    book.insert(order(2), 10, limit(Side::Buy, "100.00", "0.4"), None, "older");
    book.insert(order(3), 30, limit(Side::Buy, "101.00", "0.5"), None, "better");
    book.insert(order(4), 10, limit(Side::Buy, "98.00", "0.5"), None, "not reached");
    let tick = book.tick(&quote(1, "99.00"), 40);
    assert_eq!(
        grants(tick.grants),
        [(order(3), "0.5".into()), (order(2), "0.4".into()), (order(1), "0.1".into())]
    );
    assert!(book.tick(&quote(1, "99.00"), 41).is_empty(), "all of it is handed out and nothing is left");
    assert!(!book.settle(order(3), quantity("0.5")));
    assert!(book.settle(order(1), quantity("0.1")));
    assert!(book.release(order(2)));
    let tick = book.tick(&quote(1, "99.00"), 42);
    assert_eq!(grants(tick.grants), [(order(2), "0.4".into())], "what was given back is given again");
    let tick = book.tick(&quote(2, "99.00"), 43);
    assert_eq!(
        grants(tick.grants),
        [(order(1), "0.3".into())],
        "a new quote; the second one has not been answered"
    );
}

#[test]
fn a_grant_is_whole_steps_or_the_whole_rest() {
    let mut book = book();
    book.insert(order(1), 1, limit(Side::Sell, "99.00", "0.95"), None, "an odd rest");
    book.insert(order(2), 2, limit(Side::Sell, "99.00", "1"), None, "next");
    book.insert(order(3), 3, limit(Side::Sell, "99.00", "0.05"), None, "would fit, but is younger");
    let tick = book.tick(&quote(1, "99.50"), 4);
    assert_eq!(grants(tick.grants), [(order(1), "0.95".into())]);
    assert_eq!(book.displayed_left(Side::Sell, &quote(1, "99.50")), quantity("0.05"));
    assert_eq!(book.displayed_left(Side::Buy, &quote(1, "99.50")), quantity("1"));
}

#[test]
fn arriving_and_resting_orders_share_the_displayed_size() {
    let mut book = book();
    book.insert(order(1), 1, limit(Side::Buy, "99.01", "2"), None, "resting");
    let newest = quote(7, "99.00");
    assert_eq!(book.take_displayed(Side::Buy, &newest, quantity("0.7")), quantity("0.7"));
    assert_eq!(grants(book.tick(&newest, 2).grants), [(order(1), "0.3".into())]);
    assert_eq!(book.take_displayed(Side::Buy, &newest, quantity("0.1")), Quantity::ZERO);
    book.remove(order(1));
    book.give_back(Side::Buy, 7, quantity("0.3"));
    assert_eq!(book.take_displayed(Side::Buy, &newest, quantity("0.5")), quantity("0.3"));
    book.give_back(Side::Buy, 7, quantity("100"));
    assert_eq!(book.displayed_left(Side::Buy, &newest), quantity("1"), "never more than was shown");
    assert_eq!(book.take_displayed(Side::Buy, &quote(6, "98.00"), quantity("0.5")), Quantity::ZERO);
}

#[test]
fn triggers_are_reached_at_their_level_and_handed_out_once() {
    let mut book = book();
    for (id, above, at) in
        [(1, true, "101.00"), (2, true, "100.50"), (3, false, "99.00"), (4, true, "101.01")]
    {
        book.insert(order(id), 1, Interest::Trigger { above, price: price(at) }, None, "stop");
    }
    assert!(book.tick(&quote(1, "100.00"), 2).is_empty());
    assert_eq!(ids(&book.tick(&quote(2, "101.00"), 3).triggered), [order(2), order(1)]);
    assert!(book.tick(&quote(3, "101.00"), 4).is_empty());
    assert!(book.release(order(1)));
    assert_eq!(ids(&book.tick(&quote(3, "101.00"), 4).triggered), [order(1)]);
    assert!(!book.settle(order(1), Quantity::ZERO));
    // A triggered stop-limit order stays as a limit order; the answer to its trigger then has no effect.
    book.insert(order(2), 5, limit(Side::Buy, "101.00", "0.2"), None, "stop-limit");
    assert!(book.settle(order(2), Quantity::ZERO));
    assert_eq!(grants(book.tick(&quote(4, "100.00"), 6).grants), [(order(2), "0.2".into())]);
    assert_eq!(book.len(), 3);
}

#[test]
fn a_trailing_sale_follows_the_high_and_triggers_on_the_way_back() {
    let mut book = book();
    let trail =
        Interest::Trail { side: Side::Sell, trail: Trail::Amount(price("2.005")), mark: price("100.00") };
    book.insert(order(1), 1, trail, None, "trailing");
    assert_eq!(book.trail(order(1)), Some((price("100.00"), price("97.99"))));
    assert!(book.tick(&quote(1, "103.00"), 2).is_empty());
    assert!(book.tick(&quote(2, "101.00"), 3).is_empty());
    assert_eq!(book.trail(order(1)), Some((price("103.00"), price("100.99"))));
    let tick = book.tick(&quote(3, "100.99"), 4);
    assert_eq!(tick.triggered, [Triggered { id: order(1), owner: "trailing", mark: Some(price("103.00")) }]);
    // Not answered yet; the mark continues, in case it is released.
    assert!(book.tick(&quote(4, "105.00"), 5).is_empty());
    assert!(book.release(order(1)));
    assert_eq!(book.trail(order(1)), Some((price("105.00"), price("102.99"))));
}

#[test]
fn an_order_that_arrives_late_has_seen_the_quotes_since_it_was_accepted() {
    let mut book = book();
    book.tick(&quote(1, "110.00"), 10);
    book.tick(&quote(2, "105.00"), 20);
    book.tick(&quote(3, "100.00"), 30);
    let trail =
        |mark| Interest::Trail { side: Side::Sell, trail: Trail::BasisPoints(100), mark: price(mark) };
    let revision = book.marks_revision();
    book.insert(order(1), 15, trail("103.00"), None, "accepted before the second quote");
    book.insert(order(2), 25, trail("104.00"), None, "accepted after it");
    assert_eq!(book.trail(order(1)), Some((price("105.00"), price("103.95"))));
    assert_eq!(book.trail(order(2)), Some((price("104.00"), price("102.96"))));
    assert_ne!(book.marks_revision(), revision, "its mark is not the one it was accepted with");
    let seen = |seen_us, mark| MarkPoint { seen_us, mark: price(mark) };
    assert_eq!(book.marks().highs, [seen(20, "105.00"), seen(30, "100.00")]);
    assert_eq!(book.marks().lows, []);
}

#[test]
fn an_order_past_its_time_never_fills() {
    let mut book = book();
    book.insert(order(1), 1, limit(Side::Buy, "100.00", "0.4"), Some(50), "until 50");
    book.insert(
        order(2),
        1,
        Interest::Trigger { above: false, price: price("100.00") },
        Some(40),
        "until 40",
    );
    book.insert(order(3), 2, limit(Side::Buy, "100.00", "0.4"), Some(51), "until 51");
    assert_eq!(book.next_expiry_us(), Some(40));
    let tick = book.tick(&quote(1, "99.00"), 50);
    assert_eq!(ids(&tick.triggered), []);
    assert_eq!(grants(tick.grants), [(order(3), "0.4".into())]);
    assert_eq!(book.expire(39, 10), []);
    assert_eq!(book.expire(60, 1), [(order(2), "until 40")]);
    assert_eq!(
        book.expire(60, 10),
        [(order(1), "until 50")],
        "what is granted is not expired at the same time"
    );
    assert!(book.release(order(3)));
    assert_eq!(book.expire(60, 10), [(order(3), "until 51")]);
    assert_eq!(book.len(), 3);
    for id in 1..=3 {
        assert!(!book.settle(order(id), Quantity::ZERO));
    }
    assert!(book.is_empty());
}

/// Found by a randomized test: a resized order was inserted again, and lost its mark, its time priority and
/// its pending trigger.
#[test]
fn a_resized_order_keeps_its_priority_its_mark_and_its_dispatch() {
    let mut book = book();
    let trail = Interest::Trail { side: Side::Sell, trail: Trail::BasisPoints(1_000), mark: price("100") };
    book.insert(order(1), 10, trail, None, "trailing");
    book.insert(order(2), 20, limit(Side::Sell, "121", "0.8"), None, "older");
    book.insert(order(3), 30, limit(Side::Sell, "121", "0.5"), None, "younger");
    book.tick(&quote(1, "120.20"), 40);
    assert!(book.resize(order(1), quantity("0.1")) && book.resize(order(2), quantity("0.7")));
    assert_eq!(book.trail(order(1)), Some((price("120.20"), price("108.18"))));
    let tick = book.tick(&quote(2, "121.01"), 50);
    assert_eq!(grants(tick.grants), [(order(2), "0.7".into()), (order(3), "0.3".into())]);
    let sold = quote(2, "121.01");
    assert!(book.resize(order(2), quantity("0.4")));
    assert_eq!(
        book.get(order(2)).unwrap().dispatched,
        Some(Dispatched::Granted { granted: quantity("0.7"), left: quantity("0.4"), quote_seq: 2 })
    );
    assert_eq!(book.displayed_left(Side::Sell, &sold), quantity("0.3"), "what it cannot use any more");
    assert_eq!(ids(&book.tick(&quote(3, "108.18"), 60).triggered), [order(1)]);
    assert!(book.resize(order(1), quantity("0.05")));
    assert_eq!(book.get(order(1)).unwrap().dispatched, Some(Dispatched::Triggered { quote_seq: 3 }));
    assert!(!book.resize(order(3), Quantity::ZERO), "nothing is left of it");
}

#[test]
fn a_quarantined_entry_is_not_triggered_keeps_its_mark_and_frees_its_grant() {
    let mut book = book();
    let trail = Interest::Trail { side: Side::Sell, trail: Trail::BasisPoints(1_000), mark: price("100") };
    book.insert(order(1), 10, trail, Some(90), "trailing");
    book.insert(order(2), 20, limit(Side::Sell, "121", "0.4"), None, "older");
    book.insert(order(3), 30, limit(Side::Sell, "121", "0.9"), None, "younger");
    let tick = book.tick(&quote(1, "121.01"), 40);
    assert_eq!(grants(tick.grants), [(order(2), "0.4".into()), (order(3), "0.6".into())]);
    assert_eq!(ids(&book.tick(&quote(2, "108"), 50).triggered), [order(1)]);
    book.tick(&quote(3, "121.01"), 60);
    book.insert(order(4), 60, limit(Side::Sell, "999", "0.1"), None, "waiting");
    book.quarantine(order(4));
    assert_eq!(book.get(order(4)).unwrap().dispatched, None);
    book.remove(order(4));
    for id in [1, 1, 2] {
        book.quarantine(order(id));
        assert_eq!(book.get(order(id)).unwrap().dispatched, Some(Dispatched::Quarantined));
        assert!(book.settle(order(id), Quantity::ZERO), "it has no answer");
    }
    assert!(book.tick(&quote(4, "1000"), 70).is_empty() && book.tick(&quote(5, "50"), 80).is_empty());
    assert_eq!(book.expire(95, 10), []);
    assert_eq!(book.trail(order(1)).map(|(mark, _)| mark), Some(price("1000")));
    assert!(book.release(order(1)) && book.release(order(2)) && book.release(order(2)));
    assert_eq!(ids(&book.tick(&quote(6, "890"), 85).triggered), [order(1)]);
    assert_eq!(book.expire(95, 10), []);
}
