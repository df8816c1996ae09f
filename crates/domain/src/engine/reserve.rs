//! What an open order holds.

use crate::order::value;
use crate::{Amount, MoneyError, OrderState, OrderStatus, Price, Quantity, Side};

/// What a purchase without a limit holds above its trigger, in basis points of it.
const CUSHION_BPS: i128 = 250;
/// Basis points in one.
const BASIS_POINTS: i128 = 10_000;

/// Dollars and coins that orders hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    pub(super) cash: Amount,
    pub(super) coins: Quantity,
}

impl Held {
    pub(super) const NOTHING: Self = Self { cash: Amount::ZERO, coins: Quantity::ZERO };

    /// Both together.
    pub(super) fn with(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self { cash: self.cash.checked_add(other.cash)?, coins: self.coins.checked_add(other.coins)? })
    }

    /// What is needed beyond what another holds already.
    pub(super) fn beyond(self, other: Self) -> Result<Self, MoneyError> {
        let most = self.max(other);
        Ok(Self { cash: most.cash.checked_sub(other.cash)?, coins: most.coins.checked_sub(other.coins)? })
    }

    /// The larger of two needs: what two orders hold of which one can fill.
    pub(super) fn max(self, other: Self) -> Self {
        Self { cash: self.cash.max(other.cash), coins: self.coins.max(other.coins) }
    }
}

impl OrderState {
    /// What it holds now.
    pub(super) const fn held(&self) -> Held {
        Held { cash: self.reserved_cash, coins: self.reserved_coins }
    }

    /// What it must hold: the remaining coins of a sale; what the rest of a purchase can cost at its limit, or at
    /// its trigger and a cushion, with the fee on everything that it will have filled, less the fee already charged.
    pub(super) fn need(&self) -> Result<Held, MoneyError> {
        if !self.is_open() || self.status == OrderStatus::Held {
            return Ok(Held::NOTHING);
        }
        let remaining = self.remaining();
        match self.terms.side {
            Side::Sell => Ok(Held { cash: Amount::ZERO, coins: remaining }),
            Side::Buy => {
                let price = self.terms.limit.map_or_else(|| self.cushioned(), Ok)?;
                let notional = value(Side::Buy, price, remaining)?;
                let fee = self.progress().fee_of_next(notional, self.fee_bps)?;
                Ok(Held { cash: notional.checked_add(fee)?, coins: Quantity::ZERO })
            }
        }
    }

    /// The price that a purchase without a limit reserves at: its trigger and the cushion, rounded up.
    fn cushioned(&self) -> Result<Price, MoneyError> {
        let product = self.trigger.unwrap_or(Price::ZERO).units() * (BASIS_POINTS + CUSHION_BPS);
        Price::from_units(product / BASIS_POINTS + i128::from(product % BASIS_POINTS > 0))
    }
}
