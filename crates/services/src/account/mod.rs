//! One account's partition of the table: its reads, and the only way to change it.
//!
//! [`Accounts::execute`] runs a command. It waits for the account's turn in this process, reads the account and lets
//! the command decide. It commits everything in one transaction under the versions that were read, and notifies
//! subscribers. Nothing else in the program writes money.
//!
//! | module | subject |
//! |---|---|
//! | `queue` | one command of an account at a time |
//! | `state` | the account as it was read, and how events change it |
//! | `growth` | the check that an account may store more |
//! | `movement` | movements of dollars and coins in an event |
//! | `read` | reading accounts |
//! | `marks` | reading the stored marks of trailing stops |
//! | `unknown_outcome` | commits with an unknown outcome |
//! | `command` | [`AccountCommand`]: turn, replay, read, decide, commit, retry |

mod command;
mod growth;
mod marks;
mod movement;
mod queue;
mod read;
mod state;
mod unknown_outcome;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use command::{AccountCommand, CommitPlan, Idempotent, KeepAnswer};
pub(crate) use marks::ReadMarks;
pub(crate) use read::{Reads, topic};
pub(crate) use state::{AccountState, AppendedEvents, Loaded, opening};

use crate::context::Context;
use crate::displayed_sizes::DisplayedSizes;
use crate::ownership::Ownership;
use crate::trigger_books::TriggerBooks;
use queue::AccountQueues;
#[cfg(test)]
pub(crate) use queue::WAITING_MAX;

/// Maximum attempts of one command. Within a process commands wait for each other, so only other servers can
/// conflict. Two servers that keep colliding each win half the time, so 32 consecutive losses do not occur in
/// practice.
const ATTEMPTS_MAX: u32 = 32;
/// Longest pause before the second attempt, in ms; each further one may take that much longer, up to the longest.
const PAUSE_MS: u32 = 4;
/// No pause lasts longer, in ms: all of them together stay below a second and a half.
const PAUSE_MS_MAX: u32 = 48;

/// Reads accounts and runs the commands on them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pub(crate) context: Arc<Context>,
    queue: Arc<AccountQueues>,
    /// Queues of work that takes several commands; each of these commands takes its turn in the other queue.
    batch_queues: Arc<AccountQueues>,
    pub(crate) books: Arc<TriggerBooks>,
    pub(crate) ownership: Arc<Ownership>,
    pub(crate) displayed_sizes: DisplayedSizes,
}

impl Accounts {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let books = Arc::new(TriggerBooks::new(context.environment.market.catalogue()));
        let ownership = Arc::new(Ownership::new(context.environment.entropy.as_ref()));
        let coordinator = Arc::clone(&context.environment.coordinator);
        let displayed_sizes = DisplayedSizes::new(coordinator, Arc::clone(&books), Arc::clone(&ownership));
        Self {
            context,
            queue: Arc::default(),
            batch_queues: Arc::default(),
            books,
            ownership,
            displayed_sizes,
        }
    }

    /// A random share of the attempt's longest pause, so that two servers do not meet again and again.
    fn pause(&self, attempt: u32) -> Duration {
        let mut byte = [0; 1];
        self.context.environment.entropy.fill(&mut byte);
        let longest_ms = (attempt * PAUSE_MS).min(PAUSE_MS_MAX);
        Duration::from_micros(u64::from(byte[0]) * u64::from(longest_ms) * 1_000 / 255)
    }
}
