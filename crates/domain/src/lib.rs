//! The rules of the venue: money, symbols, trading rules, orders, fills, postings, cost basis.
//!
//! Everything here is pure and total. There is no I/O, no clock, no randomness and no floating point for
//! money, so the server and the browser decide alike and a property test can try anything.

mod environment;
mod fill;
mod id;
mod money;
mod order;
mod position;
mod posting;
mod quote;
mod rules;
mod ticket;

pub use environment::{Clock, Entropy};
pub use fill::{Execution, FILL_MODEL, Fill, Holder, Refusal, Terms, fee, market_fill};
pub use id::{AccountId, AssetId, IdError, OrderId, UserId};
pub use money::{Amount, BALANCE_UNITS_MAX, MoneyError, Price, Quantity, SCALE, UNITS_MAX, UNITS_PER_WHOLE};
pub use order::{OrderStatus, OrderType, Side};
pub use position::Position;
pub use posting::{Account, Bucket, Currency, Posting, Postings, Unbalanced};
pub use quote::Quote;
pub use rules::TradingRules;
pub use ticket::{Checked, Limit, Rule, Size, Ticket, TicketFault};
