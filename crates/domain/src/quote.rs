//! A quote: bid, ask, displayed sizes and last price at one moment.

use serde::{Deserialize, Serialize};

use crate::{Price, Quantity, Side};

crate::closed_set! {
    /// Source of a quote; stored with each fill.
    pub enum QuoteSource {
        /// Prices of the built-in simulator.
        Simulator = "simulator",
        /// Prices from CoinGecko's HTTP API.
        CoinGecko = "coingecko",
    }
}

/// Bid and ask of one asset with their displayed sizes. `bid ≤ last ≤ ask` need not hold, `bid < ask` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Bid: the price that a seller receives.
    pub bid: Price,
    /// Ask: the price that a buyer pays.
    pub ask: Price,
    /// Displayed quantity at the bid.
    pub bid_size: Quantity,
    /// Displayed quantity at the ask.
    pub ask_size: Quantity,
    /// Last traded price, at which portfolios are valued.
    pub last: Price,
    /// Number of this quote in its asset's sequence; grows by at least one with each quote.
    pub seq: u64,
    /// Time of its creation, in µs since 1970-01-01T00:00Z.
    pub time_us: i64,
}

impl Quote {
    /// The price at which an order of this side fills at once.
    #[must_use]
    pub const fn price_for(&self, side: Side) -> Price {
        match side {
            Side::Buy => self.ask,
            Side::Sell => self.bid,
        }
    }
}
