//! The order engine: every decision about an order's money, pure. A [`Desk`] goes in, an [`Outcome`] comes out, and
//! nothing else changes money.

mod check;
mod close;
mod desk;
mod explain;
mod fault;
mod fill;
mod group;
mod place;
mod range;
mod replace;
mod reserve;
mod work;

pub use check::{EXPIRY_MAX_US, TRAIL_BPS};
pub use close::{cancel, expire, reject, share_of};
pub use desk::{Desk, NewOrder, Outcome, Step, Venue};
pub use explain::{Mismatch, Seen, explain, recompute};
pub use fault::{Field, TermsFault, TermsRule, Value};
pub use fill::{fill_resting, trigger};
pub use place::place;
pub use replace::{Revision, replace};
