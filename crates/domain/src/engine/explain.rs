//! Recomputing a fill from what is stored: "verified" means that this agrees.

use thiserror::Error;

use super::check::value;
use crate::{Amount, Basis, FILLS_MAX, MoneyError, OrderFill, OrderTerms, Price, Progress, Quantity, Side};

/// What of a stored fill is not as the rules make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// The price.
    #[error("the price should be {expected} and is {given}")]
    Price {
        /// By the rules.
        expected: Price,
        /// As stored.
        given: Price,
    },
    /// The quote does not reach the order's limit, or the order has none.
    #[error("the quote does not reach the limit")]
    NotReached,
    /// More than the order or the quote had left.
    #[error("at most {most} could fill, and {given} did")]
    Quantity {
        /// By the rules.
        most: Quantity,
        /// As stored.
        given: Quantity,
    },
    /// The value.
    #[error("the value should be {expected} and is {given}")]
    Notional {
        /// By the rules.
        expected: Amount,
        /// As stored.
        given: Amount,
    },
    /// The fee.
    #[error("the fee should be {expected} and is {given}")]
    Fee {
        /// By the rules.
        expected: Amount,
        /// As stored.
        given: Amount,
    },
    /// A figure leaves its range.
    #[error("a figure leaves its range")]
    OutOfRange,
}

impl From<MoneyError> for Mismatch {
    fn from(_: MoneyError) -> Self {
        Self::OutOfRange
    }
}

/// Recomputes a fill of an order: `terms` as they were at the fill, `before` what was filled before it.
///
/// # Errors
/// The first figure that differs.
pub fn explain(terms: &OrderTerms, fee_bps: u32, before: &Progress, new: &OrderFill) -> Result<(), Mismatch> {
    let fill = &new.fill;
    let quoted = fill.quote.price_for(terms.side);
    let expected = match (new.basis, terms.limit) {
        (Basis::Venue, _) => quoted,
        (Basis::Taker, Some(limit)) if terms.takes(limit, quoted) => quoted,
        (Basis::Maker, Some(limit)) if terms.takes(limit, quoted) => limit,
        (Basis::Taker | Basis::Maker, _) => return Err(Mismatch::NotReached),
    };
    if fill.price != expected {
        return Err(Mismatch::Price { expected, given: fill.price });
    }
    let remaining = terms.quantity.checked_sub(before.filled)?;
    let displayed = match terms.side {
        Side::Buy => fill.quote.ask_size,
        Side::Sell => fill.quote.bid_size,
    };
    let takes_all = new.basis == Basis::Venue || before.fills + 1 == FILLS_MAX;
    let most = if takes_all { remaining } else { remaining.min(displayed) };
    if fill.quantity > most || (takes_all && fill.quantity != most) {
        return Err(Mismatch::Quantity { most, given: fill.quantity });
    }
    let notional = value(terms.side, fill.price, fill.quantity)?;
    if fill.notional != notional {
        return Err(Mismatch::Notional { expected: notional, given: fill.notional });
    }
    let fee = before.fee_of_next(notional, fee_bps)?;
    if fill.fee != fee {
        return Err(Mismatch::Fee { expected: fee, given: fill.fee });
    }
    Ok(())
}
