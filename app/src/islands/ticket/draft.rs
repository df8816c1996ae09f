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
        let within_caps = price.quantity_within(self.order_max(side));
        let quantity = quantity.min(within_caps).min(self.rules.max_quantity);
        let is_all = side == Side::Sell && quantity == self.coins;
        let quantity = if is_all { quantity } else { quantity.floor_to(self.rules.step_size) };
        match (form.is_by_value(), side) {
            (false, _) => quantity.to_string(),
            // The price moves between typing and filling: whole cents of what can be spent always fit.
            (true, Side::Buy) => self.spendable(part).min(self.order_max(side)).whole_cents().to_string(),
            (true, Side::Sell) => price.value_of(quantity).whole_cents().to_string(),
        }
    }

    /// Largest value of an order: of the venue, of the asset and, for a purchase, of the trader's own limit.
    fn order_max(&self, side: Side) -> Amount {
        let most = self.order_notional_max.min(self.rules.max_notional);
        let own = self.limits.guard.order_max.filter(|_| side == Side::Buy);
        own.map_or(most, |own| own.min(most))
    }

    /// The typed amount in another unit, at the price that decides the cost: whole cents, or whole steps. Empty if it
    /// cannot be read or is less than one of them.
    pub(super) fn amount_in(&self, unit: &str, form: &OrderForm) -> String {
        let price = self.cost_price(form);
        let typed = |kind| Figure::typed("amount", &form.amount, kind).ok();
        let text = if unit == "usd" {
            let coins = typed(TypedUnit::Coins(self.asset_id.as_str()))
                .and_then(|figure| figure.as_str().parse().ok());
            let value = coins.map(|coins| price.value_of(coins).whole_cents());
            value.filter(|value| !value.is_zero()).map(|value| value.to_string())
        } else {
            let value = typed(TypedUnit::Dollars).and_then(|figure| figure.as_str().parse().ok());
            let coins = value.map(|value| price.quantity_within(value).floor_to(self.rules.step_size));
            coins.filter(|coins| !coins.is_zero()).map(|coins| coins.to_string())
        };
        text.unwrap_or_default()
    }

    /// Dollars that a share of the cash can buy for, the fee set aside.
    fn spendable(&self, part: i128) -> Amount {
        let share = self.cash.units().max(0) * part / 100;
        Amount::from_units(share * BASIS_POINTS / (BASIS_POINTS + i128::from(self.fee_bps)))
            .unwrap_or(Amount::ZERO)
    }
}
