//! Pure decisions about orders. A [`TradingState`] goes in, an [`OrderDecision`] comes out, and nothing else changes
//! money.

mod check;
mod close;
mod decision;
mod exits;
mod explain;
mod fault;
mod fill;
mod limits;
mod place;
mod protection;
mod range;
mod replace;
mod reserve;

pub use check::EXPIRY_MAX_US;
pub use close::{cancel, expire, reject, share_of};
pub use decision::{FillContext, MarketContext, NewOrder, OrderDecision, OrderStep, TradingState};
pub use explain::{Mismatch, explain, recompute};
pub use fault::{Field, Refusal, RuleValue, TermsFault, TermsRule};
pub use fill::{fill_resting, trigger};
pub use limits::{AccountLimits, OPEN_ORDERS_MAX};
pub use place::place;
pub use range::TRAIL_BPS;
pub use replace::{Revision, replace};
pub use reserve::{CUSHION_BPS, cushioned_price};
