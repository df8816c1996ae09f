//! The order engine from outside: single cases by hand, then properties over random days.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod fixture;
mod groups;
mod machine;
mod properties;
mod replacing;
mod rules;
mod single;
