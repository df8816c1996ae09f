//! The size of an order and its validation against the trading rules. The browser runs the same checks.

use crate::{Amount, AssetId, MoneyError, Price, Quantity, Side, TradingRules};

/// Smallest value of a sale, of all coins too: two units. The fee takes at least one.
const SALE_VALUE_MIN: Amount = match Amount::from_units(2) {
    Ok(amount) => amount,
    Err(_) => Amount::MAX,
};

/// Requested size of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A quantity of coins.
    Base(Quantity),
    /// As many coins as fit into an amount of dollars, without the fee.
    Quote(Amount),
}

/// Side and size of an order: the input of the size rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderSize {
    /// Side of the order.
    pub side: Side,
    /// Size of the order.
    pub size: Size,
}

/// A size that keeps all rules at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedSize {
    /// Quantity of the order in coins.
    pub quantity: Quantity,
    /// Price × quantity, rounded down.
    pub notional: Amount,
}

/// Size rule that an order breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeRule {
    /// Must be greater than zero.
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
    /// Something must be left for the seller after the fee.
    MinProceeds,
}

impl SizeRule {
    /// Stable name on the wire.
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
            Self::MinProceeds => "min_proceeds",
        }
    }
}

/// The figure that a rule sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A quantity in coins.
    Quantity(Quantity),
    /// An amount in dollars.
    Amount(Amount),
}

/// A rule that a ticket breaks, with everything that a helpful sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeFault {
    /// The rule that is broken.
    pub rule: SizeRule,
    /// Bound of the rule.
    pub limit: Limit,
    /// The size as requested.
    pub given: Size,
    /// Value of the requested size at the price, rounded down.
    pub notional: Amount,
    /// The nearest valid sizes, of the same kind as the requested one; smallest first.
    pub nearest: Vec<Size>,
}

impl OrderSize {
    /// Checks the size against the rules at this price, and returns quantity and notional.
    ///
    /// A sale of the whole sellable quantity (`available`), given as a quantity, is a sweep. It is exempt
    /// from step size, smallest quantity and smallest value, so that no remainder is stuck. Its notional is
    /// rounded down.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(
        &self,
        rules: &TradingRules,
        order_notional_max: Amount,
        price: Price,
        available: Quantity,
    ) -> Result<CheckedSize, SizeFault> {
        let sellable = (self.side == Side::Sell && !available.is_zero()).then_some(available);
        let bounds = SizeBounds { rules, order_notional_max, price, sellable };
        let fault = |rule, limit| bounds.fault(rule, limit, self.size);
        let (quantity, is_positive) = match self.size {
            Size::Base(quantity) => (quantity, !quantity.is_zero()),
            Size::Quote(amount) => {
                (price.quantity_within(amount).floor_to(rules.step_size), amount > Amount::ZERO)
            }
        };
        if !is_positive {
            return Err(fault(SizeRule::Positive, Limit::Quantity(Quantity::ZERO)));
        }
        // Coins are never sold for a price of zero, not even in a sweep.
        if price.is_zero() {
            return Err(fault(SizeRule::Exact, Limit::Quantity(rules.step_size)));
        }
        let is_sweep = sellable.is_some_and(|all| self.size == Size::Base(all));
        if !is_sweep {
            if quantity.floor_to(rules.step_size) != quantity {
                return Err(fault(SizeRule::StepSize, Limit::Quantity(rules.step_size)));
            }
            if quantity < rules.min_quantity || quantity.is_zero() {
                return Err(fault(SizeRule::MinQuantity, Limit::Quantity(rules.min_quantity)));
            }
        }
        if quantity > rules.max_quantity {
            return Err(fault(SizeRule::MaxQuantity, Limit::Quantity(rules.max_quantity)));
        }
        let notional = match price.times(quantity) {
            Ok(notional) => notional,
            Err(_) if is_sweep => price.value_of(quantity),
            Err(MoneyError::TooPrecise | MoneyError::Malformed | MoneyError::OutOfRange) => {
                return Err(fault(SizeRule::Exact, Limit::Quantity(rules.step_size)));
            }
        };
        if self.side == Side::Sell && notional < SALE_VALUE_MIN {
            return Err(fault(SizeRule::MinProceeds, Limit::Amount(SALE_VALUE_MIN)));
        }
        if notional < rules.min_notional && !is_sweep {
            return Err(fault(SizeRule::MinNotional, Limit::Amount(rules.min_notional)));
        }
        if notional > order_notional_max {
            return Err(fault(SizeRule::OrderNotionalMax, Limit::Amount(order_notional_max)));
        }
        if notional > rules.max_notional {
            return Err(fault(SizeRule::MaxNotional, Limit::Amount(rules.max_notional)));
        }
        Ok(CheckedSize { quantity, notional })
    }
}

/// All rules at one price.
struct SizeBounds<'a> {
    rules: &'a TradingRules,
    order_notional_max: Amount,
    price: Price,
    /// Sellable quantity; `None` for a buyer and for a seller without coins.
    sellable: Option<Quantity>,
}

impl SizeBounds<'_> {
    /// The smallest and the largest quantity that keep every rule and that a seller has; none when no quantity does.
    fn quantities(&self) -> Option<(Quantity, Quantity)> {
        let step = self.rules.step_size;
        let value_min = self.value_min();
        let within = self.price.quantity_within(value_min);
        let valuable = if self.price.value_of(within) < value_min {
            Quantity::from_units(within.units() + 1).ok()?
        } else {
            within
        };
        let one_step = if step.is_zero() { Quantity::from_units(1).ok()? } else { step };
        let low = self.rules.min_quantity.ceil_to(step).max(valuable.ceil_to(step)).max(one_step);
        let affordable = self.price.quantity_within(self.notional_max()).floor_to(step);
        let high = self.rules.max_quantity.floor_to(step).min(affordable);
        let high = self.sellable.map_or(high, |all| high.min(all.floor_to(step)));
        (low <= high).then_some((low, high))
    }

    fn value_min(&self) -> Amount {
        let sale_min = self.sellable.map_or(Amount::ZERO, |_| SALE_VALUE_MIN);
        self.rules.min_notional.max(sale_min)
    }

    fn notional_max(&self) -> Amount {
        self.order_notional_max.min(self.rules.max_notional)
    }

    /// All that a seller has, if one sale may be that large.
    fn sweep(&self) -> Option<Quantity> {
        self.sellable
            .filter(|all| *all <= self.rules.max_quantity)
            .filter(|all| (SALE_VALUE_MIN..=self.notional_max()).contains(&self.price.value_of(*all)))
    }

    fn fault(&self, rule: SizeRule, limit: Limit, given: Size) -> SizeFault {
        let notional = match given {
            Size::Base(quantity) => self.price.value_of(quantity),
            Size::Quote(amount) => amount,
        };
        let nearest = if self.price.is_zero() { Vec::new() } else { self.nearest(given) };
        SizeFault { rule, limit, given, notional, nearest }
    }

    fn nearest(&self, given: Size) -> Vec<Size> {
        match (given, self.quantities()) {
            (Size::Base(wanted), bounds) => {
                let step = self.rules.step_size;
                let mut nearest = Vec::with_capacity(3);
                if let Some((low, high)) = bounds {
                    nearest
                        .extend([wanted.floor_to(step), wanted.ceil_to(step)].map(|it| it.clamp(low, high)));
                }
                // Above the largest valid quantity, the sweep is near.
                if bounds.is_none_or(|(_, high)| wanted > high) {
                    nearest.extend(self.sweep());
                }
                nearest.dedup();
                nearest.into_iter().map(Size::Base).collect()
            }
            (Size::Quote(amount), Some((low, high))) => {
                let nearest = if self.price.quantity_within(amount) < low { low } else { high };
                self.price.times(nearest).map(Size::Quote).into_iter().collect()
            }
            (Size::Quote(_), None) => Vec::new(),
        }
    }
}

impl SizeFault {
    /// Description of the error and of valid values, for a person.
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
            SizeRule::Positive => format!("The size of an order must be above 0.{nearest}"),
            SizeRule::StepSize => format!("The quantity goes in steps of {limit}.{nearest}"),
            SizeRule::MinQuantity => format!("The smallest order is {limit}.{nearest}"),
            SizeRule::MaxQuantity => format!("The largest order is {limit}.{nearest}"),
            SizeRule::MinNotional => {
                format!("Minimum per order is {limit} (this order is worth {} USD).{nearest}", self.notional)
            }
            SizeRule::MaxNotional | SizeRule::OrderNotionalMax => {
                format!("Maximum per order is {limit} (this order is worth {} USD).{nearest}", self.notional)
            }
            SizeRule::MinProceeds => {
                format!("The smallest sale is worth {limit}. Less would leave nothing after the fee.")
            }
            SizeRule::Exact => "The price of this asset does not fit its trading rules now.".to_owned(),
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
