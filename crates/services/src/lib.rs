//! The use cases of the venue, one module each. They see ports (a table, a coordinator, a market), a clock and a
//! source of randomness, never an adapter. They are the only code that writes money.
//!
//! A server holds [`Services`], a handle to [`UseCases`] with one field each.
//!
//! Modules in order of dependency; each uses only modules above it:
//!
//! | module | subject |
//! |---|---|
//! | `error` | [`Error`]: the error of every use case |
//! | `free_space`, `daily_allowance` | free space of the store's disk; daily allowances of accounts and networks |
//! | [`mailer`] | the port of mails to users |
//! | `context` | [`Context`]: ports, clock, randomness and configuration |
//! | `records` | stored records: their keys, their codec and every schema |
//! | `idempotency` | [`IdempotencyKey`]: the client's key for a safe retry |
//! | `concurrency`, `paging` | bounded concurrency; limits and cursors of lists |
//! | `asset_order` | the order of a list of assets, kept from page to page |
//! | [`ownership`] | members, shards, and the owner of each trigger book |
//! | `trigger_books` | the trigger books of all assets, in memory |
//! | `displayed_sizes` | displayed size, consumed once by all servers |
//! | `account` | one account's partition, and the one way to change it |
//! | [`secret_file`] | files with secrets, readable for their owner alone |
//! | [`auth`], [`users`] | sign-in, sessions, tokens; profiles |
//! | [`orders`] | placing, previewing, changing and listing orders |
//! | [`guards`], [`alerts`], [`recurring`] | guard rails; price alerts; recurring purchases |
//! | [`ledger`] | balances, transfers, history, account events, audit |
//! | [`trigger_engine`] | triggers and fills of resting orders on each quote |
//! | [`inventory`], [`portfolio`], [`insights`] | assets and prices; holdings; findings about them |
//! | `inspect` | any stored item as JSON, for the operator |
//! | `services` | [`Services`]: the assembly of all use cases |

mod account;
pub mod alerts;
mod asset_order;
pub mod auth;
mod concurrency;
mod context;
mod daily_allowance;
mod displayed_sizes;
mod error;
mod free_space;
pub mod guards;
mod idempotency;
pub mod insights;
mod inspect;
pub mod inventory;
pub mod ledger;
pub mod mailer;
pub mod orders;
pub mod ownership;
mod paging;
pub mod portfolio;
mod records;
pub mod recurring;
pub mod secret_file;
mod services;
mod trigger_books;
pub mod trigger_engine;
pub mod users;

pub use context::{Config, Context, Environment};
pub use daily_allowance::{EVENTS_PER_DAY, REGISTRATIONS_PER_DAY};
pub use displayed_sizes::DisplayedSizes;
pub use error::{Error, Result};
pub use free_space::{DiskSpace, DiskSpaceReader, FreeSpace};
pub use idempotency::IdempotencyKey;
pub use inspect::inspect;
pub use paging::{OFFSET_MAX, PAGE_ROWS, PAGE_ROWS_MAX};
pub use records::SPREAD_PREFIXES;
pub use services::{Services, UseCases};
pub use trigger_engine::{TickReport, TriggerEngine};

#[cfg(test)]
mod tests;
