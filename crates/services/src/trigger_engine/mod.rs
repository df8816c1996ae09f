//! The trigger engine: matches each new quote against the trigger books and runs the resulting jobs.
//!
//! Every quote is looked at the moment it is published: its asset's book says what it expires, triggers and fills, and
//! hands that out. Doing it is another matter: each becomes one command in its account's queue like any other command,
//! at the quote that reached it, and no quote and no other account waits for it. The order that a command finds in the
//! table decides, not the book.

mod backlog;
mod job;
mod marks;
mod match_quote;
mod rebuild;
mod run;
mod workers;

use std::sync::{Arc, Mutex};

use backlog::Backlog;
use marks::MarksStore;

use crate::account::Accounts;
use crate::error::Result;
use crate::recurring::DueRuns;

/// Matches quotes, and runs the resulting jobs and the due runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TriggerEngine {
    accounts: Accounts,
    runs: DueRuns,
    backlog: Arc<Backlog>,
    marks: Arc<MarksStore>,
    /// Held while a quote is looked at and what it reaches is added to the backlog: the feed and the engine itself look,
    /// and what one account's orders are reached by stays in the order of the quotes.
    matching: Arc<Mutex<()>>,
}

/// The counts of one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Orders whose time was over.
    pub expired: usize,
    /// Orders that were triggered.
    pub triggered: usize,
    /// Resting orders that were filled, in part or whole.
    pub filled: usize,
    /// Price alerts whose level was reached.
    pub alerts: usize,
    /// Runs of recurring orders that bought or were left out.
    pub runs: usize,
    /// Commands that failed and are tried again.
    pub failed: usize,
}

impl TriggerEngine {
    pub(crate) fn new(accounts: Accounts) -> Self {
        Self {
            runs: DueRuns::new(accounts.clone()),
            marks: Arc::new(MarksStore::new(accounts.clone())),
            accounts,
            backlog: Arc::default(),
            matching: Arc::default(),
        }
    }

    /// Orders and alerts in the books.
    #[must_use]
    pub fn resting(&self) -> usize {
        self.accounts.books.len()
    }

    /// Stores the marks of trailing stops that have changed, so that they survive a crash. Those of an asset that cannot
    /// be stored keep back no others.
    ///
    /// # Errors
    /// When some of them could not be written: why the last of them could not. The next call tries again.
    pub async fn marks_store(&self) -> Result<()> {
        self.marks.store().await
    }
}
