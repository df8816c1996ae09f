//! The `Table` adapter for one local file, on redb.
//!
//! One thread writes. It takes the waiting transactions, checks each against the state including the earlier
//! ones, commits them together durably, and answers them all. Readers see the last commit and never wait.

mod attempt;
mod fault;
mod file;
mod group;
mod health;
mod key;
mod open;
mod read;
mod record;
mod slot;
mod table;
mod writer;

pub use open::{CACHE_BYTES, EmbeddedOptions, OpenError};
pub use table::EmbeddedTable;
pub use writer::{GROUP_TRANSACTIONS_MAX, QUEUE_TRANSACTIONS_MAX};
