//! The order engine from outside: single cases by hand, then properties over random days.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod asks;
mod commands;
mod day;
mod explained;
mod family;
mod fixture;
mod groups;
mod machine;
mod nearest;
mod properties;
mod replacing;
mod rules;
mod single;
mod told;
