//! Test doubles, fixtures and builders for the tests of every crate.
//!
//! | module | subject |
//! |---|---|
//! | `clock` | [`ManualClock`]: time that moves only by a call |
//! | `rng` | [`SeededRng`] and [`SeededEntropy`]: random numbers that follow from a seed |
//! | `memory_table` | [`MemoryTable`]: the table port on a map |
//! | `flaky_table` | [`FlakyTable`]: a table in front of another one that fails by script |
//! | `flaky_coordinator` | [`FlakyCoordinator`]: one server's failing way to a shared coordinator |
//! | `counting_table` | [`CountingTable`]: a table that counts requests, items and units of another one |
//! | `backend` | [`Backend`]: the ports that several servers share |
//! | `redis_server` | [`RedisServer`]: a real Redis that is killed, frozen and restarted |
//! | `requests` | callers and requests that break no rule |
//! | `conformance` | the behaviors that every adapter of the table port shows |
//! | `test_server` | `TestServer`: use cases on the embedded store (feature `server`) |
//!
//! Each double has one definition, here. Two stay with their owner because they use private parts of it:
//! [`FixedMarket`] in `cnop-market` (feature `testing`) and the conformance suite of `cnop-coordination`.
//!
//! The kit depends on `domain`, `store`, `coordination`, `market` and `api`. Cargo compiles a crate twice when its
//! unit tests (`src/**`) use a kit that depends on it, and then the types of the two copies differ. So:
//!
//! - `domain`, `store`, `coordination`, `market` and `api` use the kit in `tests/` only, where one copy exists;
//! - `services` uses it in `src` too, because without the feature `server` the kit does not depend on `services`;
//!   its unit tests build their `Services` on a [`Backend`] themselves and never use the feature.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails by panicking"
)]

mod backend;
mod clock;
pub mod conformance;
mod counting_table;
mod flaky_coordinator;
mod flaky_table;
mod memory_table;
mod redis_server;
mod requests;
mod rng;
#[cfg(feature = "server")]
pub mod test_server;

pub use backend::Backend;
pub use clock::ManualClock;
pub use cnop_market::fixed::FixedMarket;
pub use counting_table::{CountingTable, TableUse};
pub use flaky_coordinator::{CoordinatorFaultCounts, CoordinatorFaultRates, FlakyCoordinator};
pub use flaky_table::{CommitFault, FaultInjector, FlakyTable, TableCall};
pub use memory_table::MemoryTable;
pub use redis_server::RedisServer;
pub use requests::{caller, market_order, order, transfer};
pub use rng::{SeededEntropy, SeededRng};
