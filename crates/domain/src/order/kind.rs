//! Side, type and status of an order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

crate::closed_set! {
    /// Side of an order: a purchase or a sale.
    pub enum Side {
        /// The trader gets coins and pays dollars.
        Buy = "buy",
        /// The trader sells coins for dollars.
        Sell = "sell",
    }
}

crate::closed_set! {
    /// Type of an order.
    pub enum OrderType {
        /// At once, whole, at the quote.
        Market = "market",
        /// At its price or better.
        Limit = "limit",
        /// A market order once the last price reaches its trigger.
        Stop = "stop",
        /// A limit order once the last price reaches its trigger.
        StopLimit = "stop_limit",
        /// A market order once the last price has moved in the trader's favor.
        TakeProfit = "take_profit",
        /// A limit order once the last price has moved in the trader's favor.
        TakeProfitLimit = "take_profit_limit",
        /// A stop whose trigger follows the price at a distance.
        TrailingStop = "trailing_stop",
    }
}

impl Side {
    /// The opposite of this side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

impl OrderType {
    /// Returns true if it sleeps until a price is reached.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(
            self,
            Self::Stop | Self::StopLimit | Self::TakeProfit | Self::TakeProfitLimit | Self::TrailingStop
        )
    }

    /// Returns true if it fills at its limit or better, and not at whatever the quote is.
    #[must_use]
    pub const fn has_limit(self) -> bool {
        matches!(self, Self::Limit | Self::StopLimit | Self::TakeProfitLimit)
    }

    /// Returns true if its trigger is reached by a last price at or above it (else at or below). No meaning for an order that
    /// does not wait.
    #[must_use]
    pub const fn triggers_above(self, side: Side) -> bool {
        let takes_profit = matches!(self, Self::TakeProfit | Self::TakeProfitLimit);
        matches!(side, Side::Buy) != takes_profit
    }
}

/// Type and side in one word, such as `market_buy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SidedOrderType {
    /// Type of the order.
    pub order_type: OrderType,
    /// Side of the order.
    pub side: Side,
}

/// The text is no order type with a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an order type and a side, such as market_buy")]
pub struct SidedOrderTypeError;

impl FromStr for SidedOrderType {
    type Err = SidedOrderTypeError;

    fn from_str(text: &str) -> Result<Self, SidedOrderTypeError> {
        let (order_type, side) = text.rsplit_once('_').ok_or(SidedOrderTypeError)?;
        match (OrderType::from_text(order_type), Side::from_text(side)) {
            (Some(order_type), Some(side)) => Ok(Self { order_type, side }),
            _ => Err(SidedOrderTypeError),
        }
    }
}

impl fmt::Display for SidedOrderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.order_type, self.side)
    }
}

impl Serialize for SidedOrderType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SidedOrderType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for SidedOrderType {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let sided = |order_type| Side::ALL.map(|side| Self { order_type, side }.to_string());
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("Type and side in one word."))
            .enum_values(Some(OrderType::ALL.into_iter().flat_map(sided)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for SidedOrderType {}

crate::closed_set! {
    /// Status of an order.
    pub enum OrderStatus {
        /// Waits for another order of its group.
        Held = "held",
        /// Waits for its trigger price.
        WaitingTrigger = "waiting_trigger",
        /// Open and able to fill.
        Working = "working",
        /// Has filled in part and can fill further.
        PartiallyFilled = "partially_filled",
        /// The order has filled completely.
        Completed = "completed",
        /// Ended by its owner.
        Canceled = "canceled",
        /// Ended by its time in force.
        Expired = "expired",
        /// Ended by the venue after it was accepted.
        Rejected = "rejected",
    }
}

impl OrderStatus {
    /// Returns true if the order is closed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Expired | Self::Rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_side_in_one_word_read_back() {
        for side in Side::ALL {
            for order_type in OrderType::ALL {
                let sided = SidedOrderType { order_type, side };
                assert_eq!(sided.to_string().parse(), Ok(sided));
                let json = format!("\"{order_type}_{side}\"");
                assert_eq!(serde_json::to_string(&sided).unwrap(), json);
                assert_eq!(serde_json::from_str::<SidedOrderType>(&json).unwrap(), sided);
            }
        }
        for text in ["", "market", "buy", "market_hold", "_buy", "market_", "MARKET_BUY"] {
            assert_eq!(text.parse::<SidedOrderType>(), Err(SidedOrderTypeError), "{text}");
        }
    }
}
