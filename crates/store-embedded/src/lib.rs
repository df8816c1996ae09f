//! The table in one file on this machine, on redb.
//!
//! One thread writes: it takes the transactions that wait, checks each against the state including those before it,
//! commits them together durably, and answers them all. Readers see the last commit and wait for nobody.

mod file;
mod group;
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
