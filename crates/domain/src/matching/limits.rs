//! Limits of an account besides its money: the number of open orders, and the trader's guard rails.

use serde::{Deserialize, Serialize};

use super::decision::{MarketContext, NewOrder, OrderDecision};
use super::fault::Refusal;
use crate::{Guard, GuardedOrder, LossRecord, OrderTerms, TimeInForce, guard_check};

/// Most orders of one account that are not closed.
pub const OPEN_ORDERS_MAX: u32 = 200;

/// Limits for a new order of an account, besides its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountLimits {
    /// Orders that are not closed.
    pub open_orders: u32,
    /// The guard in force.
    pub guard: Guard,
    /// Losses that the guard checks.
    pub losses: LossRecord,
}

impl AccountLimits {
    /// Checks the decision of [`super::place`] against the limits.
    ///
    /// # Errors
    /// [`Refusal::TooManyOpen`] first, then [`Refusal::Guard`] of the first order that breaks a guard.
    pub fn check(
        &self,
        orders: &[NewOrder],
        placed: &OrderDecision,
        market: &MarketContext,
    ) -> Result<(), Refusal> {
        self.room_check(orders)?;
        placed.after.orders.iter().try_for_each(|order| self.guard_check(&order.terms, market))
    }

    /// Refuses more open orders than an account may have. Orders that end at once need no room.
    ///
    /// # Errors
    /// [`Refusal::TooManyOpen`].
    pub fn room_check(&self, orders: &[NewOrder]) -> Result<(), Refusal> {
        let ends_at_once =
            |order: &&NewOrder| matches!(order.terms.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        let resting = orders.iter().filter(|order| !ends_at_once(order)).count();
        let more = u32::try_from(resting).unwrap_or(u32::MAX);
        if more == 0 || self.open_orders.saturating_add(more) <= OPEN_ORDERS_MAX {
            return Ok(());
        }
        Err(Refusal::TooManyOpen { open: self.open_orders })
    }

    /// Refuses an order that the guard forbids at the time of the venue.
    ///
    /// # Errors
    /// [`Refusal::Guard`].
    pub fn guard_check(&self, terms: &OrderTerms, market: &MarketContext) -> Result<(), Refusal> {
        let notional = terms.cost_price(market).value_of(terms.quantity);
        let order = GuardedOrder { side: terms.side, notional };
        guard_check(&self.guard, &order, &self.losses, market.now_us).map_err(Refusal::Guard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderType, Quantity, Side};

    fn orders(count: usize, time_in_force: TimeInForce) -> Vec<NewOrder> {
        let market = OrderTerms::market("BTC".parse().unwrap(), Side::Buy, Quantity::ZERO);
        let terms = OrderTerms { order_type: OrderType::Limit, time_in_force, ..market };
        vec![NewOrder::single(terms); count]
    }

    #[test]
    fn room_is_needed_only_by_orders_that_rest() {
        let with = |open_orders| AccountLimits { open_orders, ..AccountLimits::default() };
        let max = OPEN_ORDERS_MAX;
        assert_eq!(with(max - 3).room_check(&orders(3, TimeInForce::Gtc)), Ok(()));
        let full = Err(Refusal::TooManyOpen { open: max - 2 });
        assert_eq!(with(max - 2).room_check(&orders(3, TimeInForce::Gtc)), full);
        for time_in_force in [TimeInForce::Ioc, TimeInForce::Fok] {
            assert_eq!(with(max).room_check(&orders(3, time_in_force)), Ok(()));
        }
        assert!(with(u32::MAX).room_check(&orders(1, TimeInForce::Gtc)).is_err());
    }
}
