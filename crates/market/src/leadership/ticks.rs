//! Ticks on their way: put together from parts, and kept while one before them is missing.

use std::collections::VecDeque;

use super::message::{FeedStamp, PARTS_MAX, StateChange, TickPart, part_read};

/// Ticks that wait for an earlier one: eight seconds of the simulator. Older ones go, and a newer snapshot is read.
const WAITING_MAX: usize = 32;

/// Changes that lead from one content to the next; without `after`, a whole snapshot.
#[derive(Debug)]
pub(super) struct FeedTick {
    pub(super) stamp: FeedStamp,
    pub(super) after: Option<FeedStamp>,
    pub(super) time_us: i64,
    pub(super) changes: Vec<StateChange>,
}

/// A tick of which not all parts are here.
#[derive(Debug, Default)]
pub(super) struct TickAssembly {
    tick: Option<FeedTick>,
    /// Number of the part to come.
    next: u16,
}

impl TickAssembly {
    /// Adds a part. Returns the tick with its last part. Parts that do not fit drop it; the tick after it then tells
    /// that one is missing.
    pub(super) fn add(&mut self, part: &TickPart, bytes: &[u8]) -> Option<FeedTick> {
        let is_repeated = |tick: &FeedTick| tick.stamp == part.stamp && part.number < self.next;
        if self.tick.as_ref().is_some_and(is_repeated) {
            return None;
        }
        let begun = self.tick.take().filter(|tick| tick.stamp == part.stamp && self.next == part.number);
        let TickPart { stamp, after, time_us, number, count } = *part;
        let mut tick = match begun {
            Some(tick) => tick,
            None if number == 0 => FeedTick { stamp, after, time_us, changes: Vec::new() },
            None => return None,
        };
        tick.changes.extend(part_read(bytes)?);
        if number + 1 >= count {
            return Some(tick);
        }
        if count <= PARTS_MAX {
            (self.tick, self.next) = (Some(tick), number + 1);
        }
        None
    }
}

/// Ticks that wait for an earlier one, in order.
#[derive(Debug, Default)]
pub(super) struct WaitingTicks(VecDeque<FeedTick>);

impl WaitingTicks {
    pub(super) fn push(&mut self, tick: FeedTick) {
        if self.0.len() >= WAITING_MAX {
            self.0.pop_front();
        }
        self.0.push_back(tick);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The generation that a snapshot must have at least, so that the waiting ticks continue it.
    pub(super) fn base(&self) -> u64 {
        self.0.front().and_then(|tick| tick.after).map_or(0, |after| after.generation)
    }

    /// The tick that continues this content. Those that it contains are dropped.
    pub(super) fn next_after(&mut self, stamp: FeedStamp) -> Option<FeedTick> {
        while self.0.front().is_some_and(|tick| tick.stamp.generation <= stamp.generation) {
            self.0.pop_front();
        }
        if self.0.front()?.after == Some(stamp) { self.0.pop_front() } else { None }
    }
}
