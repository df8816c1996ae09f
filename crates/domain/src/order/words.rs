//! The words that describe an order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which way coins go. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The trader gets coins and pays dollars.
    Buy,
    /// The trader gives coins and gets dollars.
    Sell,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Buy, Self::Sell];

    /// Its text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }

    /// The side of a text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.as_str() == text)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// When and at what price an order fills. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderType {
    /// At once, whole, at the quote.
    Market,
    /// At its price or better.
    Limit,
    /// A market order once the last price reaches its trigger.
    Stop,
    /// A limit order once the last price reaches its trigger.
    StopLimit,
    /// A market order once the last price has gone the trader's way.
    TakeProfit,
    /// A limit order once the last price has gone the trader's way.
    TakeProfitLimit,
    /// A stop whose trigger follows the price at a distance.
    TrailingStop,
}

impl OrderType {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Market,
        Self::Limit,
        Self::Stop,
        Self::StopLimit,
        Self::TakeProfit,
        Self::TakeProfitLimit,
        Self::TrailingStop,
    ];

    /// Its text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Limit => "limit",
            Self::Stop => "stop",
            Self::StopLimit => "stop_limit",
            Self::TakeProfit => "take_profit",
            Self::TakeProfitLimit => "take_profit_limit",
            Self::TrailingStop => "trailing_stop",
        }
    }

    /// The type of a text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order_type| order_type.as_str() == text)
    }

    /// Whether it sleeps until a price is reached.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(
            self,
            Self::Stop | Self::StopLimit | Self::TakeProfit | Self::TakeProfitLimit | Self::TrailingStop
        )
    }

    /// Whether it fills at its limit or better, and not at whatever the quote is.
    #[must_use]
    pub const fn has_limit(self) -> bool {
        matches!(self, Self::Limit | Self::StopLimit | Self::TakeProfitLimit)
    }

    /// Whether its trigger is reached by a last price at or above it (else at or below). No meaning for an order that
    /// does not wait.
    #[must_use]
    pub const fn triggers_above(self, side: Side) -> bool {
        let takes_profit = matches!(self, Self::TakeProfit | Self::TakeProfitLimit);
        matches!(side, Side::Buy) != takes_profit
    }

    /// Type and side in one word, as `market_buy`.
    #[must_use]
    pub fn with_side(self, side: Side) -> String {
        format!("{}_{}", self.as_str(), side.as_str())
    }

    /// Type and side of one word, as `market_buy`.
    #[must_use]
    pub fn from_text_with_side(text: &str) -> Option<(Self, Side)> {
        let (order_type, side) = text.rsplit_once('_')?;
        Some((Self::from_text(order_type)?, Side::from_text(side)?))
    }
}

impl fmt::Display for OrderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where an order is in its life. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Waits for another order of its group.
    Held,
    /// Waits for its trigger price.
    WaitingTrigger,
    /// Can fill.
    Working,
    /// Has filled in part and can fill further.
    PartiallyFilled,
    /// Has filled whole.
    Completed,
    /// Ended by its owner.
    Canceled,
    /// Ended by its time in force.
    Expired,
    /// Ended by the venue after it was accepted.
    Rejected,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::WaitingTrigger,
        Self::Working,
        Self::PartiallyFilled,
        Self::Completed,
        Self::Canceled,
        Self::Expired,
        Self::Rejected,
    ];

    /// Its text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::WaitingTrigger => "waiting_trigger",
            Self::Working => "working",
            Self::PartiallyFilled => "partially_filled",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }

    /// The status of a text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether nothing can happen to the order any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Expired | Self::Rejected)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for side in Side::ALL {
            assert_eq!(Side::from_text(side.as_str()), Some(side));
            for order_type in OrderType::ALL {
                assert_eq!(
                    OrderType::from_text_with_side(&order_type.with_side(side)),
                    Some((order_type, side))
                );
            }
        }
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::from_text(status.as_str()), Some(status));
        }
        for text in ["", "market", "buy", "market_hold", "_buy", "market_", "MARKET_BUY"] {
            assert_eq!(OrderType::from_text_with_side(text), None, "{text}");
        }
    }
}
