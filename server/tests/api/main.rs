//! The server from outside: over HTTP in this process, and as a program.

mod accounts;
mod bad_input;
mod command_line;
mod day;
mod documents;
mod fuzz;
mod idempotency;
mod site;
mod streams;
mod support;
