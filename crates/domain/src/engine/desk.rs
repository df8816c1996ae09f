//! What a decision is made from, and what comes of it.

use serde::{Deserialize, Serialize};

use super::Seen;
use crate::{
    Amount, Change, Link, OrderState, OrderTerms, Position, Postings, Quantity, Quote, TradingRules,
};

/// A trader's money, his coins of one asset, and one order or one whole group of that asset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desk {
    /// One order, or a group in the order entry, take-profit, stop-loss.
    pub orders: Vec<OrderState>,
    /// Dollars that can be spent.
    pub cash_available: Amount,
    /// Dollars that open orders hold, those of other assets too.
    pub cash_reserved: Amount,
    /// Coins that can be sold.
    pub coins_available: Quantity,
    /// Coins that open orders hold.
    pub coins_reserved: Quantity,
    /// All coins, with their cost.
    pub position: Position,
}

/// What the venue says at the moment of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Venue {
    /// The asset's trading rules.
    pub rules: TradingRules,
    /// The asset's quote.
    pub quote: Quote,
    /// Fee of new orders in basis points of the notional.
    pub fee_bps: u32,
    /// Largest notional of one order.
    pub order_notional_max: Amount,
    /// Displayed size of the other side that this order may still take from this quote.
    pub displayed_left: Quantity,
    /// Now, in µs since 1970-01-01T00:00Z.
    pub now_us: i64,
}

/// An order that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOrder {
    /// What is asked for.
    pub terms: OrderTerms,
    /// Its place in a group; none for a single order.
    pub link: Option<Link>,
}

impl NewOrder {
    /// An order of its own.
    #[must_use]
    pub const fn single(terms: OrderTerms) -> Self {
        Self { terms, link: None }
    }
}

/// One event of the account's log: what happened to one order and what moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Index of the order in the desk.
    pub order: usize,
    /// What happened.
    pub change: Change,
    /// What a fill looked at, besides its order and its quote; none when it is no fill.
    pub seen: Option<Seen>,
    /// What moved: sums to zero in every currency.
    pub postings: Postings,
    /// The order afterwards.
    pub after: OrderState,
}

/// All that a decision changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The desk afterwards.
    pub after: Desk,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Displayed size that was taken.
    pub displayed_used: Quantity,
}
