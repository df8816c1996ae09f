//! Orders through the public interface: single cases, then properties over random days.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod commands;
mod day;
mod family;
mod fill_verification;
mod fixture;
mod groups;
mod machine;
mod model;
mod nearest;
mod properties;
mod random_trader;
mod replacing;
mod rules;
mod single;
mod worthless;
