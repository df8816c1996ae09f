//! A fill: its value, its fee and the rule that made it.

use serde::{Deserialize, Serialize};

use crate::basis_points::portion_rounded_up;
use crate::{Amount, MoneyError, Price, Quantity, Quote, Side};

/// Name of the published rules by which [`crate::matching`] fills.
pub const FILL_MODEL: &str = "v1";

/// A fill and the quote it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Price in dollars per coin.
    pub price: Price,
    /// Quantity of the order in coins.
    pub quantity: Quantity,
    /// Price × quantity: exact, but for a sale of all there is, where it is rounded down.
    pub notional: Amount,
    /// The venue's fee in dollars.
    pub fee: Amount,
    /// Quote of the fill.
    pub quote: Quote,
}

crate::closed_set! {
    /// Rule of the fill model that made a fill.
    pub enum Basis {
        /// A market order or a triggered stop: whole, at the quote.
        Venue = "venue",
        /// A limit order that arrived at or beyond the other side's price: at the quote, at most the displayed size left.
        Taker = "taker",
        /// A resting limit order that the price reached: at its limit, at most the displayed size left.
        Maker = "maker",
    }
}

/// A fill and the rule that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFill {
    /// Figures of the fill.
    pub fill: Fill,
    /// Rule of the fill.
    pub basis: Basis,
}

/// Value of coins at a price: rounded up for a buyer, down for a seller; exact for valid orders.
pub(crate) fn value(side: Side, price: Price, quantity: Quantity) -> Result<Amount, MoneyError> {
    match (side, price.times(quantity)) {
        (_, Ok(exact)) => Ok(exact),
        (Side::Sell, Err(_)) => Ok(price.value_of(quantity)),
        (Side::Buy, Err(_)) => Amount::from_units(price.value_of(quantity).units() + 1),
    }
}

/// Fee on a notional: its basis points, rounded up to the next 10⁻⁸ dollar.
///
/// # Errors
/// [`MoneyError::OutOfRange`] for a negative notional or a fee outside the range of amounts.
pub fn fee(notional: Amount, fee_bps: u32) -> Result<Amount, MoneyError> {
    if notional.is_negative() {
        return Err(MoneyError::OutOfRange);
    }
    let fee = portion_rounded_up(notional.units(), i128::from(fee_bps)).ok_or(MoneyError::OutOfRange)?;
    Amount::from_units(fee)
}
