//! The trailing orders of one side.

use super::price_history::{Extreme, History};
use super::price_ladder::TriggerDirection;
use super::resting::MarkPoint;
use super::trailing_groups::{Groups, Member, Reached, Unit};
use crate::{BookEntryId, Price, Side, Trail};

/// Trailing orders of one side: those that wait, in groups, and the extremes that all in the book have seen.
#[derive(Debug)]
pub(super) struct Trails {
    side: Side,
    history: History,
    amounts: Groups,
    basis_points: Groups,
    /// Number of orders that wait; the others are dispatched.
    waiting: usize,
    revision: u64,
}

/// One trailing order: when it was accepted, with which distance and which mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trailing {
    pub(super) id: BookEntryId,
    pub(super) since_us: i64,
    pub(super) trail: Trail,
    pub(super) mark: Price,
}

impl Trailing {
    fn member(&self) -> Member {
        let distance = match self.trail {
            Trail::Amount(amount) => amount.units(),
            Trail::BasisPoints(points) => i128::from(points),
        };
        Member { distance, since_us: self.since_us, id: self.id }
    }
}

impl Trails {
    pub(super) const fn new(side: Side, tick_size: Price, recent_max: usize) -> Self {
        Self {
            side,
            history: History::new(recent_max),
            amounts: Groups::new(side, Unit::Amount, tick_size),
            basis_points: Groups::new(side, Unit::BasisPoints, tick_size),
            waiting: 0,
            revision: 0,
        }
    }

    pub(super) fn restore(&mut self, marks: &[MarkPoint]) {
        let direction = self.direction();
        self.history.restore(
            marks.iter().map(|seen| Extreme { seen_us: seen.seen_us, depth: direction.depth(seen.mark) }),
        );
    }

    /// Marks to store: see [`super::Marks`].
    pub(super) fn marks(&self) -> Vec<MarkPoint> {
        let direction = self.direction();
        self.history
            .needed()
            .map(|extreme| MarkPoint { seen_us: extreme.seen_us, mark: direction.price(extreme.depth) })
            .collect()
    }

    /// Increases whenever a mark differs from its stored value.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// The next last price moves the marks it has passed.
    pub(super) fn see(&mut self, last: Price, seen_us: i64) {
        let extreme = self.history.see(Extreme { seen_us, depth: self.direction().depth(last) });
        let amounts = self.amounts.raise(last);
        let basis_points = self.basis_points.raise(last);
        // Dispatched orders are in no group, yet their marks continue.
        if amounts || basis_points || (extreme && self.history.orders() > self.waiting) {
            self.revision = self.revision.wrapping_add(1);
        }
    }

    /// Present mark of an order: the better of its own and the extremes since.
    pub(super) fn mark(&self, since_us: i64, accepted: Price) -> Price {
        let direction = self.direction();
        let seen = self.history.best_since(since_us).map(|depth| direction.price(depth));
        seen.map_or(accepted, |seen| Trail::mark_after(self.side, accepted, seen))
    }

    pub(super) fn admit(&mut self, order: Trailing) {
        self.history.admit(order.since_us, order.id);
    }

    pub(super) fn dismiss(&mut self, order: Trailing) {
        self.history.dismiss(order.since_us, order.id);
    }

    /// The order waits for its trigger.
    pub(super) fn wait(&mut self, order: Trailing) {
        let mark = self.mark(order.since_us, order.mark);
        if mark != order.mark {
            self.revision = self.revision.wrapping_add(1);
        }
        self.waiting = self.waiting.saturating_add(1);
        self.groups(order.trail).insert(mark, order.member());
    }

    /// The order does not wait any more.
    pub(super) fn take(&mut self, order: Trailing) {
        let mark = self.mark(order.since_us, order.mark);
        self.waiting = self.waiting.saturating_sub(1);
        self.groups(order.trail).remove(mark, order.member());
    }

    /// The orders that the last price reaches, in no particular order.
    pub(super) fn reached(&self, last: Price) -> Vec<Reached> {
        let mut found = Vec::new();
        self.amounts.reached(last, &mut found);
        self.basis_points.reached(last, &mut found);
        found
    }

    const fn groups(&mut self, trail: Trail) -> &mut Groups {
        match trail {
            Trail::Amount(_) => &mut self.amounts,
            Trail::BasisPoints(_) => &mut self.basis_points,
        }
    }

    const fn direction(&self) -> TriggerDirection {
        TriggerDirection::of_trail(self.side)
    }

    /// Number of orders in the groups.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        assert_eq!(self.amounts.len() + self.basis_points.len(), self.waiting);
        self.waiting
    }
}
