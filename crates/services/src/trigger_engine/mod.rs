//! The trigger engine: matches each new quote against the trigger books and runs the resulting jobs.
//!
//! Each quote is matched when it is published: its asset's book dispatches the orders that expire, trigger or
//! fill. Execution is separate. Each dispatched entry becomes a command in its account's queue, at the quote
//! that reached it, and delays no quote and no other account. The order in the table decides, not the book.

mod backlog;
mod figures;
mod heartbeat;
mod index_read;
mod job;
mod keeper;
mod keeper_slot;
mod kept;
mod marks;
mod match_quote;
mod rebuild;
mod reconcile;
mod run;
mod workers;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use backlog::Backlog;
use heartbeat::EngineHeartbeat;
use keeper_slot::KeeperSlot;
use marks::MarksStore;

use crate::account::Accounts;
use crate::error::Result;
use crate::recurring::DueRuns;

/// Longest time for which a server that ends waits until others can have its shards.
const HAND_OVER_MAX: Duration = Duration::from_secs(5);

/// Matches quotes, and runs the resulting jobs and the due runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TriggerEngine {
    accounts: Accounts,
    runs: DueRuns,
    backlog: Arc<Backlog>,
    marks: Arc<MarksStore>,
    /// Held while a quote is matched and its jobs are added. The feed and the engine both match, and an
    /// account's jobs must stay in the order of the quotes.
    matching: Arc<Mutex<()>>,
    heartbeat: Arc<EngineHeartbeat>,
    keeper: Arc<KeeperSlot>,
}

/// The counts of one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Number of expired orders.
    pub expired: usize,
    /// Orders that were triggered.
    pub triggered: usize,
    /// Resting orders that were filled, in part or whole.
    pub filled: usize,
    /// Number of fired price alerts.
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
            heartbeat: Arc::default(),
            keeper: Arc::default(),
        }
    }

    /// Orders and alerts in the books.
    #[must_use]
    pub fn resting(&self) -> usize {
        self.accounts.books.len()
    }

    /// Time since the engine last showed that it runs. While it does, this is about a second at most.
    #[must_use]
    pub fn heartbeat_age(&self) -> Duration {
        self.heartbeat.age()
    }

    fn keeper_slot(&self) -> &KeeperSlot {
        &self.keeper
    }

    /// Gives the shards of this server to the others before it ends: running jobs finish, marks are stored, leases are
    /// released. Returns when nothing is left to give, after five seconds at the latest. Without another server
    /// the shards stay until the end.
    pub async fn release_all(&self) {
        let ownership = &self.accounts.ownership;
        ownership.drain();
        if ownership.has_takers() && tokio::time::timeout(HAND_OVER_MAX, ownership.released()).await.is_err()
        {
            tracing::warn!("not all trigger books could be given to other servers; their leases expire");
        }
    }

    /// Stores the marks that have changed, so that they survive a crash. A failure of one asset does not
    /// delay the others.
    ///
    /// # Errors
    /// The last error, when some could not be written. The next call retries them.
    pub async fn marks_store(&self) -> Result<()> {
        self.marks.store().await
    }
}
