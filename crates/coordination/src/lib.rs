//! Coordination between servers besides the table: quotas ([`Quota`]), leases ([`Lease`]), a cache, and
//! messages ([`Subscription`]). [`Network`] is the unit for which clients are counted, and [`Places`] bounds what they
//! hold on one server.
//!
//! Nothing here decides about money: the versions in the table do. All of it may be lost without harm to the
//! ledger. [`Coordinator`] is the port, [`LocalCoordinator`] the in-process adapter for one server. An
//! adapter for many servers passes the same `conformance` suite.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod local;
mod network;
mod places;
mod port;
mod quota;
mod subscription;

pub use error::CoordinationError;
pub use local::LocalCoordinator;
pub use network::{Network, NetworkShare};
pub use places::{Place, PlaceLimits, PlaceRefusal, Places};
pub use port::{CACHE_VALUE_BYTES_MAX, Coordinator, KEY_BYTES_MAX, Lease, MESSAGE_BYTES_MAX, key_check};
pub use quota::{Decision, Meter, MeterTime, Quota, QuotaTake};
pub use subscription::{Delivery, Subscription, SubscriptionError};
