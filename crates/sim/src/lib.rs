//! Seeded days of trading on the real use cases, with faults injected into the table: the same seed gives the same day,
//! to the byte.
//!
//! | part | subject |
//! |---|---|
//! | `chance` | dice, entropy and a clock that follow from a seed |
//! | `prices` | quotes that are a function of seed and time |
//! | `faulty` | a table that fails when the dice say so |
//! | `traders` | what traders ask for next |
//! | `venue` | the servers, and commands that are repeated until they have an answer |
//! | `answers` | what was answered, to be held against the books later |
//! | `day` | all of it together |
//! | `alone` | a day in memory, on one thread |
//! | `digest` | the table's bytes in short |

mod alone;
mod answers;
mod chance;
mod day;
mod digest;
mod faulty;
mod prices;
mod traders;
mod venue;

pub use chance::{Dice, ManualClock, SeededEntropy};
pub use day::{Day, DayReport};
pub use digest::{Digests, digests};
pub use faulty::{FaultCounts, FaultRates, FaultyTable};
pub use prices::{ASSETS, Prices};

/// Why a day cannot be what it should be: a sentence for the person who reads the test's output.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What the simulation answers with.
pub type Outcome<T> = Result<T, Fault>;
