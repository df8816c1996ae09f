//! The input of the ticket as orders.

mod context;
mod estimate;
#[cfg(test)]
#[cfg(feature = "ssr")]
mod parity;
#[cfg(test)]
mod tests;

use cnop_api::{Figure, TypedUnit};
use cnop_domain::{Amount, BASIS_POINTS, Price, Quantity, Side, cushioned_price};

pub(super) use context::EstimateContext;
pub(super) use estimate::{Estimate, estimate};

use crate::order_form::{OrderForm, TicketKind};

impl EstimateContext {
    /// The price that decides what the order costs: its limit, else its trigger with what is reserved above it, else
    /// the quote. What cannot be read counts as not given.
    pub(super) fn cost_price(&self, form: &OrderForm) -> Price {
        let side = form.side();
        let given = |text: &str| {
            let figure = Figure::typed("price", text, TypedUnit::Dollars).ok()?;
            figure.as_str().parse::<Price>().ok().filter(|price| !price.is_zero())
        };
        let (limit, stop) = match form.kind() {
            TicketKind::Oco => (None, None),
            TicketKind::One(order_type) => (
                given(&form.price).filter(|_| order_type.has_limit()),
                given(&form.stop_price).filter(|_| order_type.waits()),
            ),
        };
        let waits = matches!(form.kind(), TicketKind::One(order_type) if order_type.waits());
        let trigger = stop.unwrap_or(self.quote.last);
        match limit {
            Some(limit) => limit,
            None if waits && side == Side::Buy => cushioned_price(trigger).unwrap_or(trigger),
            None if waits => trigger,
            None => self.quote.price_for(side),
        }
    }

    /// The amount that a share of what is available comes to, with room for the fee, in steps, and never above what
    /// one order may be. All coins are all coins: a sale of them needs no steps.
    pub(super) fn share(&self, form: &OrderForm, percentage: u32) -> String {
        let (side, price) = (form.side(), self.cost_price(form));
        let part = i128::from(percentage.min(100));
        let quantity = match side {
            Side::Sell => Quantity::from_units(self.coins.units() * part / 100).unwrap_or(Quantity::ZERO),
            Side::Buy => price.quantity_within(self.spendable(part)),
        };
        let within_caps = price.quantity_within(self.order_notional_max.min(self.rules.max_notional));
        let quantity = quantity.min(within_caps).min(self.rules.max_quantity);
        let is_all = side == Side::Sell && quantity == self.coins;
        let quantity = if is_all { quantity } else { quantity.floor_to(self.rules.step_size) };
        match (form.is_by_value(), side) {
            (false, _) => quantity.to_string(),
            // The price moves between typing and filling: whole cents of what can be spent always fit.
            (true, Side::Buy) => {
                let most = self.order_notional_max.min(self.rules.max_notional);
                self.spendable(part).min(most).whole_cents().to_string()
            }
            (true, Side::Sell) => price.value_of(quantity).whole_cents().to_string(),
        }
    }

    /// Dollars that a share of the cash can buy for, the fee set aside.
    fn spendable(&self, part: i128) -> Amount {
        let share = self.cash.units().max(0) * part / 100;
        Amount::from_units(share * BASIS_POINTS / (BASIS_POINTS + i128::from(self.fee_bps)))
            .unwrap_or(Amount::ZERO)
    }
}
