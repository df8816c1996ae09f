//! What is typed into the ticket as the orders that the venue decides about.

mod estimate;
#[cfg(test)]
mod tests;

use cnop_api::{FieldError, Problem};
use cnop_domain::{
    Amount, AssetId, GroupKind, Guard, Link, MoneyError, NewOrder, OrderTerms, OrderType, Price, Quantity,
    Quote, Role, Side, TimeInForce, TradingRules, Trail,
};

pub(super) use estimate::{Estimate, estimate};

use crate::functions::{Kind, OrderForm, basis_points};

/// Basis points in one.
const BASIS_POINTS: i128 = 10_000;
/// What a purchase without a limit reserves above its trigger, in basis points.
const CUSHION_BPS: i128 = 250;
/// Units in one cent.
const UNITS_PER_CENT: i128 = 1_000_000;

/// What the venue and the account say at this moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Basis {
    pub(super) asset_id: AssetId,
    pub(super) rules: TradingRules,
    pub(super) quote: Quote,
    pub(super) fee_bps: u32,
    pub(super) order_notional_max: Amount,
    pub(super) cash: Amount,
    pub(super) coins: Quantity,
    pub(super) now_us: i64,
    /// The guard of the account that holds now. What stops purchases for a time is a pause since 1970.
    pub(super) guard: Guard,
    /// Orders of the account that are not closed.
    pub(super) open_orders: u32,
}

/// The order that is asked for, or those of its group.
///
/// # Errors
/// The first field that is missing or cannot be read.
pub(super) fn orders(form: &OrderForm, asset_id: AssetId) -> Result<Vec<NewOrder>, Problem> {
    let side = form.side();
    let mut terms = OrderTerms {
        time_in_force: life(form)?,
        post_only: form.is_post_only(),
        ..OrderTerms::market(asset_id, side, Quantity::ZERO)
    };
    if form.is_by_value() {
        terms.quote_quantity = Some(read("amount", &form.amount)?);
    } else {
        terms.quantity = read("amount", &form.amount)?;
    }
    let order_type = match form.kind() {
        Kind::One(order_type) => order_type,
        Kind::Oco => {
            let profit = take_profit(terms, &form.take_profit)?;
            let loss = stop_loss(terms, form)?;
            return Ok(linked(GroupKind::Oco, [None, Some(profit), Some(loss)]));
        }
    };
    terms.order_type = order_type;
    if order_type.has_limit() {
        terms.limit = Some(read("price", &form.price)?);
    }
    if order_type == OrderType::TrailingStop {
        terms.trail = Some(trail("trail", &form.trail, &form.trail_unit)?);
    } else if order_type.waits() {
        terms.stop = Some(read("stop_price", &form.stop_price)?);
    }
    let exit = OrderTerms {
        time_in_force: TimeInForce::Gtc,
        ..OrderTerms::market(asset_id, Side::Sell, Quantity::ZERO)
    };
    let profit = form.exit(&form.take_profit).map(|text| take_profit(exit, text)).transpose()?;
    let loss = form.has_loss().then(|| stop_loss(exit, form)).transpose()?;
    let kind = match (&profit, &loss) {
        (None, None) => return Ok(vec![NewOrder::single(terms)]),
        (Some(_), Some(_)) => GroupKind::Bracket,
        (Some(_), None) | (None, Some(_)) => GroupKind::Oto,
    };
    Ok(linked(kind, [Some(terms), profit, loss]))
}

fn linked(kind: GroupKind, orders: [Option<OrderTerms>; 3]) -> Vec<NewOrder> {
    let roles = [Role::Entry, Role::TakeProfit, Role::StopLoss];
    let link = |(terms, role): (Option<OrderTerms>, Role)| {
        Some(NewOrder { terms: terms?, link: Some(Link { kind, role }) })
    };
    orders.into_iter().zip(roles).filter_map(link).collect()
}

fn take_profit(terms: OrderTerms, text: &str) -> Result<OrderTerms, Problem> {
    let limit = Some(read("take_profit", text)?);
    Ok(OrderTerms { order_type: OrderType::Limit, limit, ..terms })
}

fn stop_loss(terms: OrderTerms, form: &OrderForm) -> Result<OrderTerms, Problem> {
    let mut terms = OrderTerms { order_type: form.loss_type(), ..terms };
    if terms.order_type == OrderType::TrailingStop {
        terms.trail = Some(trail("stop_loss_trail", &form.stop_loss_trail, &form.stop_loss_unit)?);
        return Ok(terms);
    }
    terms.stop = Some(read("stop_loss", &form.stop_loss)?);
    if terms.order_type == OrderType::StopLimit {
        terms.limit = Some(read("stop_loss_price", &form.stop_loss_price)?);
    }
    Ok(terms)
}

fn life(form: &OrderForm) -> Result<TimeInForce, Problem> {
    Ok(match form.life() {
        None | Some("ioc") => TimeInForce::Ioc,
        Some("fok") => TimeInForce::Fok,
        Some("gtd") => {
            let expiry = form.expiry();
            let day =
                expiry.ok_or_else(|| fault("expires_at", "required", "Choose the last day of the order."))?;
            TimeInForce::Gtd { expires_us: day.0 }
        }
        Some(_) => TimeInForce::Gtc,
    })
}

fn trail(field: &str, text: &str, unit: &str) -> Result<Trail, Problem> {
    if unit == "usd" {
        return read(field, text).map(Trail::Amount);
    }
    // Whatever is no number is told like any other number.
    let _: Amount = read(field, text)?;
    let unreadable = || fault(field, "format", "Enter a percentage with at most two decimals, such as 1.5.");
    basis_points(text).map(Trail::BasisPoints).ok_or_else(unreadable)
}

/// Reads a number above or equal to 0.
fn read<T: std::str::FromStr<Err = MoneyError>>(field: &str, text: &str) -> Result<T, Problem> {
    let text = text.trim();
    text.parse().map_err(|error| unreadable(field, text.is_empty(), error))
}

fn unreadable(field: &str, is_empty: bool, error: MoneyError) -> Problem {
    let (rule, detail) = match (is_empty, field, error) {
        (true, "amount", _) => ("required", "Enter how much you want to trade."),
        (true, "trail" | "stop_loss_trail", _) => ("required", "Enter the distance."),
        (true, _, _) => ("required", "Enter a price."),
        (false, _, MoneyError::TooPrecise) => ("decimals", "A number here has at most 8 decimals."),
        (false, _, MoneyError::OutOfRange) => ("range", "Enter a number above 0 that is not that large."),
        (false, _, MoneyError::Malformed) => {
            ("format", "Enter a plain number such as 0.015, without separators.")
        }
    };
    fault(field, rule, detail)
}

fn fault(field: &str, rule: &str, detail: &str) -> Problem {
    Problem::invalid(vec![FieldError::new(field, rule, detail)])
}

impl Basis {
    /// The price that decides what the order costs: its limit, else its trigger with what is reserved above it, else
    /// the quote. What cannot be read counts as not given.
    pub(super) fn cost_price(&self, form: &OrderForm) -> Price {
        let side = form.side();
        let given = |text: &str| text.trim().parse::<Price>().ok().filter(|price| !price.is_zero());
        let (limit, stop) = match form.kind() {
            Kind::Oco => (None, None),
            Kind::One(order_type) => (
                given(&form.price).filter(|_| order_type.has_limit()),
                given(&form.stop_price).filter(|_| order_type.waits()),
            ),
        };
        let waits = matches!(form.kind(), Kind::One(order_type) if order_type.waits());
        let trigger = stop.unwrap_or(self.quote.last);
        let cushioned =
            || Price::from_units(trigger.units() * (BASIS_POINTS + CUSHION_BPS) / BASIS_POINTS + 1).ok();
        match limit {
            Some(limit) => limit,
            None if waits && side == Side::Buy => cushioned().unwrap_or(trigger),
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
                whole_cents(self.spendable(part).min(most)).to_string()
            }
            (true, Side::Sell) => whole_cents(price.value_of(quantity)).to_string(),
        }
    }

    /// Dollars that a share of the cash can buy for, the fee set aside.
    fn spendable(&self, part: i128) -> Amount {
        let share = self.cash.units().max(0) * part / 100;
        Amount::from_units(share * BASIS_POINTS / (BASIS_POINTS + i128::from(self.fee_bps)))
            .unwrap_or(Amount::ZERO)
    }
}

fn whole_cents(amount: Amount) -> Amount {
    Amount::from_units(amount.units() / UNITS_PER_CENT * UNITS_PER_CENT).unwrap_or(Amount::ZERO)
}
