//! The rules of the venue: money, symbols, trading rules, orders, fills, postings, cost basis, returns.
//!
//! Everything here is pure and total. There is no I/O, no clock, no randomness and no floating point for
//! money, so the server and the browser decide alike and a property test can try anything.

mod basis_points;
pub mod book;
mod closed_set;
mod decimal;
pub mod engine;
mod environment;
mod guard;
mod id;
mod money;
mod order;
mod position;
mod posting;
mod quote;
pub mod returns;
mod rules;
mod schedule;
mod ticket;

pub use basis_points::{BASIS_POINTS, basis_points_of_percent};
pub use decimal::{MoneyError, SCALE, UNITS_PER_CENT, UNITS_PER_WHOLE};
pub use engine::{
    AccountLimits, CUSHION_BPS, Desk, Field, NewOrder, OPEN_ORDERS_MAX, Outcome, Refusal, Revision, Seen,
    Step, TermsFault, TermsRule, Value, Venue, cushioned_price,
};
pub use environment::{Clock, Entropy};
pub use guard::{
    GUARD_DELAY_US, Guard, GuardFault, Guarded, GuardedOrder, LossRecord, PendingGuard, guard_check,
};
pub use id::{AccountId, AssetId, IdError, OrderId, UserId};
pub use money::{Amount, BALANCE_UNITS_MAX, Price, Quantity, UNITS_MAX};
pub use order::{
    Basis, Change, FILL_MODEL, FILLS_MAX, Fill, GroupKind, IllegalTransition, Link, OrderFill, OrderState,
    OrderStatus, OrderTerms, OrderType, Progress, Reason, Role, Side, SidedOrderType, SidedOrderTypeError,
    TimeInForce, TimeInForceKind, Trail, fee,
};
pub use position::Position;
pub use posting::{Account, Bucket, Currency, Posting, Postings, Unbalanced};
pub use quote::{Quote, QuoteSource};
pub use rules::TradingRules;
pub use schedule::{
    Cadence, CadenceKind, Due, FAILED_RUNS_MAX, RUN_LATE_MAX_US, Schedule, ScheduleFault, Weekday,
};
pub use ticket::{Checked, Limit, Rule, Size, Ticket, TicketFault};
