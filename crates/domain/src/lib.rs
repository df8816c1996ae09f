//! The rules of the venue: money, symbols, trading rules, orders, fills, postings, cost basis.
//!
//! Everything here is pure and total. There is no I/O, no clock, no randomness and no floating point for
//! money, so the server and the browser decide alike and a property test can try anything.

mod environment;
mod id;
mod money;
mod quote;
mod rules;

pub use environment::{Clock, Entropy};
pub use id::{AccountId, AssetId, IdError, OrderId, UserId};
pub use money::{Amount, BALANCE_UNITS_MAX, MoneyError, Price, Quantity, SCALE, UNITS_MAX, UNITS_PER_WHOLE};
pub use quote::Quote;
pub use rules::TradingRules;
