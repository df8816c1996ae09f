//! A new order, and whether the trading rules allow it. The browser runs the same checks before it sends.

use crate::{Amount, AssetId, MoneyError, OrderType, Price, Quantity, Side, TradingRules};

/// How much is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// So many coins.
    Base(Quantity),
    /// As many coins as fit into so many dollars; the fee is not part of them.
    Quote(Amount),
}

/// What a trader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// What is traded.
    pub asset_id: AssetId,
    /// Which way.
    pub side: Side,
    /// When and at what price.
    pub order_type: OrderType,
    /// How much.
    pub size: Size,
}

/// A size that keeps all rules at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Coins.
    pub quantity: Quantity,
    /// Price × quantity.
    pub notional: Amount,
}

/// Which rule a ticket breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// More than nothing.
    Positive,
    /// A multiple of the step size.
    StepSize,
    /// At least the asset's smallest quantity.
    MinQuantity,
    /// At most the asset's largest quantity.
    MaxQuantity,
    /// At least the asset's smallest value.
    MinNotional,
    /// At most the asset's largest value.
    MaxNotional,
    /// At most the venue's largest value of an order.
    OrderNotionalMax,
    /// Price × quantity must be a whole number of 10⁻⁸ dollars.
    Exact,
}

impl Rule {
    /// Its stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::StepSize => "step_size",
            Self::MinQuantity => "min_quantity",
            Self::MaxQuantity => "max_quantity",
            Self::MinNotional => "min_notional",
            Self::MaxNotional => "max_notional",
            Self::OrderNotionalMax => "order_notional_max",
            Self::Exact => "exact",
        }
    }
}

/// The figure that a rule sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Coins.
    Quantity(Quantity),
    /// Dollars.
    Amount(Amount),
}

/// A rule that a ticket breaks, with everything that a helpful sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFault {
    /// Which one.
    pub rule: Rule,
    /// What it demands.
    pub limit: Limit,
    /// The size as it was given.
    pub given: Size,
    /// The given size's value at the price, rounded down.
    pub notional: Amount,
    /// The nearest sizes that keep every rule, of the same kind as the given one; smallest first.
    pub nearest: Vec<Size>,
}

impl Ticket {
    /// Whether the rules allow this size at this price, and what it comes to.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(
        &self,
        rules: &TradingRules,
        order_notional_max: Amount,
        price: Price,
    ) -> Result<Checked, TicketFault> {
        let bounds = Bounds { rules, order_notional_max, price };
        let fault = |rule, limit| bounds.fault(rule, limit, self.size);
        let quantity = match self.size {
            Size::Base(quantity) => quantity,
            Size::Quote(amount) => price.quantity_within(amount).floor_to(rules.step_size),
        };
        if matches!(self.size, Size::Base(size) if size.is_zero())
            || matches!(self.size, Size::Quote(size) if size <= Amount::ZERO)
        {
            return Err(fault(Rule::Positive, Limit::Quantity(Quantity::ZERO)));
        }
        if quantity.floor_to(rules.step_size) != quantity {
            return Err(fault(Rule::StepSize, Limit::Quantity(rules.step_size)));
        }
        if quantity < rules.min_quantity || quantity.is_zero() {
            return Err(fault(Rule::MinQuantity, Limit::Quantity(rules.min_quantity)));
        }
        if quantity > rules.max_quantity {
            return Err(fault(Rule::MaxQuantity, Limit::Quantity(rules.max_quantity)));
        }
        let notional = match price.times(quantity) {
            Ok(notional) => notional,
            Err(MoneyError::TooPrecise | MoneyError::Malformed | MoneyError::OutOfRange) => {
                return Err(fault(Rule::Exact, Limit::Quantity(rules.step_size)));
            }
        };
        if notional < rules.min_notional {
            return Err(fault(Rule::MinNotional, Limit::Amount(rules.min_notional)));
        }
        if notional > order_notional_max {
            return Err(fault(Rule::OrderNotionalMax, Limit::Amount(order_notional_max)));
        }
        if notional > rules.max_notional {
            return Err(fault(Rule::MaxNotional, Limit::Amount(rules.max_notional)));
        }
        Ok(Checked { quantity, notional })
    }
}

/// All rules at one price.
struct Bounds<'a> {
    rules: &'a TradingRules,
    order_notional_max: Amount,
    price: Price,
}

impl Bounds<'_> {
    /// The smallest and the largest quantity that keep every rule; none when no quantity does.
    fn quantities(&self) -> Option<(Quantity, Quantity)> {
        let step = self.rules.step_size;
        let within = self.price.quantity_within(self.rules.min_notional);
        let valuable = if self.price.value_of(within) < self.rules.min_notional {
            Quantity::from_units(within.units() + 1).ok()?
        } else {
            within
        };
        let one_step = if step.is_zero() { Quantity::from_units(1).ok()? } else { step };
        let low = self.rules.min_quantity.ceil_to(step).max(valuable.ceil_to(step)).max(one_step);
        let notional_max = self.order_notional_max.min(self.rules.max_notional);
        let affordable = self.price.quantity_within(notional_max).floor_to(step);
        let high = self.rules.max_quantity.floor_to(step).min(affordable);
        (low <= high).then_some((low, high))
    }

    fn fault(&self, rule: Rule, limit: Limit, given: Size) -> TicketFault {
        let notional = match given {
            Size::Base(quantity) => self.price.value_of(quantity),
            Size::Quote(amount) => amount,
        };
        TicketFault { rule, limit, given, notional, nearest: self.nearest(given) }
    }

    fn nearest(&self, given: Size) -> Vec<Size> {
        let Some((low, high)) = self.quantities() else { return Vec::new() };
        let wanted = match given {
            Size::Base(quantity) => quantity,
            Size::Quote(amount) => self.price.quantity_within(amount),
        };
        let step = self.rules.step_size;
        let below = wanted.floor_to(step).clamp(low, high);
        let above = wanted.ceil_to(step).clamp(low, high);
        match given {
            Size::Base(_) if below == above => vec![Size::Base(below)],
            Size::Base(_) => vec![Size::Base(below), Size::Base(above)],
            Size::Quote(_) => {
                let nearest = if wanted < low { low } else { high };
                self.price.times(nearest).map(Size::Quote).into_iter().collect()
            }
        }
    }
}

impl TicketFault {
    /// What is wrong and what would be right, for a person.
    #[must_use]
    pub fn detail(&self, asset_id: AssetId) -> String {
        let limit = match self.limit {
            Limit::Quantity(quantity) => format!("{quantity} {asset_id}"),
            Limit::Amount(amount) => format!("{amount} USD"),
        };
        let nearest = match self.nearest_texts(asset_id).as_slice() {
            [] => String::new(),
            [only] => format!(" Nearest: {only}."),
            [first, .., last] => format!(" Nearest: {first} or {last}."),
        };
        match self.rule {
            Rule::Positive => "The size of an order must be above 0.".to_owned(),
            Rule::StepSize => format!("The quantity goes in steps of {limit}.{nearest}"),
            Rule::MinQuantity => format!("The smallest order is {limit}.{nearest}"),
            Rule::MaxQuantity => format!("The largest order is {limit}.{nearest}"),
            Rule::MinNotional => {
                format!(
                    "An order must be worth at least {limit}; this one is worth {} USD.{nearest}",
                    self.notional
                )
            }
            Rule::MaxNotional | Rule::OrderNotionalMax => {
                format!(
                    "An order may be worth at most {limit}; this one is worth {} USD.{nearest}",
                    self.notional
                )
            }
            Rule::Exact => "The price of this asset does not fit its trading rules now.".to_owned(),
        }
    }

    fn nearest_texts(&self, asset_id: AssetId) -> Vec<String> {
        let text = |size: &Size| match size {
            Size::Base(quantity) => format!("{quantity} {asset_id}"),
            Size::Quote(amount) => format!("{amount} USD"),
        };
        self.nearest.iter().map(text).collect()
    }
}
