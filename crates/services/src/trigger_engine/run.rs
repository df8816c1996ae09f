//! The background loops of the trigger engine, and one tick for tests and simulations.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::job::JobResult;
use super::workers::Workers;
use super::{TickReport, TriggerEngine};

/// Maximum interval between two checks for expired orders without a new price, and before a retry.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Time to finish running jobs at shutdown.
const LAST_WORK_MAX: Duration = Duration::from_secs(5);
/// Pause before a retry at shutdown.
const LAST_PAUSE: Duration = Duration::from_millis(100);

impl TriggerEngine {
    /// Matches the present prices and time, and returns when all jobs are committed or have failed. The next
    /// tick retries failed ones. [`TriggerEngine::run`] does the same without waiting.
    pub async fn tick(&self) -> TickReport {
        let failed = self.accounts.unknown_outcomes_resolve().await;
        self.backlog.retry();
        let mut report = self.match_quotes(&self.accounts.context.environment.market.snapshot());
        report.failed += failed;
        let mut workers = Workers::default();
        loop {
            workers.start(self);
            match workers.next(self).await {
                Some(JobResult::Done) => {}
                Some(JobResult::Again | JobResult::Wrong) => report.failed += 1,
                None if self.recheck(&mut report) => {}
                None => break,
            }
        }
        let runs = self.runs.work().await;
        report.runs += runs.done;
        report.failed += runs.failed;
        report
    }

    /// Takes over from a run that ended early, before the next one. Jobs that were running or in the backlog are
    /// given up, and what they were about is read from the table again: a job that was lost would keep its order
    /// from every later quote. Marks of trailing stops are in the books and stay.
    pub fn recover(&self) {
        self.backlog.clear();
        let books = &self.accounts.books;
        for (asset_id, entry_id, entry) in books.entries() {
            if entry.dispatched.is_some() {
                books.quarantine(&entry.owner, asset_id, entry_id);
            }
        }
        books.unknown_outcomes.wake();
    }

    /// Matches the present quotes without running their jobs.
    #[cfg(test)]
    pub(crate) fn jobs_start(&self) {
        self.match_quotes(&self.accounts.context.environment.market.snapshot());
    }

    /// Loses the jobs of the backlog, as a run that ends early does.
    #[cfg(test)]
    pub(crate) fn jobs_lose(&self) {
        while self.backlog.next().is_some() {}
    }

    /// Matches every quote and runs its jobs, until `shutdown`; then finishes the remaining jobs.
    pub async fn run(self, shutdown: CancellationToken) {
        // Leases are kept until the last jobs have ended.
        let finished = CancellationToken::new();
        let work = async {
            tokio::join!(
                self.quotes_follow(&shutdown),
                self.unknown_outcomes_follow(&shutdown),
                self.runs_follow(&shutdown),
                self.marks_follow(&shutdown),
            );
            finished.cancel();
        };
        tokio::join!(work, self.ownership_run(&finished));
    }

    async fn quotes_follow(&self, shutdown: &CancellationToken) {
        let market = &self.accounts.context.environment.market;
        let observer = self.clone();
        let observation = market.observe(move |snapshot| {
            observer.match_quotes(snapshot);
        });
        let mut workers = Workers::default();
        let mut pause = interval(PAUSE_MAX);
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failed = 0_usize;
        loop {
            self.heartbeat.beat();
            workers.start(self);
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.backlog.added() => {}
                () = self.accounts.books.recheck_added() => {
                    self.recheck(&mut TickReport::default());
                }
                Some(end) = workers.next(self) => failed += usize::from(end == JobResult::Again),
                _ = pause.tick() => {
                    if failed > 0 {
                        tracing::warn!(failed, "the table did not do what quotes have reached; it is tried again");
                        failed = 0;
                    }
                    self.match_quotes(&market.snapshot());
                    self.backlog.retry();
                }
            }
        }
        drop(observation);
        let finish = async {
            loop {
                self.backlog.retry();
                workers.start(self);
                while workers.next(self).await.is_some() {
                    workers.start(self);
                }
                if self.backlog.is_empty() {
                    return;
                }
                tokio::time::sleep(LAST_PAUSE).await;
            }
        };
        if timeout(LAST_WORK_MAX, finish).await.is_err() {
            tracing::warn!("not all that quotes have reached could be done before the end");
        }
    }

    /// Resolves unknown outcomes as soon as the table answers.
    async fn unknown_outcomes_follow(&self, shutdown: &CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.accounts.books.unknown_outcomes.added() => {}
            }
            loop {
                let left = self.accounts.unknown_outcomes_resolve().await;
                // The pause applies after a success too, so that an entry that fails every time is reloaded
                // at intervals only.
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(PAUSE_MAX) => {}
                }
                if left == 0 {
                    break;
                }
            }
        }
    }

    /// Executes the due runs of recurring orders.
    async fn runs_follow(&self, shutdown: &CancellationToken) {
        let mut news = self.accounts.context.environment.market.subscribe();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = timeout(PAUSE_MAX, news.changed()) => {
                    if matches!(changed, Ok(Err(_))) {
                        return;
                    }
                }
            }
            self.runs.work().await;
        }
    }

    /// Stores marks when they have moved.
    async fn marks_follow(&self, shutdown: &CancellationToken) {
        let mut news = self.accounts.context.environment.market.subscribe();
        loop {
            let ends = tokio::select! {
                () = shutdown.cancelled() => true,
                changed = news.changed() => changed.is_err(),
            };
            if let Err(error) = self.marks_store().await {
                tracing::warn!(%error, "marks of trailing stops could not be stored");
            }
            if ends {
                return;
            }
        }
    }
}
