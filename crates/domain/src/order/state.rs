//! The state machine of an order, and the sums over its fills.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Amount, Fill, Link, MoneyError, OrderChange, OrderStatus, OrderTerms, Price, Quantity, Reason, fee,
};

/// Most fills of one order: the last of them takes all that is left.
pub const FILLS_MAX: u32 = 100;

/// State of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    /// Requested terms, as last changed.
    pub terms: OrderTerms,
    /// Status of the order.
    pub status: OrderStatus,
    /// Cause of an end without a complete fill.
    pub reason: Option<Reason>,
    /// Number of its terms: 1 when accepted, one more with each replacement; 0 before it exists.
    pub version: u32,
    /// Its fee in basis points, fixed when it was accepted.
    pub fee_bps: u32,
    /// Filled quantity in coins.
    pub filled: Quantity,
    /// Value of its fills without fees.
    pub notional: Amount,
    /// Fees of its fills: the fee of the sum of them.
    pub fees: Amount,
    /// Number of its fills.
    pub fills: u32,
    /// Profit of its sales after fees.
    pub realised: Amount,
    /// Reserved dollars. The legs of an OCO share one reserve, shown by the stop-loss leg.
    pub reserved_cash: Amount,
    /// Coins that it holds, likewise.
    pub reserved_coins: Quantity,
    /// Mark of a trailing stop, as of its last event.
    pub mark: Option<Price>,
    /// Last price that triggers it; for a trailing stop, as of its last event.
    pub trigger: Option<Price>,
    /// Its place in a group.
    pub link: Option<Link>,
    /// True if its limit was at or beyond the other side's price when it started to work. If so, its
    /// remainder takes the price of the quote that fills it.
    pub beyond: bool,
}

/// Fills of an order before a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Filled quantity in coins.
    pub filled: Quantity,
    /// Value of these coins.
    pub notional: Amount,
    /// Fees charged for them.
    pub fees: Amount,
    /// Number of fills so far.
    pub fills: u32,
}

impl Progress {
    /// With one fill more.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves its range.
    pub fn after(&self, fill: &Fill) -> Result<Self, MoneyError> {
        Ok(Self {
            filled: self.filled.checked_add(fill.quantity)?,
            notional: self.notional.checked_add(fill.notional)?,
            fees: self.fees.checked_add(fill.fee)?,
            fills: self.fills.saturating_add(1),
        })
    }

    /// Fee of a further fill with this value: the fee of the sum, minus the fee already charged.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves its range.
    pub fn fee_of_next(&self, notional: Amount, fee_bps: u32) -> Result<Amount, MoneyError> {
        fee(self.notional.checked_add(notional)?, fee_bps)?.checked_sub(self.fees)
    }
}

/// This cannot happen to an order in this status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this cannot happen to an order in this status")]
pub struct IllegalTransition {
    /// The order's status; none when it does not exist yet.
    pub from: Option<OrderStatus>,
}

impl OrderState {
    /// An order that does not exist yet: [`OrderChange::Accepted`] or [`OrderChange::Filled`] makes it.
    #[must_use]
    pub const fn new(terms: OrderTerms, link: Option<Link>, fee_bps: u32) -> Self {
        Self {
            terms,
            status: OrderStatus::Working,
            reason: None,
            version: 0,
            fee_bps,
            filled: Quantity::ZERO,
            notional: Amount::ZERO,
            fees: Amount::ZERO,
            fills: 0,
            realised: Amount::ZERO,
            reserved_cash: Amount::ZERO,
            reserved_coins: Quantity::ZERO,
            mark: None,
            trigger: terms.stop,
            link,
            beyond: false,
        }
    }

    /// Returns true if it exists and something can still happen to it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.version > 0 && !self.status.is_final()
    }

    /// Coins that are not filled.
    #[must_use]
    pub fn remaining(&self) -> Quantity {
        self.terms.quantity.checked_sub(self.filled).unwrap_or(Quantity::ZERO)
    }

    /// Sums over its fills.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        Progress { filled: self.filled, notional: self.notional, fees: self.fees, fills: self.fills }
    }

    /// The status after a change. Every pair of status and change is here; one that is not listed is an error.
    ///
    /// # Errors
    /// [`IllegalTransition`].
    pub fn transition(&self, change: &OrderChange) -> Result<OrderStatus, IllegalTransition> {
        let from = (self.version > 0).then_some(self.status);
        let illegal = Err(IllegalTransition { from });
        let waits = self.terms.order_type.waits();
        let awake = if waits { OrderStatus::WaitingTrigger } else { OrderStatus::Working };
        let is_held_first = self.link.is_some_and(Link::is_held_first);
        match (from, change) {
            (None, OrderChange::Accepted) => Ok(if is_held_first { OrderStatus::Held } else { awake }),
            (None, OrderChange::Filled(new)) if !waits && !is_held_first => self.filled_status(&new.fill),
            (Some(OrderStatus::Held), OrderChange::Activated) => Ok(awake),
            (Some(OrderStatus::WaitingTrigger), OrderChange::Triggered { .. }) => Ok(OrderStatus::Working),
            (Some(OrderStatus::Working | OrderStatus::PartiallyFilled), OrderChange::Filled(new)) => {
                self.filled_status(&new.fill)
            }
            (
                Some(
                    open @ (OrderStatus::Held
                    | OrderStatus::WaitingTrigger
                    | OrderStatus::Working
                    | OrderStatus::PartiallyFilled),
                ),
                change,
            ) => match change {
                OrderChange::Canceled(_) => Ok(OrderStatus::Canceled),
                OrderChange::Expired(_) => Ok(OrderStatus::Expired),
                OrderChange::Rejected(_) => Ok(OrderStatus::Rejected),
                OrderChange::Replaced { terms, .. } if terms.quantity > self.filled => Ok(open),
                OrderChange::Replaced { .. }
                | OrderChange::Accepted
                | OrderChange::Activated
                | OrderChange::Triggered { .. }
                | OrderChange::Filled(_) => illegal,
            },
            (
                None
                | Some(
                    OrderStatus::Completed
                    | OrderStatus::Canceled
                    | OrderStatus::Expired
                    | OrderStatus::Rejected,
                ),
                OrderChange::Accepted
                | OrderChange::Activated
                | OrderChange::Triggered { .. }
                | OrderChange::Filled(_)
                | OrderChange::Canceled(_)
                | OrderChange::Expired(_)
                | OrderChange::Rejected(_)
                | OrderChange::Replaced { .. },
            ) => illegal,
        }
    }

    fn filled_status(&self, fill: &Fill) -> Result<OrderStatus, IllegalTransition> {
        let remaining = self.remaining();
        let is_whole = fill.quantity == remaining;
        if fill.quantity.is_zero()
            || fill.quantity > remaining
            || self.fills >= FILLS_MAX
            || (self.fills + 1 == FILLS_MAX && !is_whole)
        {
            return Err(IllegalTransition { from: (self.version > 0).then_some(self.status) });
        }
        Ok(if is_whole { OrderStatus::Completed } else { OrderStatus::PartiallyFilled })
    }

    /// The order after a change. Reserve, realized profit and the mark of a new trailing stop depend on more
    /// than the order, and are not part of it.
    ///
    /// # Errors
    /// [`IllegalTransition`], also when a sum over its fills would leave its range.
    pub fn apply(&self, change: &OrderChange) -> Result<Self, IllegalTransition> {
        let status = self.transition(change)?;
        let mut after = Self { status, version: self.version.max(1), ..*self };
        match change {
            OrderChange::Accepted | OrderChange::Activated => {}
            OrderChange::Triggered { mark, .. } => after.mark = mark.or(self.mark),
            OrderChange::Filled(new) => {
                let progress = self.progress().after(&new.fill);
                let progress = progress.map_err(|_| IllegalTransition { from: Some(self.status) })?;
                after.filled = progress.filled;
                after.notional = progress.notional;
                after.fees = progress.fees;
                after.fills = progress.fills;
            }
            OrderChange::Canceled(reason) | OrderChange::Expired(reason) | OrderChange::Rejected(reason) => {
                after.reason = Some(*reason);
            }
            OrderChange::Replaced { terms, .. } => {
                after.terms = *terms;
                after.version = after.version.saturating_add(1);
                after.trigger = terms.stop.or(self.trigger);
            }
        }
        Ok(after)
    }

    /// The order after all its changes, from its creation.
    ///
    /// # Errors
    /// [`IllegalTransition`] at the first impossible change.
    pub fn fold<'a>(
        self,
        changes: impl IntoIterator<Item = &'a OrderChange>,
    ) -> Result<Self, IllegalTransition> {
        changes.into_iter().try_fold(self, |state, change| state.apply(change))
    }
}
