//! The input of the ticket as orders.

mod estimate;
#[cfg(test)]
#[cfg(feature = "ssr")]
mod parity;
#[cfg(test)]
mod tests;

use cnop_api::trading::parse::{Assets, Parsed, parse_group, parse_order};
use cnop_api::{Figure, Problem, TypedUnit};
use cnop_domain::{
    AccountLimits, Amount, AssetId, BASIS_POINTS, Price, Quantity, Quote, Side, TradingRules, cushioned_price,
};

pub(super) use estimate::{Estimate, estimate};

use crate::order_form::{OrderForm, Placement, TicketKind};

/// Present data of market and account for an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EstimateContext {
    pub(super) asset_id: AssetId,
    pub(super) rules: TradingRules,
    pub(super) quote: Quote,
    pub(super) fee_bps: u32,
    pub(super) order_notional_max: Amount,
    pub(super) cash: Amount,
    pub(super) coins: Quantity,
    pub(super) now_us: i64,
    /// The bounds of the account besides its money.
    pub(super) limits: AccountLimits,
}

/// The orders that the form places, parsed as the server parses them.
///
/// # Errors
/// Fields that are missing from the form or cannot be read.
pub(super) fn parsed(form: &OrderForm, basis: &EstimateContext) -> Result<Parsed, Problem> {
    match form.request(basis.asset_id.as_str())? {
        Placement::One(request) => parse_order(&request, basis),
        Placement::Group(request) => parse_group(&request, basis),
    }
}

impl Assets for EstimateContext {
    fn rules(&self, asset_id: AssetId) -> Option<TradingRules> {
        (asset_id == self.asset_id).then_some(self.rules)
    }
}

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
