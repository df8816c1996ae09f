//! Groups of trailing orders with the same mark. A new extreme of the price moves a whole group at once.

use std::collections::{BTreeMap, BTreeSet};

use super::price_ladder::TriggerDirection;
use crate::{BookEntryId, Price, Side, Trail};

/// Sorting a member into a new set is at least this many times cheaper than inserting it into an old one.
const REBUILD_RATIO: usize = 8;

/// Unit of the trailing distances in one set of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Amount,
    BasisPoints,
}

/// One trailing order of a group: nearest first, then oldest, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    /// Units of price, or basis points.
    pub(super) distance: i128,
    pub(super) since_us: i64,
    pub(super) id: BookEntryId,
}

/// A trailing order whose trigger was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// Depth of its trigger.
    pub(super) depth: i128,
    pub(super) mark: Price,
    pub(super) since_us: i64,
    pub(super) id: BookEntryId,
}

/// Waiting trailing orders of one side and one unit of distance, grouped by mark.
///
/// A larger distance never gives a nearer trigger, so the first member of a group has the group's best
/// trigger.
#[derive(Debug)]
pub(super) struct Groups {
    side: Side,
    unit: Unit,
    tick_size: Price,
    /// Members by depth of their mark; no group is empty.
    groups: BTreeMap<i128, BTreeSet<Member>>,
    /// Depth of each group's best trigger, with the depth of its mark.
    best: BTreeSet<(i128, i128)>,
}

impl Groups {
    pub(super) const fn new(side: Side, unit: Unit, tick_size: Price) -> Self {
        Self { side, unit, tick_size, groups: BTreeMap::new(), best: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, mark: Price, member: Member) {
        let mark_depth = self.direction().depth(mark);
        let first_before = self.first(mark_depth);
        self.groups.entry(mark_depth).or_default().insert(member);
        self.first_changed(mark_depth, first_before);
    }

    pub(super) fn remove(&mut self, mark: Price, member: Member) {
        let mark_depth = self.direction().depth(mark);
        let first_before = self.first(mark_depth);
        if let Some(members) = self.groups.get_mut(&mark_depth) {
            members.remove(&member);
            if members.is_empty() {
                self.groups.remove(&mark_depth);
            }
        }
        self.first_changed(mark_depth, first_before);
    }

    /// Merges all groups whose mark the last price has passed into one group with that mark. The largest
    /// group stays and the orders of the others move to it, so an order moves a logarithmic number of times
    /// in its life. Returns whether there were any.
    pub(super) fn raise(&mut self, last: Price) -> bool {
        let last_depth = self.direction().depth(last);
        if self.groups.last_key_value().is_none_or(|(mark_depth, _)| *mark_depth <= last_depth) {
            return false;
        }
        let mut passed = Vec::new();
        while let Some((mark_depth, members)) = self.groups.pop_last() {
            if mark_depth < last_depth {
                self.groups.insert(mark_depth, members);
                break;
            }
            if let Some(first) = members.first() {
                self.best.remove(&(self.trigger_depth(mark_depth, first), mark_depth));
            }
            passed.push(members);
        }
        let merged = merge(passed);
        if let Some(first) = merged.first() {
            self.best.insert((self.trigger_depth(last_depth, first), last_depth));
        }
        self.groups.insert(last_depth, merged);
        true
    }

    /// Adds the orders that the last price reaches. Visits only groups with such an order.
    pub(super) fn reached(&self, last: Price, found: &mut Vec<Reached>) {
        let direction = self.direction();
        let level = direction.depth(last);
        let groups = self.best.iter().take_while(|(trigger_depth, _)| *trigger_depth <= level);
        for (mark_depth, members) in
            groups.filter_map(|(_, mark_depth)| self.groups.get_key_value(mark_depth))
        {
            let mark = direction.price(*mark_depth);
            for member in members {
                let depth = self.trigger_depth(*mark_depth, member);
                if depth > level {
                    break;
                }
                found.push(Reached { depth, mark, since_us: member.since_us, id: member.id });
            }
        }
    }

    fn first(&self, mark_depth: i128) -> Option<Member> {
        self.groups.get(&mark_depth).and_then(|members| members.first().copied())
    }

    fn first_changed(&mut self, mark_depth: i128, before: Option<Member>) {
        let after = self.first(mark_depth);
        if before == after {
            return;
        }
        if let Some(first) = before {
            self.best.remove(&(self.trigger_depth(mark_depth, &first), mark_depth));
        }
        if let Some(first) = after {
            self.best.insert((self.trigger_depth(mark_depth, &first), mark_depth));
        }
    }

    fn trigger_depth(&self, mark_depth: i128, member: &Member) -> i128 {
        let direction = self.direction();
        let trail = match self.unit {
            Unit::Amount => Trail::Amount(Price::from_units(member.distance).unwrap_or(Price::MAX)),
            Unit::BasisPoints => Trail::BasisPoints(u32::try_from(member.distance).unwrap_or(u32::MAX)),
        };
        direction.depth(trail.trigger(self.side, direction.price(mark_depth), self.tick_size))
    }

    const fn direction(&self) -> TriggerDirection {
        TriggerDirection::of_trail(self.side)
    }

    /// Members of all groups, each counted as often as it is found.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.groups.len(), self.best.len());
        self.groups.values().map(BTreeSet::len).sum()
    }
}

/// Merges sets into one. The largest takes the other members one by one, or all are sorted again when the
/// others are a large part. That costs at most [`REBUILD_RATIO`] times as many members as are moved.
fn merge(mut sets: Vec<BTreeSet<Member>>) -> BTreeSet<Member> {
    let largest = sets.iter().enumerate().max_by_key(|(_, set)| set.len()).map_or(0, |(index, _)| index);
    if largest >= sets.len() {
        return BTreeSet::new();
    }
    let mut merged = sets.swap_remove(largest);
    let moved: usize = sets.iter().map(BTreeSet::len).sum();
    let others = sets.into_iter().flatten();
    if moved.saturating_mul(REBUILD_RATIO) > merged.len() {
        return merged.into_iter().chain(others).collect();
    }
    merged.extend(others);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrderId;

    fn order(number: u32) -> BookEntryId {
        OrderId::from_bits(number.into()).into()
    }

    #[test]
    fn a_new_high_joins_small_and_large_groups() {
        let price = |units| Price::from_units(units).unwrap();
        for (large, small) in [(100, 3), (10, 9), (1, 0), (0, 1)] {
            let mut groups = Groups::new(Side::Sell, Unit::Amount, price(1));
            let member = |id: u32| Member { distance: 100 - i128::from(id % 50), since_us: 1, id: order(id) };
            for id in 0..large {
                groups.insert(price(1_000), member(id));
            }
            for id in large..large + small {
                groups.insert(price(900 + i128::from(id % 2)), member(id));
            }
            groups.insert(price(2_000), member(1_000));
            assert!(groups.raise(price(1_001)));
            assert!(!groups.raise(price(1_001)));
            assert_eq!(groups.len(), usize::try_from(large + small + 1).unwrap());
            let mut found = Vec::new();
            groups.reached(price(901), &mut found);
            let mut ids: Vec<BookEntryId> = found.iter().map(|reached| reached.id).collect();
            ids.sort_unstable();
            let expected: Vec<BookEntryId> = (0..large + small).chain([1_000]).map(order).collect();
            assert_eq!(ids, expected);
            assert!(
                found
                    .iter()
                    .all(|reached| reached.mark
                        == price(if reached.id == order(1_000) { 2_000 } else { 1_001 }))
            );
            for id in 0..large + small {
                groups.remove(price(1_001), member(id));
            }
            assert_eq!(groups.len(), 1);
        }
    }
}
