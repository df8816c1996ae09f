//! Changes of an order.

use serde::{Deserialize, Serialize};

use super::fill::OrderFill;
use crate::{OrderTerms, Price, Quote, Reason};

/// A change of an order. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderChange {
    /// The order was accepted.
    Accepted,
    /// The purchase that it waited for has bought something: it lives.
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
    /// The order was canceled.
    Canceled(Reason),
    /// Its time in force ended it.
    Expired(Reason),
    /// The venue ended it.
    Rejected(Reason),
    /// It has new terms.
    Replaced {
        /// New terms of the order.
        terms: OrderTerms,
        /// Reason of the change.
        reason: Reason,
    },
}
