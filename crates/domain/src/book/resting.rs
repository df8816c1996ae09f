//! Entries of a trigger book, and the result of matching a quote against it.

use serde::{Deserialize, Serialize};

use crate::{BookEntryId, Price, Quantity, Side, Trail};

/// Condition for which an order waits. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interest {
    /// That the other side's price reaches its limit.
    Limit {
        /// Side of the order.
        side: Side,
        /// Limit of the order.
        price: Price,
        /// Remaining quantity of the order.
        remaining: Quantity,
    },
    /// That the last price reaches a level. Price alerts wait like this too.
    Trigger {
        /// True if it waits for a price at or above the level; otherwise at or below.
        above: bool,
        /// Price level of the trigger.
        price: Price,
    },
    /// That the last price comes back from its extreme.
    Trail {
        /// Side of the order: a sale follows the highest last price, a purchase the lowest.
        side: Side,
        /// Distance of the trigger from the mark.
        trail: Trail,
        /// Mark at acceptance. The book continues from there: see [`super::TriggerBook::trail`].
        mark: Price,
    },
}

/// An order in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting<T> {
    /// Time of acceptance or of the last change, in µs since 1970-01-01T00:00Z: its place among orders of the same price.
    pub since_us: i64,
    /// Condition for which it waits.
    pub interest: Interest,
    /// Time of expiry, in µs since 1970-01-01T00:00Z.
    pub expires_us: Option<i64>,
    /// Data with which the owner finds the order.
    pub owner: T,
    /// Reason for its dispatch, until its owner has answered.
    pub dispatched: Option<Dispatched>,
}

/// Reason why an entry is dispatched: no quote reaches it until its owner answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatched {
    /// Its trigger was reached.
    Triggered {
        /// The quote that reached it.
        quote_seq: u64,
    },
    /// Its time in force is over.
    Expired,
    /// It was granted a part of the displayed size.
    Granted {
        /// Granted quantity, which distinguishes this grant from a later one at the same quote.
        granted: Quantity,
        /// Coins of them that it can still use.
        left: Quantity,
        /// Number of the quote whose displayed size was granted.
        quote_seq: u64,
    },
    /// Its job failed for an unexpected reason: see [`super::TriggerBook::quarantine`].
    Quarantined,
}

/// All that one quote reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickResult<T> {
    /// Triggered orders: first those that waited for a rise, then those that waited for a fall. Within each,
    /// the trigger that was reached first comes first, then the older order.
    pub triggered: Vec<Triggered<T>>,
    /// Limit orders that may fill: purchases, then sales; the better price comes first, then the older order.
    pub grants: Vec<Grant<T>>,
}

impl<T> Default for TickResult<T> {
    fn default() -> Self {
        Self { triggered: Vec::new(), grants: Vec::new() }
    }
}

impl<T> TickResult<T> {
    /// Returns true if the quote reached no order.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.triggered.is_empty() && self.grants.is_empty()
    }
}

/// An order whose trigger was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triggered<T> {
    /// Id of the order.
    pub id: BookEntryId,
    /// Data with which the owner finds the order.
    pub owner: T,
    /// The mark of a trailing order at this quote.
    pub mark: Option<Price>,
}

/// A limit order that may fill at its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<T> {
    /// Id of the order.
    pub id: BookEntryId,
    /// Data with which the owner finds the order.
    pub owner: T,
    /// Side of the order.
    pub side: Side,
    /// Granted part of the displayed size: the whole remainder of the order, or a multiple of the step size.
    pub quantity: Quantity,
}

/// The marks to store, so that every trailing order finds its mark again after a restart. For each side,
/// these are the extremes that an order in the book still needs, oldest first.
///
/// The mark of an order is the better of its mark at acceptance and the first extreme at or after its
/// acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks {
    /// For sales: each is lower than the one before.
    pub highs: Vec<MarkPoint>,
    /// For purchases: each is higher than the one before.
    pub lows: Vec<MarkPoint>,
}

/// An extreme that no later quote has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkPoint {
    /// Time at which the book saw it, in µs since 1970-01-01T00:00Z.
    pub seen_us: i64,
    /// Last price of the extreme.
    pub mark: Price,
}
