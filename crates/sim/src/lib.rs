//! Simulated trading days on the real use cases, with faults injected into the table. The same seed gives the same day,
//! to the byte.
//!
//! | module | subject |
//! |---|---|
//! | `prices` | quotes as a function of seed and time |
//! | `faults` | seeded faults of the table |
//! | `traders` | the next command of each trader |
//! | `server` | a server that restarts, and commands that are retried until they have an answer |
//! | `commands` | execution of commands at a venue, and the record of the answers |
//! | `answers` | the oracle: acknowledged results to compare with the ledger |
//! | `day` | a whole day |
//! | `cluster` | a day of several servers on one table and one coordinator |
//! | `alone` | a day in memory, on one thread |
//! | `digest` | digests of the table's bytes |

mod alone;
mod answers;
mod cluster;
mod commands;
mod day;
mod digest;
mod faults;
mod prices;
mod server;
mod traders;

pub use cluster::{ClusterDay, ClusterReport};
pub use day::{Day, DayReport};
pub use digest::{Digests, digests};
pub use faults::{FaultCounts, FaultRates, Faults};
pub use prices::{ASSETS, Prices};

/// A violated expectation, as a sentence for the reader of the test output.
pub type Violation = Box<dyn std::error::Error + Send + Sync>;

/// Result type of the simulation.
pub type Outcome<T> = Result<T, Violation>;
