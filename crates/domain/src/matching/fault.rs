//! Refusals of a decision, and the broken rule of a field with everything that a helpful sentence needs. A broken rule
//! of a size is a [`crate::SizeFault`].

use std::fmt;

use thiserror::Error;

use crate::{
    Amount, GuardFault, IllegalTransition, MoneyError, OrderStatus, Price, Quantity, SizeFault, TimeInForce,
    Trail,
};

/// A field of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Id of the asset.
    AssetId,
    /// Side of the order.
    Side,
    /// Type of the order.
    Type,
    /// Quantity of the order in coins.
    Quantity,
    /// Value of the order in dollars.
    QuoteQuantity,
    /// Limit of the order.
    Price,
    /// Trigger of the order.
    StopPrice,
    /// The distance of a trailing stop in basis points.
    TrailBps,
    /// The distance of a trailing stop in dollars.
    TrailAmount,
    /// Time in force of the order.
    TimeInForce,
    /// Time at which the order expires.
    ExpiresAt,
    /// Post-only flag of the order.
    PostOnly,
}

impl Field {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AssetId => "asset_id",
            Self::Side => "side",
            Self::Type => "type",
            Self::Quantity => "quantity",
            Self::QuoteQuantity => "quote_quantity",
            Self::Price => "price",
            Self::StopPrice => "stop_price",
            Self::TrailBps => "trail_bps",
            Self::TrailAmount => "trail_amount",
            Self::TimeInForce => "time_in_force",
            Self::ExpiresAt => "expires_at",
            Self::PostOnly => "post_only",
        }
    }
}

/// A rule about an order's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermsRule {
    /// This type of order needs the field.
    Required,
    /// The field has no meaning for this order.
    NotApplicable,
    /// Must be greater than zero.
    Positive,
    /// A multiple of the tick size.
    TickSize,
    /// Not far from the last price.
    PriceBand,
    /// The trigger must not be reached already.
    WouldTrigger,
    /// The order must not fill at once.
    WouldTake,
    /// This type of order cannot live like this.
    TimeInForce,
    /// Later than now, at most 366 days.
    ExpiresAt,
    /// Within the range of a trailing distance.
    TrailRange,
    /// More than is filled.
    AboveFilled,
    /// All orders of a group are of one asset, fit together in side and type, and have one quantity.
    Group,
    /// On the right side of the price of its group.
    ExitSide,
}

impl TermsRule {
    /// Stable name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::NotApplicable => "not_applicable",
            Self::Positive => "positive",
            Self::TickSize => "tick_size",
            Self::PriceBand => "price_band",
            Self::WouldTrigger => "would_trigger",
            Self::WouldTake => "would_take",
            Self::TimeInForce => "time_in_force",
            Self::ExpiresAt => "expires_at",
            Self::TrailRange => "trail_range",
            Self::AboveFilled => "above_filled",
            Self::Group => "group",
            Self::ExitSide => "exit_side",
        }
    }
}

/// A value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleValue {
    /// No value at all.
    Nothing,
    /// A quantity in coins.
    Quantity(Quantity),
    /// An amount in dollars.
    Amount(Amount),
    /// A price in dollars per coin.
    Price(Price),
    /// Hundredths of a percent.
    BasisPoints(u32),
    /// A time in µs since 1970-01-01T00:00Z.
    Time(i64),
    /// Time in force of an order.
    TimeInForce(TimeInForce),
    /// A word of the wire.
    Word(&'static str),
}

impl RuleValue {
    /// Text on the wire; `None` for no value, and for a time, which the wire formats itself.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::Time(_) => None,
            Self::Quantity(quantity) => Some(quantity.to_string()),
            Self::Amount(amount) => Some(amount.to_string()),
            Self::Price(price) => Some(price.to_string()),
            Self::BasisPoints(points) => Some(points.to_string()),
            Self::TimeInForce(time_in_force) => Some(time_in_force.to_string()),
            Self::Word(word) => Some((*word).to_owned()),
        }
    }
}

impl From<Trail> for RuleValue {
    fn from(trail: Trail) -> Self {
        match trail {
            Trail::Amount(distance) => Self::Price(distance),
            Trail::BasisPoints(points) => Self::BasisPoints(points),
        }
    }
}

impl fmt::Display for RuleValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text().unwrap_or_default())
    }
}

/// A rule that an order's fields break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsFault {
    /// Index of the order within the request.
    pub order: usize,
    /// The field that can mend it.
    pub field: Field,
    /// The rule that is broken.
    pub rule: TermsRule,
    /// Value of the field as given.
    pub given: RuleValue,
    /// Value that the rule requires or compares with: tick size, last price, quote or trigger.
    pub limit: RuleValue,
    /// The nearest values that keep the rule; smallest first.
    pub nearest: Vec<RuleValue>,
}

impl TermsFault {
    pub(super) const fn new(field: Field, rule: TermsRule) -> Self {
        Self {
            order: 0,
            field,
            rule,
            given: RuleValue::Nothing,
            limit: RuleValue::Nothing,
            nearest: Vec::new(),
        }
    }

    pub(super) const fn given(mut self, given: RuleValue) -> Self {
        self.given = given;
        self
    }

    pub(super) const fn limit(mut self, limit: RuleValue) -> Self {
        self.limit = limit;
        self
    }

    pub(super) fn nearest(mut self, nearest: Vec<RuleValue>) -> Self {
        self.nearest = nearest;
        self.nearest.dedup();
        self
    }

    pub(super) const fn of_order(mut self, order: usize) -> Self {
        self.order = order;
        self
    }

    /// Description of the error and of valid values, for a person.
    #[must_use]
    pub fn detail(&self) -> String {
        let name = self.field.as_str();
        let nearest = match self.nearest.iter().filter_map(RuleValue::text).collect::<Vec<_>>().as_slice() {
            [] => String::new(),
            [only] => format!(" Nearest: {only}."),
            [first, .., last] => format!(" Nearest: {first} or {last}."),
        };
        let limit = self.limit;
        match self.rule {
            TermsRule::Required => format!("This order needs {name}."),
            TermsRule::NotApplicable => format!("The {name} has no meaning for this order. Leave it out."),
            TermsRule::Positive => format!("The {name} must be above 0.{nearest}"),
            TermsRule::TickSize => format!("The {name} goes in steps of {limit} USD.{nearest}"),
            TermsRule::PriceBand => {
                let what = match self.field {
                    Field::TrailAmount => "trigger that this trail_amount makes",
                    _ => name,
                };
                format!(
                    "The {what} is too far from the last price {limit} USD: at least a fifth of it and at most five times it.{nearest}"
                )
            }
            TermsRule::WouldTrigger => format!(
                "The last price {limit} USD has reached this trigger already: it would be a market order.{nearest}"
            ),
            TermsRule::WouldTake => {
                format!("At this price the order would fill at once: the quote is {limit} USD.{nearest}")
            }
            TermsRule::TimeInForce => {
                format!("This order cannot have this {name}.{nearest}")
            }
            TermsRule::ExpiresAt => "The order must expire later than now and within 366 days.".to_owned(),
            TermsRule::TrailRange => format!("The {name} must be from 10 to 5000.{nearest}"),
            TermsRule::AboveFilled => {
                format!("The {name} must be above the {limit} that are filled.{nearest}")
            }
            TermsRule::Group => format!("The orders of this group do not fit together.{nearest}"),
            TermsRule::ExitSide => {
                format!("The {name} is on the wrong side of {limit} USD for this group.{nearest}")
            }
        }
    }
}

/// Refusal of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The ticket breaks a trading rule.
    #[error("the ticket breaks a trading rule")]
    Size(SizeFault),
    /// A field of an order breaks a rule.
    #[error("a field of the order breaks a rule")]
    Terms(TermsFault),
    /// The order has ended.
    #[error("the order has ended")]
    Closed(OrderStatus),
    /// The action is impossible at this quote or in this status; the order itself is valid.
    #[error("this cannot happen to the order now")]
    NotNow,
    /// The state has no order at this index.
    #[error("there is no such order")]
    NoSuchOrder,
    /// An impossible pair of status and event: a defect of ours.
    #[error("this cannot happen to an order in this status")]
    Illegal(IllegalTransition),
    /// Too little cash is available.
    #[error("the available balance is too small")]
    InsufficientFunds {
        /// Dollars that can be spent.
        available: Amount,
        /// Notional and fee of the order.
        needed: Amount,
    },
    /// Too few coins are available.
    #[error("the available quantity is too small")]
    InsufficientQuantity {
        /// Coins that can be sold.
        available: Quantity,
        /// Coins that the order would sell.
        needed: Quantity,
    },
    /// The account has no room for more open orders.
    #[error("too many orders are open")]
    TooManyOpen {
        /// Orders that are open already.
        open: u32,
    },
    /// A guard of the trader's own.
    #[error("a guard of the trader forbids it")]
    Guard(GuardFault),
    /// A balance would leave its range.
    #[error("a balance would leave its range")]
    OutOfRange,
    /// The coins would be traded for nothing.
    #[error("nothing would be paid for the coins")]
    Worthless,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::OutOfRange
    }
}

impl From<TermsFault> for Refusal {
    fn from(fault: TermsFault) -> Self {
        Self::Terms(fault)
    }
}

impl From<IllegalTransition> for Refusal {
    fn from(fault: IllegalTransition) -> Self {
        Self::Illegal(fault)
    }
}

impl From<SizeFault> for Refusal {
    fn from(fault: SizeFault) -> Self {
        Self::Size(fault)
    }
}
