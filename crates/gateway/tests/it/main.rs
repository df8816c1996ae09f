//! The gateway in front of a small router, one rule at a time.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's helper fails the test by panicking, as the test itself does"
)]

mod answers;
mod breaker;
mod costs;
mod limits;
mod origins;
mod outage;
mod places;
mod refusals;
mod support;
