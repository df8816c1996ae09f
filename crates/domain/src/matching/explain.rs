//! Recomputation of a stored fill. A fill is *verified* when the result agrees.

use thiserror::Error;

use super::decision::FillContext;
use super::fill::fitting;
use crate::order::value;
use crate::{Amount, Basis, FILLS_MAX, Fill, MoneyError, OrderFill, OrderState, Price, Quantity, Side};

/// First difference between a stored fill and the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// The price of the fill differs.
    #[error("the price should be {expected} and is {given}")]
    Price {
        /// Value according to the rules.
        expected: Price,
        /// Value of the stored fill.
        given: Price,
    },
    /// The quote does not reach the order's limit, or the order has none.
    #[error("the quote does not reach the limit")]
    NotReached,
    /// An order with a limit was filled as if it had none.
    #[error("an order with a limit is not filled by the venue")]
    Limited,
    /// The last price does not reach the order's trigger, or the order has none.
    #[error("the last price does not reach the trigger")]
    NotTriggered,
    /// The trigger is not the requested one, or not the one derived from the mark.
    #[error("the trigger should be {expected} and is {given}")]
    Trigger {
        /// Value according to the rules.
        expected: Price,
        /// Value of the stored fill.
        given: Price,
    },
    /// More was left of the displayed size than there was.
    #[error("the quote displayed {displayed}, and {left} were left of it")]
    Displayed {
        /// Size displayed by the quote.
        displayed: Quantity,
        /// Value of the stored fill.
        left: Quantity,
    },
    /// More than the order or the quote had left.
    #[error("at most {most} could fill, and {given} did")]
    TooMuch {
        /// Value according to the rules.
        most: Quantity,
        /// Value of the stored fill.
        given: Quantity,
    },
    /// The quantity of the fill differs.
    #[error("the quantity should be {expected} and is {given}")]
    Quantity {
        /// Value according to the rules.
        expected: Quantity,
        /// Value of the stored fill.
        given: Quantity,
    },
    /// The notional of the fill differs.
    #[error("the value should be {expected} and is {given}")]
    Notional {
        /// Value according to the rules.
        expected: Amount,
        /// Value of the stored fill.
        given: Amount,
    },
    /// The fee of the fill differs.
    #[error("the fee should be {expected} and is {given}")]
    Fee {
        /// Value according to the rules.
        expected: Amount,
        /// Value of the stored fill.
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

/// Verifies a fill against the order just before it.
///
/// # Errors
/// The first figure that differs.
pub fn explain(before: &OrderState, seen: Option<&FillContext>, new: &OrderFill) -> Result<(), Mismatch> {
    let (expected, given) = (recompute(before, seen, new)?, &new.fill);
    if given.price != expected.price {
        return Err(Mismatch::Price { expected: expected.price, given: given.price });
    }
    if given.quantity != expected.quantity {
        return Err(Mismatch::Quantity { expected: expected.quantity, given: given.quantity });
    }
    if given.notional != expected.notional {
        return Err(Mismatch::Notional { expected: expected.notional, given: given.notional });
    }
    if given.fee != expected.fee {
        return Err(Mismatch::Fee { expected: expected.fee, given: given.fee });
    }
    Ok(())
}

/// Recomputes a fill from the order just before it, with the quote and the basis of that fill. For a fill
/// stored before `seen` was recorded, the quantity is taken from the fill if it is not too large.
///
/// # Errors
/// The reason why the order could not fill then.
pub fn recompute(before: &OrderState, seen: Option<&FillContext>, new: &OrderFill) -> Result<Fill, Mismatch> {
    let terms = &before.terms;
    let quote = new.fill.quote;
    trigger_check(before, seen, new)?;
    let quoted = quote.price_for(terms.side);
    let price = match (new.basis, terms.limit) {
        (Basis::Venue, None) => quoted,
        (Basis::Venue, Some(_)) => return Err(Mismatch::Limited),
        (Basis::Taker, Some(limit)) if terms.takes(limit, quoted) => quoted,
        (Basis::Maker, Some(limit)) if terms.takes(limit, quoted) => limit,
        (Basis::Taker | Basis::Maker, _) => return Err(Mismatch::NotReached),
    };
    let quantity = quantity(before, seen, new)?;
    let notional = value(terms.side, price, quantity)?;
    let fee = before.progress().fee_of_next(notional, before.fee_bps)?;
    Ok(Fill { price, quantity, notional, fee, quote })
}

fn quantity(before: &OrderState, seen: Option<&FillContext>, new: &OrderFill) -> Result<Quantity, Mismatch> {
    let remaining = before.terms.quantity.checked_sub(before.filled)?;
    if new.basis == Basis::Venue {
        return Ok(remaining);
    }
    let displayed = match before.terms.side {
        Side::Buy => new.fill.quote.ask_size,
        Side::Sell => new.fill.quote.bid_size,
    };
    if let Some(FillContext { displayed_left: Some(left), step_size, .. }) = seen {
        if *left > displayed {
            return Err(Mismatch::Displayed { displayed, left: *left });
        }
        return Ok(fitting(before, *left, *step_size));
    }
    let is_last = before.fills + 1 == FILLS_MAX;
    let (most, given) = (if is_last { remaining } else { remaining.min(displayed) }, new.fill.quantity);
    if given > most || (is_last && given != most) {
        return Err(Mismatch::TooMuch { most, given });
    }
    Ok(given)
}

/// A stop fills at the quote that triggered it. Later fills of a limit form do not show the triggering quote;
/// the event log has it.
fn trigger_check(before: &OrderState, seen: Option<&FillContext>, new: &OrderFill) -> Result<(), Mismatch> {
    let terms = &before.terms;
    if !terms.order_type.waits() {
        return Ok(());
    }
    let given = before.trigger.ok_or(Mismatch::NotTriggered)?;
    let trailing = terms.trail.zip(before.mark).zip(seen);
    let expected = trailing
        .map_or(terms.stop, |((trail, mark), seen)| Some(trail.trigger(terms.side, mark, seen.tick_size)));
    match expected {
        Some(expected) if expected != given => Err(Mismatch::Trigger { expected, given }),
        _ if new.basis == Basis::Venue && !terms.is_reached(given, new.fill.quote.last) => {
            Err(Mismatch::NotTriggered)
        }
        Some(_) | None => Ok(()),
    }
}
