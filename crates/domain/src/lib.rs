//! The rules of the venue: money, symbols, trading rules, orders, fills, postings, cost basis, returns.
//!
//! Everything here is pure and total. There is no I/O, no clock, no randomness and no floating point for
//! money. So server and browser decide alike, and property tests can try anything.

mod basis_points;
pub mod book;
pub mod calendar;
mod closed_set;
mod day_trades;
mod decimal;
mod guard;
mod id;
pub mod matching;
mod money;
mod order;
mod order_size;
mod ports;
mod position;
mod posting;
mod quote;
pub mod returns;
mod rules;
mod schedule;
mod shares;
mod time;
pub mod ulid;

pub use basis_points::{BASIS_POINTS, basis_points_of_percent};
pub use day_trades::{DayTrades, HourTrades, NetTrades, day_result};
pub use decimal::{DECIMAL_BYTES_MAX, MoneyError, SCALE, UNITS_PER_CENT, UNITS_PER_WHOLE};
pub use guard::{
    GUARD_DELAY_US, Guard, GuardFault, Guarded, GuardedOrder, LossRecord, ScheduledGuard, guard_check,
    purchases_check,
};
pub use id::{AccountId, AssetId, IdError, UserId};
pub use matching::{
    AccountLimits, CUSHION_BPS, Field, FillContext, MarketContext, NewOrder, OPEN_ORDERS_MAX, OrderDecision,
    OrderStep, Refusal, Revision, RuleValue, TermsFault, TermsRule, TradingState, cushioned_price,
};
pub use money::{Amount, BALANCE_UNITS_MAX, Price, Quantity, UNITS_MAX};
pub use order::{
    Basis, FILL_MODEL, FILLS_MAX, Fill, GroupKind, IllegalTransition, Link, OrderChange, OrderFill,
    OrderState, OrderStatus, OrderTerms, OrderType, Progress, Reason, Role, Side, SidedOrderType,
    SidedOrderTypeError, TimeInForce, TimeInForceKind, Trail, fee,
};
pub use order_size::{CheckedSize, Limit, OrderSize, Size, SizeFault, SizeRule};
pub use ports::{Clock, Entropy};
pub use position::Position;
pub use posting::{Bucket, Currency, LedgerAccount, Posting, Postings, Unbalanced};
pub use quote::{Quote, QuoteSource};
pub use rules::TradingRules;
pub use schedule::{
    Cadence, CadenceKind, Due, FAILED_RUNS_MAX, RUN_LATE_MAX_US, Schedule, ScheduleFault, Weekday,
};
pub use shares::{WHOLE_POINTS, shares, shown_total};
pub use time::Timestamp;
pub use ulid::{AlertId, BookEntryId, GroupId, OrderId, PlanId};
