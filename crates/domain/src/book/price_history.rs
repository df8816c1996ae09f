//! The extremes that decide marks: each last price that no later price has passed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use crate::BookEntryId;

/// Extremes of the last price, oldest first, each less extreme than the one before. Prices are depths: the
/// smaller, the more extreme.
///
/// The mark of an order is the first extreme at or after its acceptance, unless its mark at acceptance is
/// better. Old extremes stay only while an order needs them. The newest stay in any case, for orders that
/// were accepted before them but arrive later. An order that arrives even later gets the next extreme that
/// was kept. Its trigger may then be too far from the market, never too near.
#[derive(Debug)]
pub(super) struct History {
    recent_max: usize,
    recent: VecDeque<Extreme>,
    /// By the time it was seen.
    old: BTreeMap<i64, i128>,
    /// Acceptance times of all trailing orders of this side.
    orders: BTreeSet<(i64, BookEntryId)>,
}

/// A last price and when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extreme {
    pub(super) seen_us: i64,
    pub(super) depth: i128,
}

impl History {
    /// With at most `recent_max` extremes that no order needs.
    pub(super) const fn new(recent_max: usize) -> Self {
        Self { recent_max, recent: VecDeque::new(), old: BTreeMap::new(), orders: BTreeSet::new() }
    }

    /// Continues from stored extremes. An older one that a later one has reached is dropped.
    pub(super) fn restore(&mut self, extremes: impl IntoIterator<Item = Extreme>) {
        let mut sorted: Vec<Extreme> = extremes.into_iter().collect();
        sorted.sort_by_key(|extreme| extreme.seen_us);
        for extreme in sorted {
            self.drop_reached(extreme.depth);
            self.old.entry(extreme.seen_us).or_insert(extreme.depth);
        }
    }

    /// The next last price; `seen_us` is never before that of the one before it. Says whether it is a new extreme.
    pub(super) fn see(&mut self, next: Extreme) -> bool {
        let reached = self.drop_reached(next.depth);
        self.recent.push_back(next);
        if self.recent.len() > self.recent_max
            && let Some(oldest) = self.recent.pop_front()
        {
            let before = self.old.last_key_value().map(|(seen_us, _)| *seen_us);
            if self.is_needed(before, oldest.seen_us) {
                self.old.entry(oldest.seen_us).or_insert(oldest.depth);
            }
        }
        reached
    }

    /// The best that an order accepted at a time has seen since.
    pub(super) fn best_since(&self, since_us: i64) -> Option<i128> {
        let old = self.old.range(since_us..).next().map(|(_, depth)| *depth);
        old.or_else(|| {
            let first = self.recent.partition_point(|extreme| extreme.seen_us < since_us);
            self.recent.get(first).map(|extreme| extreme.depth)
        })
    }

    /// Keeps the extremes that an order needs.
    pub(super) fn admit(&mut self, since_us: i64, id: BookEntryId) {
        self.orders.insert((since_us, id));
    }

    /// Releases the extremes of a removed order.
    pub(super) fn dismiss(&mut self, since_us: i64, id: BookEntryId) {
        self.orders.remove(&(since_us, id));
        let Some(seen_us) = self.old.range(since_us..).next().map(|(seen_us, _)| *seen_us) else { return };
        let before = self.old.range(..seen_us).next_back().map(|(seen_us, _)| *seen_us);
        if !self.is_needed(before, seen_us) {
            self.old.remove(&seen_us);
        }
    }

    /// Number of orders that need extremes.
    pub(super) fn orders(&self) -> usize {
        self.orders.len()
    }

    /// The extremes that an order needs, oldest first.
    pub(super) fn needed(&self) -> impl Iterator<Item = Extreme> + '_ {
        let old = self.old.iter().map(|(seen_us, depth)| Extreme { seen_us: *seen_us, depth: *depth });
        let mut before = None;
        old.chain(self.recent.iter().copied()).filter(move |extreme| {
            let needed = self.is_needed(before, extreme.seen_us);
            before = Some(extreme.seen_us);
            needed
        })
    }

    fn drop_reached(&mut self, depth: i128) -> bool {
        let mut reached = false;
        while self.recent.back().is_some_and(|extreme| extreme.depth >= depth) {
            self.recent.pop_back();
            reached = true;
        }
        if self.recent.is_empty() {
            while let Some(entry) = self.old.last_entry()
                && *entry.get() >= depth
            {
                entry.remove();
                reached = true;
            }
        }
        reached
    }

    /// Returns true if an order was accepted after `before` and not after `seen_us`.
    fn is_needed(&self, before: Option<i64>, seen_us: i64) -> bool {
        let from =
            before.map_or(Bound::Unbounded, |before_us| Bound::Excluded((before_us, BookEntryId::MAX)));
        // Two extremes of one time: no order can be between them.
        before.is_none_or(|before_us| before_us < seen_us)
            && self.orders.range((from, Bound::Included((seen_us, BookEntryId::MAX)))).next().is_some()
    }

    /// Number of extremes kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.old.len() + self.recent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(history: &mut History, prices: &[(i64, i128)]) {
        for (seen_us, depth) in prices {
            history.see(Extreme { seen_us: *seen_us, depth: *depth });
        }
    }

    #[test]
    fn keeps_only_what_no_later_price_reached() {
        let mut history = History::new(8);
        // Depths of falling, rising and falling prices: the smaller the higher.
        seen(&mut history, &[(1, -100), (2, -90), (3, -80), (4, -95), (5, -70)]);
        assert_eq!(history.len(), 3);
        for (since_us, best) in
            [(0, Some(-100)), (1, Some(-100)), (2, Some(-95)), (4, Some(-95)), (5, Some(-70)), (6, None)]
        {
            assert_eq!(history.best_since(since_us), best, "since {since_us}");
        }
    }

    #[test]
    fn old_extremes_stay_while_an_order_needs_them() {
        let mut history = History::new(2);
        history.admit(2, BookEntryId::MIN);
        seen(&mut history, &[(1, -100), (2, -90), (3, -80), (4, -70), (5, -60), (6, -50)]);
        assert_eq!(history.best_since(2), Some(-90));
        assert_eq!(history.len(), 3, "the order's and the two newest");
        let needed: Vec<Extreme> = history.needed().collect();
        assert_eq!(needed, [Extreme { seen_us: 2, depth: -90 }]);
        // Too late for its own extreme, it gets the next one that was kept.
        assert_eq!(history.best_since(3), Some(-60));
        history.dismiss(2, BookEntryId::MIN);
        assert_eq!(history.len(), 2);
        assert_eq!(history.needed().count(), 0);
    }

    #[test]
    fn stored_extremes_in_disorder_are_put_right() {
        let mut history = History::new(2);
        let extreme = |seen_us, depth| Extreme { seen_us, depth };
        history.restore([extreme(3, -80), extreme(1, -100), extreme(2, -70)]);
        assert_eq!(history.best_since(1), Some(-100));
        assert_eq!(history.best_since(2), Some(-80));
        seen(&mut history, &[(4, -200)]);
        assert_eq!(history.len(), 1);
        assert_eq!(history.best_since(1), Some(-200));
    }
}
