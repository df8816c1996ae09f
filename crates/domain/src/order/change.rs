//! What can happen to an order.

use serde::{Deserialize, Serialize};

use crate::{Fill, OrderTerms, Price, Quote, Reason};

/// Which rule of the fill model made a fill. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// A market order or a triggered stop: whole, at the quote.
    Venue,
    /// A limit order that arrived at or beyond the other side's price: at the quote, at most the displayed size left.
    Taker,
    /// A resting limit order that the price reached: at its limit, at most the displayed size left.
    Maker,
}

impl Basis {
    /// Its text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Venue => "venue",
            Self::Taker => "taker",
            Self::Maker => "maker",
        }
    }
}

/// A fill and the rule that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFill {
    /// The figures.
    pub fill: Fill,
    /// The rule.
    pub basis: Basis,
}

/// What happened to an order. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It exists.
    Accepted,
    /// The purchase that it waited for is filled: it lives.
    Activated,
    /// The price reached its trigger.
    Triggered {
        /// The quote that did it.
        quote: Quote,
        /// The mark of a trailing stop at that moment.
        mark: Option<Price>,
    },
    /// It filled, whole or in part. Of an order that did not exist: it was accepted and filled.
    Filled(OrderFill),
    /// It was ended.
    Canceled(Reason),
    /// Its time in force ended it.
    Expired(Reason),
    /// The venue ended it.
    Rejected(Reason),
    /// It has new terms.
    Replaced {
        /// The new terms.
        terms: OrderTerms,
        /// Why.
        reason: Reason,
    },
}
