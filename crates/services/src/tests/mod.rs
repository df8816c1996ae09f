//! The use cases of trading together, on a table in memory and on the embedded one.

mod alerts;
mod audit;
mod automation;
mod cancel_all;
mod close;
mod concurrent;
mod concurrent_engine;
mod concurrent_orders;
mod engine;
mod expiry;
mod full_queue;
mod groups;
mod growth;
mod guards;
mod idempotency;
mod insights;
mod inventory;
mod kill_switch;
mod list;
mod long_histories;
mod orders;
mod owners;
mod owners_apart;
mod owners_lost;
mod portfolio;
mod preview;
mod quarantine;
mod random;
mod random_orders;
mod rebuild;
mod recurring;
mod repeated_changes;
mod stale_pages;
pub(crate) mod support;
mod tampered;
mod transfers;
mod triggered_orders;
mod unknown_commit;

use cnop_testkit::{market_order, order, transfer};

use self::support::{Cluster, Server, refused};
