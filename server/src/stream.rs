//! The live stream: an account's events without loss, prices conflated, and word of what happens to the server.

mod account;
mod frame;
mod limits;
mod prices;
mod session;
mod topics;

pub use limits::Limits;
pub use prices::Prices;
pub use session::{Streams, open};
pub use topics::Topics;
