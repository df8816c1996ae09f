//! The trigger book itself: insertion, removal, dispatch and return of entries.

use std::collections::{BTreeSet, HashMap};

use super::displayed::DisplayedSize;
use super::price_ladder::{Ladder, TriggerDirection};
use super::resting::{Dispatched, Interest, Marks, Resting};
use super::trailing::{Trailing, Trails};
use crate::{BookEntryId, Price, Quantity, Quote, Side, TradingRules};

/// Newest extremes of the last price that are kept for orders accepted before them that arrive later: far
/// more than the quotes that arrive while one order is written.
const RECENT_EXTREMES_MAX: usize = 256;

/// The waiting orders of one asset, each with the data with which its owner finds it again.
///
/// The book never changes an order. It reports what a quote reaches; the owner decides and answers. A
/// dispatched order (triggered, expired or granted displayed size) is not dispatched again before
/// [`TriggerBook::settle`], [`TriggerBook::release`], [`TriggerBook::insert`] or [`TriggerBook::remove`] of
/// the same order. The owner bounds the number of orders.
#[derive(Debug)]
pub struct TriggerBook<T> {
    pub(super) orders: HashMap<BookEntryId, Resting<T>>,
    pub(super) buys: Ladder,
    pub(super) sells: Ladder,
    pub(super) above: Ladder,
    pub(super) below: Ladder,
    pub(super) trailing_buys: Trails,
    pub(super) trailing_sells: Trails,
    expiries: BTreeSet<(i64, BookEntryId)>,
    pub(super) displayed: DisplayedSize,
    /// Number of the newest matched quote.
    pub(super) ticked_seq: Option<u64>,
    /// The newest time of an order or a quote.
    pub(super) newest_us: i64,
    tick_size: Price,
}

impl<T: Clone> TriggerBook<T> {
    /// An empty book for an asset's trading rules.
    #[must_use]
    pub fn new(rules: &TradingRules) -> Self {
        Self::restore(rules, &Marks::default())
    }

    /// An empty book that continues from stored marks. Insert the orders, trailing ones with their mark at
    /// acceptance.
    #[must_use]
    pub fn restore(rules: &TradingRules, marks: &Marks) -> Self {
        Self::with_recent(rules, marks, RECENT_EXTREMES_MAX)
    }

    pub(super) fn with_recent(rules: &TradingRules, marks: &Marks, recent_max: usize) -> Self {
        let mut trailing_buys = Trails::new(Side::Buy, rules.tick_size, recent_max);
        let mut trailing_sells = Trails::new(Side::Sell, rules.tick_size, recent_max);
        trailing_buys.restore(&marks.lows);
        trailing_sells.restore(&marks.highs);
        let seen = marks.lows.iter().chain(&marks.highs).map(|seen| seen.seen_us);
        Self {
            orders: HashMap::new(),
            buys: Ladder::new(TriggerDirection::of_limit(Side::Buy)),
            sells: Ladder::new(TriggerDirection::of_limit(Side::Sell)),
            above: Ladder::new(TriggerDirection::of_trigger(true)),
            below: Ladder::new(TriggerDirection::of_trigger(false)),
            trailing_buys,
            trailing_sells,
            expiries: BTreeSet::new(),
            displayed: DisplayedSize::new(rules.step_size),
            ticked_seq: None,
            newest_us: seen.max().unwrap_or(i64::MIN),
            tick_size: rules.tick_size,
        }
    }

    /// Adds an order or replaces it after a change. `since_us` is the time of its acceptance or change. A
    /// trailing order comes with its mark of that time; the extremes since then apply to it, too.
    pub fn insert(
        &mut self,
        id: BookEntryId,
        since_us: i64,
        interest: Interest,
        expires_us: Option<i64>,
        owner: T,
    ) {
        self.remove(id);
        self.orders.insert(id, Resting { since_us, interest, expires_us, owner, dispatched: None });
        if let Some((trails, order)) = self.trailing(id, since_us, interest) {
            trails.admit(order);
            self.newest_us = self.newest_us.max(since_us);
        }
        self.wait(id);
    }

    /// Removes an order. Its grant stays taken: [`TriggerBook::give_back`] returns it. The returned trailing
    /// order has its present mark.
    pub fn remove(&mut self, id: BookEntryId) -> Option<Resting<T>> {
        if self.orders.get(&id)?.dispatched.is_none() {
            self.unwait(id);
        }
        let mark = self.trail(id).map(|(mark, _)| mark);
        let mut resting = self.orders.remove(&id)?;
        if let Some((trails, order)) = self.trailing(id, resting.since_us, resting.interest) {
            trails.dismiss(order);
        }
        if let (Interest::Trail { mark: accepted, .. }, Some(mark)) = (&mut resting.interest, mark) {
            *accepted = mark;
        }
        Some(resting)
    }

    /// An order as inserted, minus its fills.
    #[must_use]
    pub fn get(&self, id: BookEntryId) -> Option<&Resting<T>> {
        self.orders.get(&id)
    }

    /// All orders, in no particular order, as inserted, minus their fills; trailing orders with their present
    /// mark.
    pub fn iter(&self) -> impl Iterator<Item = (BookEntryId, Resting<T>)> + '_ {
        self.orders.iter().map(|(id, resting)| {
            let mut resting = resting.clone();
            if let (Interest::Trail { mark, .. }, Some((now, _))) = (&mut resting.interest, self.trail(*id)) {
                *mark = now;
            }
            (*id, resting)
        })
    }

    /// Number of orders in the book, dispatched ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Returns true if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Mark and trigger of a trailing order now.
    #[must_use]
    pub fn trail(&self, id: BookEntryId) -> Option<(Price, Price)> {
        let resting = self.orders.get(&id)?;
        let Interest::Trail { side, trail, mark } = resting.interest else { return None };
        let trails = match side {
            Side::Buy => &self.trailing_buys,
            Side::Sell => &self.trailing_sells,
        };
        let mark = trails.mark(resting.since_us, mark);
        Some((mark, trail.trigger(side, mark, self.tick_size)))
    }

    /// Dispatches at most `limit` expired orders, earliest first. They stay in the book.
    pub fn expire(&mut self, now_us: i64, limit: usize) -> Vec<(BookEntryId, T)> {
        let due = self.expiries.iter().take_while(|(expires_us, _)| *expires_us <= now_us);
        let due: Vec<BookEntryId> = due.take(limit).map(|(_, id)| *id).collect();
        due.into_iter()
            .filter_map(|id| self.dispatch(id, Dispatched::Expired).map(|owner| (id, owner)))
            .collect()
    }

    /// Time of the next expiry, in µs since 1970-01-01T00:00Z.
    #[must_use]
    pub fn next_expiry_us(&self) -> Option<i64> {
        self.expiries.first().map(|(expires_us, _)| *expires_us)
    }

    /// The owner's answer: a granted order was filled by `filled`. The rest of the grant returns to the
    /// displayed size, and the order waits again or, filled completely, is removed. A triggered or expired
    /// order is removed; one that continues as a limit order is inserted again instead. No effect on an order
    /// that is not dispatched or is quarantined. Returns whether the order is in the book.
    pub fn settle(&mut self, id: BookEntryId, filled: Quantity) -> bool {
        match self.orders.get(&id).map(|resting| resting.dispatched) {
            None => false,
            Some(None | Some(Dispatched::Quarantined)) => true,
            Some(Some(Dispatched::Triggered { .. } | Dispatched::Expired)) => {
                self.remove(id);
                false
            }
            Some(Some(Dispatched::Granted { .. })) => {
                self.take_grant_back(id, filled);
                self.reduce(id, filled) && self.release(id)
            }
        }
    }

    /// The owner's answer: nothing happened to the order. It waits again, and its grant returns to the
    /// displayed size. Returns whether the order is in the book.
    pub fn release(&mut self, id: BookEntryId) -> bool {
        self.take_grant_back(id, Quantity::ZERO);
        let Some(resting) = self.orders.get_mut(&id) else { return false };
        if resting.dispatched.take().is_some() {
            self.wait(id);
        }
        true
    }

    /// The owner's answer: the job failed. The order is quarantined: no quote reaches it before it is
    /// released, inserted or removed, and its grant returns to the displayed size. A trailing order's mark
    /// continues. No effect on an order that is not dispatched.
    pub fn quarantine(&mut self, id: BookEntryId) {
        self.take_grant_back(id, Quantity::ZERO);
        if let Some(dispatched) = self.orders.get_mut(&id).and_then(|resting| resting.dispatched.as_mut()) {
            *dispatched = Dispatched::Quarantined;
        }
    }

    /// Changes only the size of a limit order, which keeps its time priority and its pending job. A grant
    /// beyond the new size returns to the displayed size. A larger one waits for the next quote with its new part.
    /// With nothing left it is removed. Returns whether
    /// the order is in the book.
    pub fn resize(&mut self, id: BookEntryId, left: Quantity) -> bool {
        let Some(resting) = self.orders.get_mut(&id) else { return false };
        let Interest::Limit { side, remaining, .. } = &mut resting.interest else { return true };
        *remaining = left;
        if let Some(Dispatched::Granted { left: usable, quote_seq, .. }) = &mut resting.dispatched
            && let Ok(unused) = usable.checked_sub(left)
        {
            *usable = left;
            self.displayed.give_back(*side, *quote_seq, unused);
        }
        if left.is_zero() {
            self.remove(id);
        }
        !left.is_zero()
    }

    /// A limit order was filled by this much.
    fn reduce(&mut self, id: BookEntryId, filled: Quantity) -> bool {
        let Some(Resting { interest: Interest::Limit { remaining, .. }, .. }) = self.orders.get(&id) else {
            return self.orders.contains_key(&id);
        };
        let left = remaining.checked_sub(filled).unwrap_or(Quantity::ZERO);
        self.resize(id, left)
    }

    /// Displayed size that an arriving order of this side could take from a quote; zero for a quote that is
    /// not the newest.
    #[must_use]
    pub fn displayed_left(&self, side: Side, quote: &Quote) -> Quantity {
        self.displayed.left(side, quote)
    }

    /// Takes of a quote's displayed size for an arriving order: all it wants, or as many whole steps as are left.
    pub fn take_displayed(&mut self, side: Side, quote: &Quote, wanted: Quantity) -> Quantity {
        self.displayed.take(side, quote, wanted)
    }

    /// Returns displayed size that an order took, or was granted before its removal, and did not use. No
    /// effect once there is a newer quote.
    pub fn give_back(&mut self, side: Side, quote_seq: u64, quantity: Quantity) {
        self.displayed.give_back(side, quote_seq, quantity);
    }

    /// The marks to store, from which each trailing order's mark can be restored.
    #[must_use]
    pub fn marks(&self) -> Marks {
        Marks { highs: self.trailing_sells.marks(), lows: self.trailing_buys.marks() }
    }

    /// Changes whenever [`TriggerBook::marks`] must be stored again. Until then the stored marks are correct
    /// for all orders, new ones included.
    #[must_use]
    pub const fn marks_revision(&self) -> u64 {
        self.trailing_sells.revision().wrapping_add(self.trailing_buys.revision())
    }

    /// Takes an order out of sight until its owner answers.
    pub(super) fn dispatch(&mut self, id: BookEntryId, dispatched: Dispatched) -> Option<T> {
        self.unwait(id);
        let resting = self.orders.get_mut(&id)?;
        resting.dispatched = Some(dispatched);
        Some(resting.owner.clone())
    }

    /// Returns the unused part of an order's grant.
    fn take_grant_back(&mut self, id: BookEntryId, used: Quantity) {
        let Some(resting) = self.orders.get_mut(&id) else { return };
        if let (Some(Dispatched::Granted { left, quote_seq, .. }), Interest::Limit { side, .. }) =
            (&mut resting.dispatched, resting.interest)
        {
            let unused = left.checked_sub(used).unwrap_or(Quantity::ZERO);
            *left = Quantity::ZERO;
            self.displayed.give_back(side, *quote_seq, unused);
        }
    }

    fn wait(&mut self, id: BookEntryId) {
        let Some(Resting { since_us, interest, expires_us, .. }) = self.orders.get(&id) else { return };
        let (since_us, interest, expires_us) = (*since_us, *interest, *expires_us);
        if let Some(expires_us) = expires_us {
            self.expiries.insert((expires_us, id));
        }
        if let Some((ladder, price)) = self.ladder(interest) {
            ladder.insert(price, since_us, id);
        } else if let Some((trails, order)) = self.trailing(id, since_us, interest) {
            trails.wait(order);
        }
    }

    fn unwait(&mut self, id: BookEntryId) {
        let Some(Resting { since_us, interest, expires_us, .. }) = self.orders.get(&id) else { return };
        let (since_us, interest, expires_us) = (*since_us, *interest, *expires_us);
        if let Some(expires_us) = expires_us {
            self.expiries.remove(&(expires_us, id));
        }
        if let Some((ladder, price)) = self.ladder(interest) {
            ladder.remove(price, since_us, id);
        } else if let Some((trails, order)) = self.trailing(id, since_us, interest) {
            trails.take(order);
        }
    }

    /// Ladder of an order with a fixed price.
    const fn ladder(&mut self, interest: Interest) -> Option<(&mut Ladder, Price)> {
        match interest {
            Interest::Limit { side: Side::Buy, price, .. } => Some((&mut self.buys, price)),
            Interest::Limit { side: Side::Sell, price, .. } => Some((&mut self.sells, price)),
            Interest::Trigger { above: true, price } => Some((&mut self.above, price)),
            Interest::Trigger { above: false, price } => Some((&mut self.below, price)),
            Interest::Trail { .. } => None,
        }
    }

    /// Trailing group of an order.
    const fn trailing(
        &mut self,
        id: BookEntryId,
        since_us: i64,
        interest: Interest,
    ) -> Option<(&mut Trails, Trailing)> {
        let Interest::Trail { side, trail, mark } = interest else { return None };
        let trails = match side {
            Side::Buy => &mut self.trailing_buys,
            Side::Sell => &mut self.trailing_sells,
        };
        Some((trails, Trailing { id, since_us, trail, mark }))
    }
}
