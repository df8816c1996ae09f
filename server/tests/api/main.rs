//! The server from the outside: over HTTP in this process, and as a program.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails by panicking"
)]

mod accounts;
mod bad_input;
mod command_line;
mod day;
mod documents;
mod dynamodb;
mod forms;
mod fuzz;
mod hostile;
mod hostile_clients;
mod idempotency;
mod kill;
mod links;
mod orders;
mod redirects;
mod servers;
mod site;
mod streams;
mod support;
