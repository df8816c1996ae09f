//! Recomputation of a stored fill. A fill is *verified* when the result agrees.

use thiserror::Error;

use super::decision::FillContext;
use super::fill::fitting;
use crate::order::value;
use crate::{Amount, Basis, FILLS_MAX, Fill, MoneyError, OrderFill, OrderState, Price, Quantity, Side};

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
    /// An order with a limit was filled as if it had none.
    #[error("an order with a limit is not filled by the venue")]
    Limited,
    /// The last price does not reach the order's trigger, or the order has none.
    #[error("the last price does not reach the trigger")]
    NotTriggered,
    /// The trigger is not the one that was asked for, or not the one that the mark makes.
    #[error("the trigger should be {expected} and is {given}")]
    Trigger {
        /// By the rules.
        expected: Price,
        /// As stored.
        given: Price,
    },
    /// More was left of the displayed size than there was.
    #[error("the quote displayed {displayed}, and {left} were left of it")]
    Displayed {
        /// By the quote.
        displayed: Quantity,
        /// As stored.
        left: Quantity,
    },
    /// More than the order or the quote had left.
    #[error("at most {most} could fill, and {given} did")]
    TooMuch {
        /// By the rules.
        most: Quantity,
        /// As stored.
        given: Quantity,
    },
    /// The quantity.
    #[error("the quantity should be {expected} and is {given}")]
    Quantity {
        /// By the rules.
        expected: Quantity,
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

/// Whether a fill is what the rules make of the order as it was just before it.
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

/// What the rules make of an order, as it was just before a fill, at the quote and by the rule of that fill. The
/// quantity of a fill that was stored before `seen` was kept is taken from it, when it is not too much.
///
/// # Errors
/// Why the order could not fill then.
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

/// A stop fills at the quote that woke it. What a limit form fills at later quotes says nothing of the one that woke it:
/// that one stands in the log.
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
