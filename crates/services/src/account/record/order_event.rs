//! What an event tells of an order.

use cnop_domain::{Amount, Change, OrderState};
use serde::{Deserialize, Serialize};

/// A change of an order, and the order after it: the log alone tells an order's whole story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderEvent {
    /// The 128 bits of its id.
    pub(crate) order: u128,
    /// Whether this is the order's first event.
    pub(crate) opens: bool,
    /// What happened.
    pub(crate) change: Change,
    /// The order afterwards.
    pub(crate) after: OrderState,
    /// Profit of this fill after its fee; none for a purchase and for what is no fill.
    pub(crate) profit: Option<Amount>,
}
