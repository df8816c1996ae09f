//! The input of the ticket as orders.

mod context;
mod ends;
mod estimate;
mod marks;
#[cfg(test)]
#[cfg(feature = "ssr")]
mod parity;
mod share;
#[cfg(test)]
mod tests;

use cnop_api::{Figure, TypedUnit};
use cnop_domain::{Price, Side, cushioned_price};

pub(super) use context::EstimateContext;
pub(super) use ends::{End, reward};
pub(super) use estimate::{Estimate, estimate};
pub(super) use marks::Mark;

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
}
