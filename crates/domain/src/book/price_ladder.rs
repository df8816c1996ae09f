//! Orders with a fixed trigger or limit, nearest price first.

use std::collections::BTreeSet;

use crate::{BookEntryId, Price, Side};

/// Direction in which the price must move to reach an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TriggerDirection {
    /// The price has to rise.
    Up,
    /// The price has to fall.
    Down,
}

impl TriggerDirection {
    /// A limit order waits for the other side's price: a purchase for a lower ask.
    pub(super) const fn of_limit(side: Side) -> Self {
        match side {
            Side::Buy => Self::Down,
            Side::Sell => Self::Up,
        }
    }

    /// A trigger waits for the last price.
    pub(super) const fn of_trigger(above: bool) -> Self {
        if above { Self::Up } else { Self::Down }
    }

    /// A trailing sale waits for a fall from the high, a purchase for a rise from the low.
    pub(super) const fn of_trail(side: Side) -> Self {
        match side {
            Side::Buy => Self::Up,
            Side::Sell => Self::Down,
        }
    }

    /// A price as a depth: of two, the price comes first to the one with the smaller depth. A level is reached when
    /// its depth is not above the depth of the price.
    pub(super) const fn depth(self, price: Price) -> i128 {
        match self {
            Self::Up => price.units(),
            Self::Down => -price.units(),
        }
    }

    /// The price of a depth.
    pub(super) fn price(self, depth: i128) -> Price {
        // A depth is only ever made from a price: the fallback is for no value that exists.
        Price::from_units(match self {
            Self::Up => depth,
            Self::Down => -depth,
        })
        .unwrap_or(Price::ZERO)
    }
}

/// One order's place: nearest first, then oldest, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rung {
    pub(super) depth: i128,
    pub(super) since_us: i64,
    pub(super) id: BookEntryId,
}

/// Orders that wait for the price to go one way.
#[derive(Debug)]
pub(super) struct Ladder {
    direction: TriggerDirection,
    rungs: BTreeSet<Rung>,
}

impl Ladder {
    pub(super) const fn new(direction: TriggerDirection) -> Self {
        Self { direction, rungs: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, price: Price, since_us: i64, id: BookEntryId) {
        self.rungs.insert(Rung { depth: self.direction.depth(price), since_us, id });
    }

    pub(super) fn remove(&mut self, price: Price, since_us: i64, id: BookEntryId) {
        self.rungs.remove(&Rung { depth: self.direction.depth(price), since_us, id });
    }

    /// Entries that a price reaches, in priority order. Cost is proportional to their number.
    pub(super) fn reached(&self, price: Price) -> impl Iterator<Item = Rung> + '_ {
        let level = self.direction.depth(price);
        self.rungs.iter().copied().take_while(move |rung| rung.depth <= level)
    }
}
