//! The amount that a share of what is available comes to: a promise that holds while the price moves.

use cnop_api::{Code, Problem};
use cnop_domain::{Amount, BASIS_POINTS, OrderType, Price, Quantity, Quote, Side, UNITS_PER_CENT};

use super::context::EstimateContext;
use super::estimate::estimate;
use crate::format;
use crate::order_form::{OrderForm, TicketKind};

/// Movement of the price that the amount survives, in basis points.
pub(super) const SLIPPAGE_BPS: i128 = 100;

/// Rules of a size that is too large.
const CAPS: [&str; 3] = ["max_quantity", "max_notional", "order_notional_max"];

/// The amount of a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Share {
    /// Amount in the unit; empty when nothing is available.
    pub(in super::super) amount: String,
    /// Unit that the amount must be in to keep its promise: `asset` or `usd`.
    pub(in super::super) unit: &'static str,
    /// The bound that the amount met, in words; empty for none.
    pub(in super::super) bound: String,
}

impl EstimateContext {
    /// The largest amount up to a share of what is available that can be placed now and after a movement of the price
    /// within [`SLIPPAGE_BPS`]. Money, fee, the venue's maximum and the trader's own limit bound it.
    pub(in super::super) fn share(&self, form: &OrderForm, percentage: u32) -> Share {
        let (side, part) = (form.side(), i128::from(percentage.min(100)));
        let unit = match (side, form.kind()) {
            // All of it is a number of coins: counted in dollars, a remainder would be left.
            (Side::Sell, _) if part == 100 => "asset",
            // A number of coins may cost more than there is by the time it arrives.
            (Side::Buy, TicketKind::One(OrderType::Market)) => "usd",
            _ if form.is_by_value() => "usd",
            _ => "asset",
        };
        let (wanted, cap) = (self.wanted(form, part, unit), self.order_max(side));
        let is_capped = unit == "usd" && wanted > cap.units();
        let wanted = if is_capped { cap.units() } else { wanted };
        let filled = |units: i128| OrderForm {
            unit: unit.to_owned(),
            amount: text(units, unit).unwrap_or_default(),
            ..form.clone()
        };
        let excess = |units: i128| self.excess(&filled(units));
        let Some(reason) = excess(wanted) else {
            let bound = match (is_capped, wanted) {
                (true, _) => self.capped(side),
                (false, 0) => self.nothing(side),
                (false, _) => String::new(),
            };
            return Share { amount: filled(wanted).amount, unit, bound };
        };
        let quantum = if unit == "usd" { UNITS_PER_CENT } else { self.rules.step_size.units().max(1) };
        let (mut low, mut high) = (0, wanted / quantum);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if excess(middle * quantum).is_none() {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Share { amount: filled(low * quantum).amount, unit, bound: self.bound(&reason, side) }
    }

    /// The share in units of its unit, before any bound but the money and the fee.
    fn wanted(&self, form: &OrderForm, part: i128, unit: &str) -> i128 {
        let price = self.cost_price(form);
        match (form.side(), unit) {
            (Side::Buy, "usd") => self.spendable(part).whole_cents().units(),
            (Side::Buy, _) => {
                price.quantity_within(self.spendable(part)).floor_to(self.rules.step_size).units()
            }
            (Side::Sell, "usd") => {
                let coins = Quantity::from_units(self.coins.units() * part / 100).unwrap_or(Quantity::ZERO);
                price.value_of(coins).whole_cents().units()
            }
            // A sale of all coins need not be a multiple of the step.
            (Side::Sell, _) if part == 100 => self.coins.units(),
            (Side::Sell, _) => {
                let coins = Quantity::from_units(self.coins.units() * part / 100).unwrap_or(Quantity::ZERO);
                coins.floor_to(self.rules.step_size).units()
            }
        }
    }

    /// Dollars that a share of the cash can buy for, the fee set aside.
    fn spendable(&self, part: i128) -> Amount {
        let share = self.cash.units().max(0) * part / 100;
        Amount::from_units(share * BASIS_POINTS / (BASIS_POINTS + i128::from(self.fee_bps)))
            .unwrap_or(Amount::ZERO)
    }

    /// The refusal of an order that is too large, now or after a movement of the price.
    fn excess(&self, form: &OrderForm) -> Option<Problem> {
        let moves = [0, SLIPPAGE_BPS, -SLIPPAGE_BPS];
        moves.into_iter().find_map(|by| {
            let to = BASIS_POINTS + by;
            let later = EstimateContext { quote: self.moved(to), ..*self };
            estimate(form, &later).err().filter(is_excess)
        })
    }

    /// The quote at `to` ten-thousandths of its prices, on the tick.
    fn moved(&self, to: i128) -> Quote {
        let (quote, tick) = (&self.quote, self.rules.tick_size);
        let price = |price: Price| {
            let moved = Price::from_units(price.units() * to / BASIS_POINTS).unwrap_or(price);
            if to > BASIS_POINTS { moved.ceil_to(tick) } else { moved.floor_to(tick) }
        };
        Quote { bid: price(quote.bid), ask: price(quote.ask), last: price(quote.last), ..*quote }
    }

    /// The bound behind a refusal, in words.
    fn bound(&self, reason: &Problem, side: Side) -> String {
        match reason.code {
            Code::GuardOrderTooLarge | Code::OrderNotionalRange => self.capped(side),
            Code::OrderQuantityRange => format!(
                "Capped at the maximum of {} {} per order.",
                format::quantity(self.rules.max_quantity),
                self.asset_id
            ),
            _ if side == Side::Buy => "Leaves room for the fee and a moving price.".to_owned(),
            _ => "Leaves room for a moving price.".to_owned(),
        }
    }

    /// Largest value of an order: of the venue, of the asset and, for a purchase, of the trader's own limit.
    fn order_max(&self, side: Side) -> Amount {
        let most = self.order_notional_max.min(self.rules.max_notional);
        self.own_max(side).map_or(most, |own| own.min(most)).whole_cents()
    }

    fn own_max(&self, side: Side) -> Option<Amount> {
        self.limits.guard.order_max.filter(|_| side == Side::Buy)
    }

    fn capped(&self, side: Side) -> String {
        let most = self.order_max(side);
        if self.own_max(side).is_some_and(|own| own.whole_cents() == most) {
            return format!("Capped by your own limit of {} per order.", format::usd(most));
        }
        format!("Capped at the maximum of {} per order.", format::usd(most))
    }

    fn nothing(&self, side: Side) -> String {
        match side {
            Side::Buy => "No USD available.".to_owned(),
            Side::Sell => format!("No {} available.", self.asset_id),
        }
    }
}

/// Units as a text; empty for zero.
fn text(units: i128, unit: &str) -> Option<String> {
    if units <= 0 {
        return None;
    }
    if unit == "usd" {
        Amount::from_units(units).ok().map(|amount| amount.to_string())
    } else {
        Quantity::from_units(units).ok().map(|coins| coins.to_string())
    }
}

/// Returns true for a refusal that a smaller amount mends.
fn is_excess(problem: &Problem) -> bool {
    match problem.code {
        Code::BalanceInsufficientFunds | Code::BalanceInsufficientQuantity | Code::GuardOrderTooLarge => true,
        Code::OrderNotionalRange | Code::OrderQuantityRange => {
            problem.errors.iter().any(|error| CAPS.contains(&error.rule.as_str()))
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
