//! A fill, its fee, and why nothing is filled.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Amount, IllegalTransition, MoneyError, OrderStatus, Price, Quantity, Quote, TermsFault, TicketFault,
};

/// Name of the published rules by which [`crate::engine`] fills.
pub const FILL_MODEL: &str = "v1";
/// Basis points in one.
const BASIS_POINTS: i128 = 10_000;

/// A fill and the quote it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Dollars a coin.
    pub price: Price,
    /// Coins.
    pub quantity: Quantity,
    /// Price × quantity: exact, but for a sale of all there is, where it is rounded down.
    pub notional: Amount,
    /// The venue's fee in dollars.
    pub fee: Amount,
    /// The quote.
    pub quote: Quote,
}

/// Why nothing is filled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The ticket breaks a trading rule.
    #[error("the ticket breaks a trading rule")]
    Ticket(TicketFault),
    /// A field of an order breaks a rule.
    #[error("a field of the order breaks a rule")]
    Terms(TermsFault),
    /// The order has ended.
    #[error("the order has ended")]
    Closed(OrderStatus),
    /// What was to happen cannot happen at this quote or in this status; nothing is wrong with the order.
    #[error("this cannot happen to the order now")]
    NotNow,
    /// The desk has no order at this index.
    #[error("there is no such order")]
    NoSuchOrder,
    /// An impossible pair of status and event: a defect of ours.
    #[error("this cannot happen to an order in this status")]
    Illegal(IllegalTransition),
    /// Too little money.
    #[error("the available balance is too small")]
    InsufficientFunds {
        /// What can be spent.
        available: Amount,
        /// Notional and fee.
        needed: Amount,
    },
    /// Too few coins.
    #[error("the available quantity is too small")]
    InsufficientQuantity {
        /// What can be sold.
        available: Quantity,
        /// What the order would sell.
        needed: Quantity,
    },
    /// A balance would leave its range.
    #[error("a balance would leave its range")]
    OutOfRange,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::OutOfRange
    }
}

impl From<TermsFault> for Refusal {
    fn from(fault: TermsFault) -> Self {
        Self::Terms(fault)
    }
}

impl From<IllegalTransition> for Refusal {
    fn from(fault: IllegalTransition) -> Self {
        Self::Illegal(fault)
    }
}

impl From<TicketFault> for Refusal {
    fn from(fault: TicketFault) -> Self {
        Self::Ticket(fault)
    }
}

/// The fee on a notional: basis points of it, rounded up to the next 10⁻⁸ dollar.
///
/// # Errors
/// [`MoneyError::OutOfRange`] for a notional below zero or a fee outside the range of amounts.
pub fn fee(notional: Amount, fee_bps: u32) -> Result<Amount, MoneyError> {
    if notional.is_negative() {
        return Err(MoneyError::OutOfRange);
    }
    let product = notional.units().checked_mul(i128::from(fee_bps)).ok_or(MoneyError::OutOfRange)?;
    Amount::from_units(product / BASIS_POINTS + i128::from(product % BASIS_POINTS > 0))
}
