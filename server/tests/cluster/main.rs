//! Several servers on one table and one Redis, all of them real: the program in processes of its own, DynamoDB Local,
//! redis-server. Servers are killed and paused, Redis is stopped, DynamoDB is frozen.
//!
//! | module | subject |
//! |---|---|
//! | `process` | a process that is killed, paused and continued |
//! | `parts` | DynamoDB Local, redis-server and the servers |
//! | `figures` | decimal text as integers, times, percentiles |
//! | `client` | a trader's requests, repeated at another server until one answers |
//! | `frames` | server-sent events of one answer |
//! | `prices` | quotes as each server shows them |
//! | `account_events` | events of an account, over many streams |
//! | `trader` | random load of one trader, and the checks at its end |
//! | `delays` | times from the quote to the fill |
//! | `faults` | the faults, one after the other |
//! | `load` | the test: random load under random faults |
//! | `quotas` | the test: one quota for all servers |
//! | `take_over` | the test: orders of a server that was killed |
//!
//! The tests need `redis-server` and the emulator that `scripts/dynamodb-local.sh` installs. They are skipped, with a
//! sentence, unless `CNOP_TEST_DYNAMODB` is set. `make chaos` runs them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a helper of tests fails by panicking"
)]

mod account_events;
mod client;
mod delays;
mod faults;
mod figures;
mod frames;
mod load;
mod parts;
mod prices;
mod process;
mod quotas;
mod take_over;
mod trader;
