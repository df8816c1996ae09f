//! Reserves of open orders: the dollars and coins that they set aside.

use crate::basis_points::{BASIS_POINTS, portion_rounded_up};
use crate::order::value;
use crate::{Amount, MoneyError, OrderState, OrderStatus, Price, Quantity, Side};

/// Cushion of a purchase without a limit above its trigger, in basis points.
pub const CUSHION_BPS: u32 = 250;

/// The price that a purchase without a limit reserves at: its trigger and [`CUSHION_BPS`] of it, rounded up.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when that is more than any price.
pub fn cushioned_price(trigger: Price) -> Result<Price, MoneyError> {
    portion_rounded_up(trigger.units(), BASIS_POINTS + i128::from(CUSHION_BPS))
        .ok_or(MoneyError::OutOfRange)
        .and_then(Price::from_units)
}

/// The reserve of an order, or of several: dollars and coins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Reserve {
    pub(super) cash: Amount,
    pub(super) coins: Quantity,
}

impl Reserve {
    pub(super) const NOTHING: Self = Self { cash: Amount::ZERO, coins: Quantity::ZERO };

    pub(super) fn with(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self { cash: self.cash.checked_add(other.cash)?, coins: self.coins.checked_add(other.coins)? })
    }

    /// Additional need beyond another reserve.
    pub(super) fn beyond(self, other: Self) -> Result<Self, MoneyError> {
        let most = self.max(other);
        Ok(Self { cash: most.cash.checked_sub(other.cash)?, coins: most.coins.checked_sub(other.coins)? })
    }

    /// The larger of two needs: the shared reserve of two orders of which one can fill.
    pub(super) fn max(self, other: Self) -> Self {
        Self { cash: self.cash.max(other.cash), coins: self.coins.max(other.coins) }
    }
}

impl OrderState {
    /// Present reserve of the order.
    pub(super) const fn held(&self) -> Reserve {
        Reserve { cash: self.reserved_cash, coins: self.reserved_coins }
    }

    /// Required reserve: the remaining coins of a sale. For a purchase, the cost of the remainder at its
    /// limit, or at its trigger and a cushion, plus the fee on everything it will have filled, minus the fee
    /// already charged.
    pub(super) fn need(&self) -> Result<Reserve, MoneyError> {
        if !self.is_open() || self.status == OrderStatus::Held {
            return Ok(Reserve::NOTHING);
        }
        let remaining = self.remaining();
        match self.terms.side {
            Side::Sell => Ok(Reserve { cash: Amount::ZERO, coins: remaining }),
            Side::Buy => {
                let trigger = self.trigger.unwrap_or(Price::ZERO);
                let price = self.terms.limit.map_or_else(|| cushioned_price(trigger), Ok)?;
                let notional = value(Side::Buy, price, remaining)?;
                let fee = self.progress().fee_of_next(notional, self.fee_bps)?;
                Ok(Reserve { cash: notional.checked_add(fee)?, coins: Quantity::ZERO })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cushion_is_rounded_up_only_where_there_is_a_remainder() {
        let cushioned =
            |trigger: &str| cushioned_price(trigger.parse().unwrap()).map(|price| price.to_string());
        assert_eq!(cushioned("64000"), Ok("65600.00".to_owned()));
        assert_eq!(cushioned("0.00000001"), Ok("0.00000002".to_owned()));
        assert_eq!(cushioned_price(Price::MAX), Err(MoneyError::OutOfRange));
    }
}
