//! Terms of an order, and its place in a group.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::basis_points::{BASIS_POINTS, portion_rounded_up};
use crate::{Amount, AssetId, OrderType, Price, Quantity, Side};

/// Time in force of an order. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeInForce {
    /// Until it is canceled.
    Gtc,
    /// Immediate or cancel: the part that does not fill at once expires.
    Ioc,
    /// Fill or kill: all at once or nothing.
    Fok,
    /// Good till a moment.
    Gtd {
        /// The moment, in µs since 1970-01-01T00:00Z; at it the order is over.
        expires_us: i64,
    },
}

crate::closed_set! {
    /// Kind of a time in force, without its end.
    pub enum TimeInForceKind {
        /// Until it is canceled.
        Gtc = "gtc",
        /// Immediate or cancel: the part that does not fill at once expires.
        Ioc = "ioc",
        /// Fill or kill: all at once or nothing.
        Fok = "fok",
        /// Good till a moment.
        Gtd = "gtd",
    }
}

impl TimeInForce {
    /// The kind without its end.
    #[must_use]
    pub const fn kind(self) -> TimeInForceKind {
        match self {
            Self::Gtc => TimeInForceKind::Gtc,
            Self::Ioc => TimeInForceKind::Ioc,
            Self::Fok => TimeInForceKind::Fok,
            Self::Gtd { .. } => TimeInForceKind::Gtd,
        }
    }

    /// The moment at which the order is over, in µs since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn expires_us(self) -> Option<i64> {
        match self {
            Self::Gtd { expires_us } => Some(expires_us),
            Self::Gtc | Self::Ioc | Self::Fok => None,
        }
    }
}

impl fmt::Display for TimeInForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

/// Distance of a trailing stop from the best price. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trail {
    /// A share of the mark, in 1/10,000.
    BasisPoints(u32),
    /// A distance in dollars per coin.
    Amount(Price),
}

impl Trail {
    /// Trigger for a mark: below it for a sale, above it for a purchase. It is rounded to the tick away from
    /// the market, so that it never triggers early. Zero when the distance is larger than the mark of a sale.
    #[must_use]
    pub fn trigger(self, side: Side, mark: Price, tick: Price) -> Price {
        let scaled = match (self, side) {
            (Self::Amount(distance), Side::Sell) => mark.units() - distance.units(),
            (Self::Amount(distance), Side::Buy) => mark.units() + distance.units(),
            (Self::BasisPoints(points), Side::Sell) => {
                mark.units() * (BASIS_POINTS - i128::from(points)).max(0) / BASIS_POINTS
            }
            (Self::BasisPoints(points), Side::Buy) => {
                portion_rounded_up(mark.units(), BASIS_POINTS + i128::from(points)).unwrap_or(i128::MAX)
            }
        };
        let exact = Price::from_units(scaled.clamp(0, Price::MAX.units())).unwrap_or(Price::MAX);
        match side {
            Side::Sell => exact.floor_to(tick),
            Side::Buy => exact.ceil_to(tick),
        }
    }

    /// The mark after a last price: the highest seen for a sale, the lowest for a purchase.
    #[must_use]
    pub fn mark_after(side: Side, mark: Price, last: Price) -> Price {
        match side {
            Side::Sell => mark.max(last),
            Side::Buy => mark.min(last),
        }
    }
}

/// Terms that a trader sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTerms {
    /// Id of the traded asset.
    pub asset_id: AssetId,
    /// Side of the order.
    pub side: Side,
    /// Type of the order.
    pub order_type: OrderType,
    /// Quantity in coins. For a new order by value it is computed on acceptance, and the given value is
    /// ignored.
    pub quantity: Quantity,
    /// Ordered value in dollars without the fee, for an order by value.
    pub quote_quantity: Option<Amount>,
    /// Dollars a coin at worst.
    pub limit: Option<Price>,
    /// Last price that triggers the order.
    pub stop: Option<Price>,
    /// Trailing distance of a trailing stop.
    pub trail: Option<Trail>,
    /// Time in force of the order.
    pub time_in_force: TimeInForce,
    /// Post-only flag: the order is refused if it would fill on arrival.
    pub post_only: bool,
}

impl OrderTerms {
    /// A market order for a quantity.
    #[must_use]
    pub const fn market(asset_id: AssetId, side: Side, quantity: Quantity) -> Self {
        Self {
            asset_id,
            side,
            order_type: OrderType::Market,
            quantity,
            quote_quantity: None,
            limit: None,
            stop: None,
            trail: None,
            time_in_force: TimeInForce::Ioc,
            post_only: false,
        }
    }
}

crate::closed_set! {
    /// Kind of a group: the dependency between its orders.
    pub enum GroupKind {
        /// Two orders of which only one can fill.
        Oco = "oco",
        /// A purchase and one exit that waits for it.
        Oto = "oto",
        /// A purchase and two exits that wait for it and exclude each other.
        Bracket = "bracket",
    }
}

crate::closed_set! {
    /// Role of an order in its group.
    pub enum Role {
        /// The purchase that the exits wait for.
        Entry = "entry",
        /// The exit (or OCO leg) on the profitable side.
        TakeProfit = "take_profit",
        /// The exit (or OCO leg) on the other side.
        StopLoss = "stop_loss",
    }
}

/// An order's place in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// Kind of the group.
    pub kind: GroupKind,
    /// Role of the order in it.
    pub role: Role,
}

impl Link {
    /// Returns true if the order sleeps until the group's purchase has bought something.
    #[must_use]
    pub const fn is_held_first(self) -> bool {
        matches!(self.kind, GroupKind::Oto | GroupKind::Bracket) && !matches!(self.role, Role::Entry)
    }
}

crate::closed_set! {
    /// Cause of a change or an end of an order.
    pub enum Reason {
        /// Its owner wished it.
        User = "user",
        /// The other order of its OCO ended.
        OcoSibling = "oco_sibling",
        /// The purchase that it waited for ended before it bought anything.
        ParentClosed = "parent_closed",
        /// Its owner's kill switch.
        KillSwitch = "kill_switch",
        /// Its time is over.
        GtdReached = "gtd",
        /// Remainder of an immediate-or-cancel order.
        IocRemainder = "ioc_remainder",
        /// A fill-or-kill order that could not fill in full.
        FokUnfilled = "fok_unfilled",
        /// Too little money at the trigger, or too few coins at activation.
        InsufficientFunds = "insufficient_funds",
        /// Its asset is no longer traded. Does not occur: orders of such an asset wait. Kept for its place.
        NotTradable = "not_tradable",
        /// A rule that it kept when it was accepted forbids its fill: the account could not hold the coins.
        RuleBroken = "rules",
        /// The other order of its OCO filled in part.
        SiblingFill = "sibling_fill",
        /// Its purchase has bought a further part.
        EntryFill = "entry_fill",
        /// An exit has sold all that this purchase had bought.
        ExitFilled = "exit_filled",
        /// A guard rail of its owner, when a price reached it.
        Guard = "guard",
        /// The exits of this purchase ended, and not by their owner or by a fill.
        ExitEnded = "exit_ended",
    }
}
