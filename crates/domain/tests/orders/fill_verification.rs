//! Fill verification: exactly the fills that follow from order, quote and remaining size are verified.

use cnop_domain::matching::{FillContext, Mismatch, explain, fill_resting, recompute, trigger};
use cnop_domain::{Amount, Basis, OrderChange, OrderDecision, OrderFill, OrderState, OrderType, Side, Trail};

use crate::fixture::{coins, dollars, limit, market, placed, price, stop, stop_limit, trailing, venue};

/// A fill with all that it follows from.
#[derive(Debug, Clone)]
struct Story {
    before: OrderState,
    seen: Option<FillContext>,
    new: OrderFill,
}

/// A tampered value, by name.
type Tampering = (&'static str, fn(&mut Story));

impl Story {
    /// The last fill of an outcome. The order just before it has the terms of the order after it.
    fn of(before: &OrderState, outcome: &OrderDecision) -> Self {
        let filled = outcome.steps.iter().rev().find_map(|step| match step.change {
            OrderChange::Filled(new) => Some((new, step.seen, step.after)),
            _ => None,
        });
        let (new, seen, after) = filled.unwrap();
        let before = OrderState { mark: after.mark, trigger: after.trigger, ..*before };
        Self { before, seen, new }
    }

    fn first(outcome: &OrderDecision) -> Self {
        let order = outcome.after.orders[0];
        Self::of(&OrderState::new(order.terms, None, order.fee_bps), outcome)
    }

    fn verdict(&self) -> Result<(), Mismatch> {
        explain(&self.before, self.seen.as_ref(), &self.new)
    }

    /// Every change is detected.
    fn keeps(&self, changes: &[Tampering]) {
        assert_eq!(self.verdict(), Ok(()));
        assert_eq!(recompute(&self.before, self.seen.as_ref(), &self.new), Ok(self.new.fill));
        let figures: [Tampering; 8] = [
            ("price", |it| it.new.fill.price = more(it.new.fill.price)),
            ("quantity", |it| it.new.fill.quantity = coins("0.001")),
            ("notional", |it| it.new.fill.notional = dollars("1")),
            ("fee", |it| it.new.fill.fee = Amount::ZERO),
            ("fee_bps", |it| it.before.fee_bps += 1),
            ("side", |it| it.before.terms.side = other(it.before.terms.side)),
            ("notional before", |it| it.before.notional = dollars("100.00000001")),
            ("fees before", |it| it.before.fees = dollars("0.00000001")),
        ];
        for (name, change) in figures.iter().chain(changes) {
            let mut changed = self.clone();
            change(&mut changed);
            assert!(changed.verdict().is_err(), "{name} can be changed: {changed:?}");
        }
    }
}

fn more(at: cnop_domain::Price) -> cnop_domain::Price {
    at.checked_add(price("0.01")).unwrap()
}

fn other(side: Side) -> Side {
    if side == Side::Buy { Side::Sell } else { Side::Buy }
}

#[test]
fn a_fill_by_the_venue() {
    let story = Story::first(&placed(market(Side::Buy, "2"), &venue("100")).unwrap());
    story.keeps(&[
        ("ask", |it| it.new.fill.quote.ask = price("100.11")),
        ("ordered", |it| it.before.terms.quantity = coins("2.001")),
        ("filled before", |it| it.before.filled = coins("0.5")),
        ("basis taker", |it| it.new.basis = Basis::Taker),
        ("basis maker", |it| it.new.basis = Basis::Maker),
        ("limit", |it| it.before.terms.limit = Some(price("101"))),
    ]);
    // A limit of 101 excludes a fill at 105, whatever its basis.
    let mut above = Story::first(&placed(market(Side::Buy, "2"), &venue("104.90")).unwrap());
    above.before.terms = limit(Side::Buy, "2", "101");
    assert_eq!(above.verdict(), Err(Mismatch::Limited));
}

#[test]
fn a_part_of_an_order_that_arrived() {
    let done = placed(limit(Side::Buy, "12", "101"), &venue("100")).unwrap();
    let story = Story::first(&done);
    assert_eq!(story.seen.unwrap().displayed_left, Some(coins("10")));
    story.keeps(&[
        ("ask", |it| it.new.fill.quote.ask = price("100.11")),
        ("an ask beyond the limit", |it| it.new.fill.quote.ask = price("101.01")),
        ("limit", |it| it.before.terms.limit = Some(price("100"))),
        ("no limit", |it| it.before.terms.limit = None),
        ("ordered", |it| it.before.terms.quantity = coins("9")),
        ("displayed", |it| it.new.fill.quote.ask_size = coins("9.999")),
        ("less was left", |it| it.seen.as_mut().unwrap().displayed_left = Some(coins("9.999"))),
        ("nothing was left", |it| it.seen.as_mut().unwrap().displayed_left = Some(coins("0"))),
        ("more was left than displayed", |it| {
            it.seen.as_mut().unwrap().displayed_left = Some(coins("10.001"));
        }),
        ("step size", |it| it.seen.as_mut().unwrap().step_size = coins("0.003")),
        ("basis venue", |it| it.new.basis = Basis::Venue),
        ("basis maker", |it| it.new.basis = Basis::Maker),
    ]);
}

#[test]
fn a_part_is_whole_steps_of_what_was_left() {
    let order = placed(limit(Side::Buy, "5", "90"), &venue("100")).unwrap().after;
    let done = fill_resting(&order, 0, coins("2.0015"), &venue("89.80")).unwrap();
    let mut story = Story::of(&order.orders[0], &done);
    assert_eq!(story.new.fill.quantity, coins("2.001"));
    story.keeps(&[
        ("ask", |it| it.new.fill.quote.ask = price("90.01")),
        ("limit", |it| it.before.terms.limit = Some(price("90.01"))),
        ("another step was left", |it| it.seen.as_mut().unwrap().displayed_left = Some(coins("2.002"))),
        ("basis taker", |it| it.new.basis = Basis::Taker),
        ("the hundredth takes all", |it| it.before.fills = 99),
    ]);
    // Part of a step, with value and fee that go with it.
    story.new.fill.quantity = coins("2.0015");
    story.new.fill.notional = dollars("180.135");
    story.new.fill.fee = dollars("0.180135");
    let (expected, given) = (coins("2.001"), coins("2.0015"));
    assert_eq!(story.verdict(), Err(Mismatch::Quantity { expected, given }));
    // Before the displayed size was stored, only an excess could be detected.
    story.seen = None;
    assert_eq!(story.verdict(), Ok(()));
    story.new.fill.quote.ask_size = coins("2");
    assert_eq!(story.verdict(), Err(Mismatch::TooMuch { most: coins("2"), given }));
}

#[test]
fn a_stop_whose_trigger_was_reached() {
    let waiting = placed(stop(Side::Sell, "2", "95"), &venue("100")).unwrap().after;
    let done = trigger(&waiting, 0, &venue("94"), None).unwrap();
    Story::of(&waiting.orders[0], &done).keeps(&[
        ("last", |it| it.new.fill.quote.last = price("95.01")),
        ("bid", |it| it.new.fill.quote.bid = price("93.91")),
        ("trigger", |it| it.before.trigger = Some(price("96"))),
        ("no trigger", |it| it.before.trigger = None),
        ("what was asked for", |it| it.before.terms.stop = Some(price("94"))),
        ("a take-profit", |it| it.before.terms.order_type = OrderType::TakeProfit),
    ]);
}

#[test]
fn a_trailing_stop_whose_mark_had_moved() {
    let waiting = placed(trailing(Side::Sell, "2", Trail::BasisPoints(333)), &venue("100")).unwrap().after;
    let done = trigger(&waiting, 0, &venue("101"), Some(price("110"))).unwrap();
    Story::of(&waiting.orders[0], &done).keeps(&[
        ("last", |it| it.new.fill.quote.last = price("106.34")),
        ("mark", |it| it.before.mark = Some(price("109.98"))),
        ("trigger", |it| it.before.trigger = Some(price("106.34"))),
        ("distance", |it| it.before.terms.trail = Some(Trail::BasisPoints(334))),
        ("kind of distance", |it| it.before.terms.trail = Some(Trail::Amount(price("3.33")))),
        ("tick size", |it| it.seen.as_mut().unwrap().tick_size = price("0.1")),
    ]);
}

#[test]
fn a_limit_form_that_was_woken() {
    let waiting = placed(stop_limit(Side::Buy, "12", "105", "106"), &venue("100")).unwrap().after;
    let done = trigger(&waiting, 0, &venue("105.50"), None).unwrap();
    Story::of(&waiting.orders[0], &done).keeps(&[
        ("limit", |it| it.before.terms.limit = Some(price("105.59"))),
        ("trigger", |it| it.before.trigger = Some(price("105.01"))),
        ("basis venue", |it| it.new.basis = Basis::Venue),
    ]);
}
