//! Seeded days of trading on the real use cases, with faults injected into the table: the same seed gives the same day,
//! to the byte.
//!
//! | part | subject |
//! |---|---|
//! | `prices` | quotes that are a function of seed and time |
//! | `faults` | faults of the table at random |
//! | `traders` | what traders ask for next |
//! | `server` | a server that restarts, and commands that are repeated until they have an answer |
//! | `answers` | what was answered, to be held against the books later |
//! | `day` | all of it together |
//! | `alone` | a day in memory, on one thread |
//! | `digest` | the table's bytes in short |

mod alone;
mod answers;
mod day;
mod digest;
mod faults;
mod prices;
mod server;
mod traders;

pub use day::{Day, DayReport};
pub use digest::{Digests, digests};
pub use faults::{FaultCounts, FaultRates, Faults};
pub use prices::{ASSETS, Prices};

/// Why a day cannot be what it should be: a sentence for the person who reads the test's output.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What the simulation answers with.
pub type Outcome<T> = Result<T, Fault>;
