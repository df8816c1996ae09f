//! Terms of an order, and its place in a group.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::basis_points::{BASIS_POINTS, portion_rounded_up};
use crate::{Amount, AssetId, OrderType, Price, Quantity, Side};

/// How long an order may live. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeInForce {
    /// Until it is canceled.
    Gtc,
    /// What fills at once; the rest expires.
    Ioc,
    /// All at once or nothing.
    Fok,
    /// Until a moment.
    Gtd {
        /// The moment, in µs since 1970-01-01T00:00Z; at it the order is over.
        expires_us: i64,
    },
}

crate::closed_set! {
    /// How long an order may live, without its end.
    pub enum TimeInForceKind {
        /// Until it is canceled.
        Gtc = "gtc",
        /// What fills at once; the rest expires.
        Ioc = "ioc",
        /// All at once or nothing.
        Fok = "fok",
        /// Until a moment.
        Gtd = "gtd",
    }
}

impl TimeInForce {
    /// Without its end.
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

/// How far a trailing stop stays behind the best price. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trail {
    /// A share of the mark, in 1/10,000.
    BasisPoints(u32),
    /// Dollars a coin.
    Amount(Price),
}

impl Trail {
    /// The trigger that belongs to a mark: below it for a sale, above it for a purchase, rounded to the tick away from
    /// the market so that it never triggers early. Nothing when the distance is larger than the mark of a sale.
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

/// What a trader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTerms {
    /// What is traded.
    pub asset_id: AssetId,
    /// Which way.
    pub side: Side,
    /// When and at what price.
    pub order_type: OrderType,
    /// Coins. Of a new order by value it is worked out when the order is accepted, whatever stands here.
    pub quantity: Quantity,
    /// Dollars asked for, when the order was given by value; the fee is not part of them.
    pub quote_quantity: Option<Amount>,
    /// Dollars a coin at worst.
    pub limit: Option<Price>,
    /// The last price that wakes the order.
    pub stop: Option<Price>,
    /// How far the trigger of a trailing stop stays behind.
    pub trail: Option<Trail>,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Whether it is refused when it would fill at once.
    pub post_only: bool,
}

impl OrderTerms {
    /// A market order for so many coins.
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
    /// How the orders of a group depend on each other.
    pub enum GroupKind {
        /// Two orders of which one can fill.
        Oco = "oco",
        /// A purchase and one exit that waits for it.
        Oto = "oto",
        /// A purchase and two exits that wait for it and exclude each other.
        Bracket = "bracket",
    }
}

crate::closed_set! {
    /// What an order is in its group.
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
    /// What the group is.
    pub kind: GroupKind,
    /// What the order is in it.
    pub role: Role,
}

impl Link {
    /// Whether the order sleeps until the group's purchase is filled.
    #[must_use]
    pub const fn is_held_first(self) -> bool {
        matches!(self.kind, GroupKind::Oto | GroupKind::Bracket) && !matches!(self.role, Role::Entry)
    }
}

crate::closed_set! {
    /// Why an order changed or ended.
    pub enum Reason {
        /// Its owner wished it.
        User = "user",
        /// The other order of its OCO ended.
        OcoSibling = "oco_sibling",
        /// The purchase that it waited for ended unfilled.
        ParentClosed = "parent_closed",
        /// Its owner's kill switch.
        KillSwitch = "kill_switch",
        /// Its time is over.
        GtdReached = "gtd",
        /// What an immediate order could not fill.
        IocRemainder = "ioc_remainder",
        /// An all-or-nothing order could not be filled whole.
        FokUnfilled = "fok_unfilled",
        /// Too little money when it was triggered, or coins gone when it was to live.
        InsufficientFunds = "insufficient_funds",
        /// Its asset is no longer traded. Does not occur: orders of such an asset wait. Kept for its place.
        NotTradable = "not_tradable",
        /// A rule that it kept when it was accepted forbids its fill: the account could not hold the coins.
        RuleBroken = "rules",
        /// The other order of its OCO filled in part.
        SiblingFill = "sibling_fill",
    }
}
