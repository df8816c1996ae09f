//! Matching one quote against a trigger book.

use super::price_ladder::{Rung, TriggerDirection};
use super::resting::{Dispatched, Grant, Interest, TickResult, Triggered};
use super::trigger_book::TriggerBook;
use crate::{BookEntryId, Price, Quote, Side};

/// An order whose trigger is reached. Sorts by priority.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rung: Rung,
    mark: Option<Price>,
}

impl<T: Clone> TriggerBook<T> {
    /// Moves the marks of trailing orders, then dispatches every order that the quote reaches: triggers at
    /// its last price, limit orders at its bid or ask as far as its displayed size goes.
    ///
    /// `now_us` is the time at which the quote was published, by the clock of the order times. An order that
    /// has expired by then is skipped ([`TriggerBook::expire`] dispatches it). A quote older than the newest
    /// has no effect. The newest may be matched again, to find orders that arrived after it; its displayed
    /// size is not counted twice. An order must not be inserted before the quote of its acceptance was
    /// matched, unless older quotes are skipped.
    pub fn tick(&mut self, quote: &Quote, now_us: i64) -> TickResult<T> {
        if self.ticked_seq.is_some_and(|seq| quote.seq < seq) {
            return TickResult::default();
        }
        self.ticked_seq = Some(quote.seq);
        // All orders here were accepted before this quote, whatever the clock says: they have seen it.
        self.newest_us = self.newest_us.max(now_us);
        self.trailing_buys.see(quote.last, self.newest_us);
        self.trailing_sells.see(quote.last, self.newest_us);
        let mut tick = TickResult::default();
        for direction in [TriggerDirection::Up, TriggerDirection::Down] {
            self.trigger(direction, quote, now_us, &mut tick.triggered);
        }
        for side in Side::ALL {
            self.grant(side, quote, now_us, &mut tick.grants);
        }
        tick
    }

    fn trigger(
        &mut self,
        direction: TriggerDirection,
        quote: &Quote,
        now_us: i64,
        triggered: &mut Vec<Triggered<T>>,
    ) {
        let last = quote.last;
        let (ladder, trails) = match direction {
            TriggerDirection::Up => (&self.above, &self.trailing_buys),
            TriggerDirection::Down => (&self.below, &self.trailing_sells),
        };
        let fixed = ladder.reached(last).map(|rung| Candidate { rung, mark: None });
        let trailing = trails.reached(last).into_iter().map(|found| Candidate {
            rung: Rung { depth: found.depth, since_us: found.since_us, id: found.id },
            mark: Some(found.mark),
        });
        let mut candidates: Vec<Candidate> =
            fixed.chain(trailing).filter(|candidate| !self.is_expired(candidate.rung.id, now_us)).collect();
        candidates.sort_unstable();
        for Candidate { rung: Rung { id, .. }, mark } in candidates {
            if let Some(owner) = self.dispatch(id, Dispatched::Triggered { quote_seq: quote.seq }) {
                triggered.push(Triggered { id, owner, mark });
            }
        }
    }

    fn grant(&mut self, side: Side, quote: &Quote, now_us: i64, grants: &mut Vec<Grant<T>>) {
        let ladder = match side {
            Side::Buy => &self.buys,
            Side::Sell => &self.sells,
        };
        let mut granted = Vec::new();
        for Rung { id, .. } in ladder.reached(quote.price_for(side)) {
            let Some(Interest::Limit { remaining, .. }) = self.orders.get(&id).map(|order| order.interest)
            else {
                continue;
            };
            if remaining.is_zero() || self.is_expired(id, now_us) {
                continue;
            }
            let quantity = self.displayed.take(side, quote, remaining);
            // Less than a step is left, and a later order must not get it instead.
            if quantity.is_zero() {
                break;
            }
            granted.push((id, quantity));
        }
        for (id, quantity) in granted {
            let dispatched = Dispatched::Granted { granted: quantity, left: quantity, quote_seq: quote.seq };
            if let Some(owner) = self.dispatch(id, dispatched) {
                grants.push(Grant { id, owner, side, quantity });
            }
        }
    }

    fn is_expired(&self, id: BookEntryId, now_us: i64) -> bool {
        let expires_us = self.orders.get(&id).and_then(|resting| resting.expires_us);
        expires_us.is_some_and(|expires_us| expires_us <= now_us)
    }
}
