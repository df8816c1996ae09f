//! The stream: an account's events without loss, conflated prices, and the state of the server.
//!
//! Not axum's `Sse`: frames go through a bounded channel with a timeout for slow clients, and a draining
//! server ends each stream after its last event.

mod account;
mod frame;
mod limits;
mod prices;
mod replay;
mod session;
mod system;
mod topics;

pub(crate) use limits::StreamLimits;
pub(crate) use prices::PriceStream;
pub(crate) use replay::ReplayQuota;
pub(crate) use session::{Streams, open};
pub(crate) use system::price_age_ms;
pub(crate) use topics::StreamTopics;
