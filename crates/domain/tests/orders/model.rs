//! A model of each order after each of its events. It follows from commands, events and prices alone, not from the
//! state that the engine reports.

use std::collections::BTreeMap;

use cnop_domain::matching::explain;
use cnop_domain::{
    Amount, Basis, GroupKind, MarketContext, OrderChange, OrderState, OrderStatus, OrderStep, OrderTerms,
    OrderType, Price, Quantity, Reason, Role, Side, Trail, fee,
};

/// Occurrences of each case that the test must reach.
#[derive(Debug, Default)]
pub(crate) struct Reached(pub(crate) BTreeMap<&'static str, u32>);

impl Reached {
    fn note(&mut self, case: &'static str, happened: bool) {
        *self.0.entry(case).or_default() += u32::from(happened);
    }
}

/// One order as derived from its events.
#[derive(Debug, Clone)]
pub(crate) struct ModeledOrder {
    /// Expected state; before the first event, as requested.
    pub(crate) state: OrderState,
    /// The best last price that a trailing order has seen since it came to life.
    pub(crate) mark: Option<Price>,
    first_mark: Option<Price>,
    /// Its owner changed it since it filled last: a leg of an OCO may hold more than it needs then.
    pub(crate) is_changed: bool,
}

pub(crate) fn is_awake(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Working | OrderStatus::PartiallyFilled)
}

/// Returns true if an order of this side and limit takes a quote.
pub(crate) fn takes(terms: &OrderTerms, venue: &MarketContext) -> bool {
    terms.limit.is_some_and(|limit| match terms.side {
        Side::Buy => venue.quote.ask <= limit,
        Side::Sell => venue.quote.bid >= limit,
    })
}

impl ModeledOrder {
    pub(crate) const fn new(state: OrderState) -> Self {
        Self { state, mark: None, first_mark: None, is_changed: false }
    }

    /// A quote moves the mark of an order that waits.
    pub(crate) fn see(&mut self, last: Price) {
        if self.state.status == OrderStatus::WaitingTrigger && self.state.is_open() {
            let side = self.state.terms.side;
            self.mark = self.mark.map(|mark| Trail::mark_after(side, mark, last));
        }
    }

    /// Present trigger of the order.
    pub(crate) fn trigger(&self, tick: Price) -> Option<Price> {
        let terms = &self.state.terms;
        let trailing = terms.trail.zip(self.mark).map(|(trail, mark)| trail.trigger(terms.side, mark, tick));
        trailing.or(terms.stop)
    }

    /// Returns true if a last price triggers it.
    pub(crate) fn is_reached(&self, venue: &MarketContext) -> bool {
        let terms = &self.state.terms;
        let profit = matches!(terms.order_type, OrderType::TakeProfit | OrderType::TakeProfitLimit);
        let rises = (terms.side == Side::Buy) != profit;
        self.trigger(venue.rules.tick_size)
            .is_some_and(|level| if rises { venue.quote.last >= level } else { venue.quote.last <= level })
    }

    /// Takes an event in. `profit` is that of a sale.
    pub(crate) fn take(
        &mut self,
        step: &OrderStep,
        venue: &MarketContext,
        profit: Option<Amount>,
        reached: &mut Reached,
    ) {
        let before = self.state;
        if let OrderChange::Filled(new) = &step.change {
            assert_eq!(explain(&before, step.seen.as_ref(), new), Ok(()), "every fill can be recomputed");
        }
        let mut after = before.apply(&step.change).unwrap();
        let is_beyond = takes(&after.terms, venue);
        let trails = after.terms.trail.is_some();
        let mut marks = trails && after.status != OrderStatus::Held;
        match step.change {
            OrderChange::Accepted | OrderChange::Activated => {
                self.mark = Some(venue.quote.last).filter(|_| marks)
            }
            OrderChange::Triggered { quote, mark } => {
                assert!(self.is_reached(venue), "it wakes when its trigger is reached");
                assert_eq!((quote, mark), (venue.quote, self.mark), "the quote and the mark that woke it");
                after.beyond = is_beyond;
            }
            OrderChange::Replaced { reason: Reason::User, .. } => {
                after.beyond = is_awake(before.status) && is_beyond;
                self.is_changed = true;
            }
            OrderChange::Filled(_) => (marks, self.is_changed) = (false, false),
            // The last known mark stays until the order's next own event.
            _ => marks = false,
        }
        if before.version == 0 {
            self.first_mark = self.mark;
            after.beyond =
                after.terms.order_type == OrderType::Limit && after.status != OrderStatus::Held && is_beyond;
        }
        if step.change == OrderChange::Activated {
            self.first_mark = self.mark;
        }
        if marks {
            let trigger =
                |(trail, mark): (Trail, Price)| trail.trigger(after.terms.side, mark, venue.rules.tick_size);
            (after.mark, after.trigger) = (self.mark, after.terms.trail.zip(self.mark).map(trigger));
        }
        if let Some(profit) = profit {
            after.realised = after.realised.checked_add(profit).unwrap();
        }
        // The reserve is checked at the end.
        (after.reserved_cash, after.reserved_coins) = (step.after.reserved_cash, step.after.reserved_coins);
        assert_eq!(after, step.after, "the order after its event {:?}", step.change);
        self.state = after;
        self.note(&before, step, venue, reached);
    }

    fn note(&self, before: &OrderState, step: &OrderStep, venue: &MarketContext, reached: &mut Reached) {
        let after = &self.state;
        let (terms, change) = (&after.terms, &step.change);
        let (kind, role) = after.link.map(|link| (link.kind, link.role)).unzip();
        let (is_oco, is_bracket) = (kind == Some(GroupKind::Oco), kind == Some(GroupKind::Bracket));
        let is_entry = role == Some(Role::Entry);
        let trails = terms.trail.is_some();
        let moved = trails && self.mark != self.first_mark;
        match change {
            OrderChange::Triggered { .. } => {
                reached.note("trailing order woken at a mark that moved", moved);
                reached.note("trailing purchase woken", trails && terms.side == Side::Buy);
                reached.note("trailing exit of a bracket woken", trails && is_bracket);
                reached.note("trailing leg of an OCO woken at a mark that moved", moved && is_oco);
                reached.note("take-profit limit woken", terms.order_type == OrderType::TakeProfitLimit);
            }
            OrderChange::Activated => {
                reached.note("trailing exit of a bracket activated", trails && is_bracket);
                reached.note("stop-limit exit activated", terms.order_type == OrderType::StopLimit);
                reached.note("limit exit activated", terms.order_type == OrderType::Limit);
            }
            OrderChange::Replaced { reason: Reason::SiblingFill, .. } => {
                reached.note("OCO filled in part", is_oco);
                reached.note("exits of a bracket filled in part", is_bracket);
                reached.note("trailing order shrunk after its mark moved", moved);
            }
            OrderChange::Replaced { reason: Reason::EntryFill, .. } => {
                let is_live = after.status != OrderStatus::Held;
                reached.note("live exits grown with their purchase", is_live);
                reached.note("exit grown after it sold a part", is_live && !after.filled.is_zero());
                reached.note("trailing exit grown after its mark moved", is_live && moved);
            }
            OrderChange::Replaced { .. } => {
                reached.note("trailing order changed after its mark moved", moved);
                reached.note("order given another end", before.terms.time_in_force != terms.time_in_force);
                reached.note("held exit changed", after.status == OrderStatus::Held);
                reached.note("order changed that is filled in part", !after.filled.is_zero());
                reached.note("leg of an OCO changed", is_oco);
            }
            OrderChange::Filled(new) => {
                let is_whole = new.fill.quantity.floor_to(venue.rules.step_size) == new.fill.quantity;
                reached.note("sale that is not whole steps", !is_whole);
                reached.note("hundredth fill", after.fills == 100);
                reached
                    .note("fill at a fee that is not the venue's any more", after.fee_bps != venue.fee_bps);
                reached.note("fee other than 7 with several fills", after.fee_bps != 7 && after.fills > 1);
                reached.note("rest of an order that arrived", new.basis == Basis::Taker && before.fills > 0);
                reached.note("resting order filled", new.basis == Basis::Maker);
                reached.note("OCO completed", is_oco && after.status == OrderStatus::Completed);
            }
            OrderChange::Expired(reason) => {
                let has_bought = is_entry && !after.filled.is_zero();
                reached.note("entry ended by its time", is_entry && *reason == Reason::GtdReached);
                reached.note("entry ended in parts by its time", has_bought && *reason == Reason::GtdReached);
                reached.note("ioc entry expired", is_entry && *reason == Reason::IocRemainder);
                reached.note("ioc entry filled in part", has_bought && *reason == Reason::IocRemainder);
                reached.note("fok entry expired", is_entry && *reason == Reason::FokUnfilled);
                reached.note("leg of an OCO ended by its time", is_oco && *reason == Reason::GtdReached);
            }
            OrderChange::Rejected(_) => {
                reached.note("purchase rejected when it was woken", terms.side == Side::Buy);
            }
            OrderChange::Canceled(reason) => {
                reached.note("exits canceled with their purchase", *reason == Reason::ParentClosed);
                reached.note("entry canceled in parts", is_entry && !after.filled.is_zero());
                reached.note("entry ended by its exit", *reason == Reason::ExitFilled);
            }
            OrderChange::Accepted => {}
        }
    }

    /// Dollars and coins that the order needs on its own.
    pub(crate) fn need(&self) -> (i128, Quantity) {
        let order = &self.state;
        if !order.is_open() || order.status == OrderStatus::Held {
            return (0, Quantity::ZERO);
        }
        let remaining = order.terms.quantity.checked_sub(order.filled).unwrap();
        if order.terms.side == Side::Sell {
            return (0, remaining);
        }
        let up = |product: i128, by: i128| product / by + i128::from(product % by > 0);
        // Without a limit: two and a half per cent above the trigger.
        let price =
            order.terms.limit.map_or_else(|| up(order.trigger.unwrap().units() * 1_025, 1_000), Price::units);
        let rest = up(price * remaining.units(), cnop_domain::UNITS_PER_WHOLE);
        let whole = Amount::from_units(order.notional.units() + rest).unwrap();
        (rest + fee(whole, order.fee_bps).unwrap().units() - order.fees.units(), Quantity::ZERO)
    }
}
