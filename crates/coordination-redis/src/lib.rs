//! The [`Coordinator`](cnop_coordination::Coordinator) in Redis, for many servers.
//!
//! | module | subject |
//! |---|---|
//! | `address` | [`RedisAddress`]: the URL, whose password is never shown |
//! | `error` | [`RedisConnectError`]: reasons not to start |
//! | `keys` | names of keys and channels |
//! | `scripts` | the Lua scripts; each is one atomic step on Redis's clock |
//! | `listeners` | the subscriptions of this process |
//! | `link` | the connections and their state; every call has a deadline |
//! | `supervision` | messages to subscribers, signs of life, reconnecting |
//! | `coordinator` | [`RedisCoordinator`] |
//!
//! While Redis is away, each call fails at once with `Unavailable`. Everything recovers by itself.

mod address;
mod coordinator;
mod error;
mod keys;
mod link;
mod listeners;
mod scripts;
mod supervision;

pub use address::{AddressError, RedisAddress};
pub use coordinator::RedisCoordinator;
pub use error::RedisConnectError;
pub use link::LinkState;
