//! The use cases of the venue, one module each. They see ports (a table, a coordinator, a market), a clock and a
//! source of randomness, never an adapter, and they are the only code that writes money.
//!
//! [`Services`] is what a server holds: a handle to [`UseCases`], one field each.

mod account;
pub mod alerts;
pub mod auth;
mod base32;
mod books;
pub mod engine;
mod environment;
mod error;
pub mod guards;
mod idempotency;
pub mod insights;
mod inspect;
pub mod inventory;
pub mod ledger;
mod number;
pub mod orders;
pub mod portfolio;
pub mod recurring;
mod side_by_side;
mod stored;
pub mod users;

pub use engine::{Engine, TickReport};
pub use environment::{Config, Context, Environment, Services, UseCases};
pub use error::Error;
pub use idempotency::IdempotencyKey;
pub use inspect::inspect;

/// What every use case answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests;
