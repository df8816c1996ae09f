//! What servers agree on besides the table: how often someone may call ([`Quota`]), who works on what
//! ([`Lease`]), what was worked out lately (the cache) and what just happened ([`Subscription`]).
//!
//! Nothing here decides about money: the table's versions do. All of it may be lost without harm to the books.
//! [`Coordinator`] is the port, [`LocalCoordinator`] its in-process form for one server; an adapter for many
//! servers passes the same `conformance` suite.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod local;
mod port;
mod quota;
mod subscription;

pub use error::CoordinationError;
pub use local::LocalCoordinator;
pub use port::{CACHE_VALUE_BYTES_MAX, Coordinator, KEY_BYTES_MAX, Lease, MESSAGE_BYTES_MAX, key_check};
pub use quota::{Decision, Meter, Quota};
pub use subscription::{Subscription, SubscriptionError};
