//! Trading rules of an asset.

use serde::{Deserialize, Serialize};

use crate::{Amount, Price, Quantity};

/// The trading rules of one asset. `tick_size × step_size` is a whole number of 10⁻⁸ dollars, so that the
/// notional of every valid order is exact. A sale of all that can be sold needs to keep the largest figures only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradingRules {
    /// Prices are multiples of it.
    pub tick_size: Price,
    /// Quantities are multiples of it.
    pub step_size: Quantity,
    /// Smallest quantity of an order.
    pub min_quantity: Quantity,
    /// Largest quantity of an order.
    pub max_quantity: Quantity,
    /// Smallest price × quantity of an order.
    pub min_notional: Amount,
    /// Largest price × quantity of an order.
    pub max_notional: Amount,
}
