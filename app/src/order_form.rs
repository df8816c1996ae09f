//! The ticket's fields, as forms and addresses carry them.

mod request;
#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests;

use cnop_api::{Figure, Timestamp, TypedUnit};
use cnop_domain::{GroupKind, OrderType, Side, TimeInForceKind, basis_points_of_percent};
use serde::{Deserialize, Serialize};

use crate::zone::{ReaderZone, SECOND_US};

pub(crate) use request::{Placement, at_fields};

/// Kind of the ticket: one order, or an OCO pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketKind {
    /// One order of this type, with exits if their prices are given.
    One(OrderType),
    /// A limit at a better price and a stop at a worse one; one of them fills.
    Oco,
}

impl TicketKind {
    /// Its text in forms and addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::One(order_type) => order_type.as_str(),
            Self::Oco => GroupKind::Oco.as_str(),
        }
    }

    /// The kind of a text; a market order unless it says another.
    pub(crate) fn from_text(text: &str) -> Self {
        if GroupKind::from_text(text) == Some(GroupKind::Oco) {
            return Self::Oco;
        }
        Self::One(OrderType::from_text(text).unwrap_or(OrderType::Market))
    }

    /// Returns true if the size can be given in dollars: a price is known when the order is accepted.
    pub(crate) const fn by_value(self) -> bool {
        match self {
            Self::One(order_type) => matches!(order_type, OrderType::Market) || order_type.has_limit(),
            Self::Oco => false,
        }
    }

    /// Returns true if a purchase of this kind can have exits.
    pub(crate) fn has_exits(self, side: Side) -> bool {
        side == Side::Buy && matches!(self, Self::One(OrderType::Market | OrderType::Limit))
    }
}

/// The ticket as it is filled in. Fields that the kind of order does not have are not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OrderForm {
    /// Side of the order: `buy` or `sell`.
    pub(crate) side: String,
    /// A type of order, or `oco`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Unit of the amount: `asset` or `usd`.
    pub(crate) unit: String,
    /// Amount in that unit.
    pub(crate) amount: String,
    /// Limit of the order.
    pub(crate) price: String,
    /// Trigger of the order.
    pub(crate) stop_price: String,
    /// The distance of a trailing stop.
    pub(crate) trail: String,
    /// Unit of the trailing distance: `percent` or `usd`.
    pub(crate) trail_unit: String,
    /// `gtc`, `gtd`, `ioc` or `fok`.
    pub(crate) time_in_force: String,
    /// The last day of a `gtd` order, in the reader's time zone.
    pub(crate) expires_at: String,
    /// `true` for an order that must not fill at once.
    pub(crate) post_only: String,
    /// Limit of the exit with a profit.
    pub(crate) take_profit: String,
    /// Type of the stop-loss: `stop`, `stop_limit` or `trailing_stop`.
    pub(crate) stop_loss_type: String,
    /// Trigger of the exit with a loss.
    pub(crate) stop_loss: String,
    /// Its limit once it is triggered.
    pub(crate) stop_loss_price: String,
    /// The distance of one that trails.
    pub(crate) stop_loss_trail: String,
    /// Unit of the stop-loss distance: `percent` or `usd`.
    pub(crate) stop_loss_unit: String,
}

impl OrderForm {
    /// Reads the fields by their names.
    #[cfg(any(feature = "ssr", test))]
    pub(crate) fn read(field: impl Fn(&str) -> String) -> Self {
        Self {
            side: field("side"),
            kind: field("type"),
            unit: field("unit"),
            amount: field("amount"),
            price: field("price"),
            stop_price: field("stop_price"),
            trail: field("trail"),
            trail_unit: field("trail_unit"),
            time_in_force: field("time_in_force"),
            expires_at: field("expires_at"),
            post_only: field("post_only"),
            take_profit: field("take_profit"),
            stop_loss_type: field("stop_loss_type"),
            stop_loss: field("stop_loss"),
            stop_loss_price: field("stop_loss_price"),
            stop_loss_trail: field("stop_loss_trail"),
            stop_loss_unit: field("stop_loss_unit"),
        }
    }

    /// Names and values of all fields.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 17] {
        [
            ("side", &self.side),
            ("type", &self.kind),
            ("unit", &self.unit),
            ("amount", self.amount.trim()),
            ("price", self.price.trim()),
            ("stop_price", self.stop_price.trim()),
            ("trail", self.trail.trim()),
            ("trail_unit", &self.trail_unit),
            ("time_in_force", &self.time_in_force),
            ("expires_at", &self.expires_at),
            ("post_only", &self.post_only),
            ("take_profit", self.take_profit.trim()),
            ("stop_loss_type", &self.stop_loss_type),
            ("stop_loss", self.stop_loss.trim()),
            ("stop_loss_price", self.stop_loss_price.trim()),
            ("stop_loss_trail", self.stop_loss_trail.trim()),
            ("stop_loss_unit", &self.stop_loss_unit),
        ]
    }

    /// Side; a purchase unless the field says sale.
    pub(crate) fn side(&self) -> Side {
        Side::from_text(&self.side).unwrap_or(Side::Buy)
    }

    /// Kind of the placed order.
    pub(crate) fn kind(&self) -> TicketKind {
        TicketKind::from_text(&self.kind)
    }

    /// Returns true if the amount counts dollars.
    pub(crate) fn is_by_value(&self) -> bool {
        self.unit == "usd" && self.kind().by_value()
    }

    /// The time in force that its kind can have, none for a market order.
    pub(crate) fn life(&self) -> Option<TimeInForceKind> {
        let given = TimeInForceKind::from_text(&self.time_in_force).unwrap_or(TimeInForceKind::Gtc);
        match (self.kind(), given) {
            (TicketKind::One(OrderType::Market), _) => None,
            (TicketKind::One(OrderType::Limit), kind) => Some(kind),
            (_, TimeInForceKind::Gtd) => Some(TimeInForceKind::Gtd),
            _ => Some(TimeInForceKind::Gtc),
        }
    }

    /// The last second of the last day on the reader's clock; none when it is no day.
    pub(crate) fn expiry(&self, zone: &ReaderZone) -> Option<Timestamp> {
        zone.day_end(&self.expires_at).map(|end| Timestamp(end.0.saturating_sub(SECOND_US)))
    }

    /// Returns true if it must not fill at once.
    pub(crate) fn is_post_only(&self) -> bool {
        self.post_only == "true"
            && self.kind() == TicketKind::One(OrderType::Limit)
            && !matches!(self.life(), Some(TimeInForceKind::Ioc | TimeInForceKind::Fok))
    }

    /// An exit's price, when this kind of order has exits and one is given.
    pub(crate) fn exit<'form>(&self, text: &'form str) -> Option<&'form str> {
        let text = text.trim();
        (!text.is_empty() && self.kind().has_exits(self.side())).then_some(text)
    }

    /// Type of the stop-loss; a stop at market by default.
    pub(crate) fn loss_type(&self) -> OrderType {
        OrderType::from_text(&self.stop_loss_type)
            .filter(|kind| matches!(kind, OrderType::StopLimit | OrderType::TrailingStop))
            .unwrap_or(OrderType::Stop)
    }

    /// Returns true if a stop-loss is requested: one of the fields of its type has a value.
    pub(crate) fn has_loss(&self) -> bool {
        let texts: &[&str] = match self.loss_type() {
            OrderType::TrailingStop => &[&self.stop_loss_trail],
            OrderType::StopLimit => &[&self.stop_loss, &self.stop_loss_price],
            _ => &[&self.stop_loss],
        };
        texts.iter().any(|text| self.exit(text).is_some())
    }
}

/// A percentage as it was typed, in basis points; none when it is no such percentage.
pub(crate) fn basis_points(text: &str) -> Option<u32> {
    let percent = Figure::typed("", text, TypedUnit::Percent).ok()?;
    basis_points_of_percent(percent.as_str())
}

/// The ticket's field for a member of the API's order.
pub(crate) fn field_of(member: &str) -> &str {
    match member {
        "quantity" | "quote_quantity" => "amount",
        "trail_bps" | "trail_amount" => "trail",
        "stop_loss/price" => "stop_loss_price",
        "stop_loss/trail_bps" | "stop_loss/trail_amount" => "stop_loss_trail",
        member if member.starts_with("take_profit") => "take_profit",
        member if member.starts_with("stop_loss/") => "stop_loss",
        member => member,
    }
}
