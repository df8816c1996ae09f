//! Workers: run jobs of many accounts at once, one job of an account at a time.

use std::collections::HashMap;

use cnop_api::Code;
use cnop_domain::AccountId;
use cnop_domain::book::Dispatched;
use cnop_store::StoreError;
use tokio::task::{Id, JoinSet};

use super::TriggerEngine;
use super::job::{Job, JobAction, JobResult};
use crate::alerts::FireAlert;
use crate::error::{Error, Result};
use crate::orders::{OrderAction, OrderCommand};

/// Maximum number of accounts with a running job.
const ACCOUNTS_AT_ONCE: usize = 64;

/// The jobs that are being done.
#[derive(Debug, Default)]
pub(super) struct Workers {
    tasks: JoinSet<JobResult>,
    jobs: HashMap<Id, (AccountId, Job)>,
}

impl Workers {
    /// Starts as many jobs as may be done at once.
    pub(super) fn start(&mut self, engine: &TriggerEngine) {
        while self.tasks.len() < ACCOUNTS_AT_ONCE
            && let Some((account_id, job)) = engine.backlog.next()
        {
            let (engine, owner) = (engine.clone(), account_id.clone());
            let task = self.tasks.spawn(async move { engine.job_do(&owner, &job).await });
            self.jobs.insert(task.id(), (account_id, job));
        }
    }

    /// Waits until one of them has ended, and makes room for the account's next one. None when there is none.
    pub(super) async fn next(&mut self, engine: &TriggerEngine) -> Option<JobResult> {
        let joined = self.tasks.join_next_with_id().await?;
        let (id, end) = match joined {
            Ok((id, end)) => (id, Some(end)),
            Err(error) => {
                tracing::error!(%error, "what a quote reached ended early");
                (error.id(), None)
            }
        };
        // Every task has a job; the way out is for none that exists.
        let Some((account_id, job)) = self.jobs.remove(&id) else { return end };
        let end = end.unwrap_or_else(|| {
            engine.job_wrong(&account_id, &job);
            JobResult::Wrong
        });
        engine.backlog.done(account_id, (end == JobResult::Again).then_some(job));
        Some(end)
    }
}

impl TriggerEngine {
    /// Does a job, and says how it ended.
    async fn job_do(&self, account_id: &AccountId, job: &Job) -> JobResult {
        let Err(error) = self.job_try(account_id, job).await else {
            self.recheck_newest_quote(job);
            self.job_count(job);
            return JobResult::Done;
        };
        let books = &self.accounts.books;
        let asset_id = job.asset_id.as_str();
        match &error {
            // Canceled, or filled with its sibling, since; an alert was removed.
            Error::Refused(problem)
                if matches!(problem.code, Code::OrderClosed | Code::OrderNotFound | Code::AlertNotFound) =>
            {
                books.forget(job.asset_id, job.entry_id());
                JobResult::Done
            }
            // Changed since. If another server has changed it, the book here does not have it as it is now, and it would
            // stay dispatched forever.
            Error::Refused(problem) if problem.code == Code::OrderVersion => {
                match self.accounts.entry_reload(account_id, (job.asset_id, job.entry_id())).await {
                    Ok(_) => JobResult::Done,
                    Err(_) => JobResult::Again,
                }
            }
            Error::Store(
                StoreError::Busy
                | StoreError::CircuitOpen { .. }
                | StoreError::Unavailable(_)
                | StoreError::Conflict(_),
            )
            | Error::Contention
            | Error::Unavailable(_)
            | Error::Coordination(_) => {
                // One line for each of many jobs during an outage: the summary goes to the log at a higher
                // level.
                tracing::debug!(%error, asset_id, "what a quote reached is tried again");
                JobResult::Again
            }
            _ => {
                tracing::error!(cause = ?error, asset_id, "what a quote reached cannot be done");
                self.job_wrong(account_id, job);
                JobResult::Wrong
            }
        }
    }

    /// Holds an entry until it has been read from the table: then it waits again, unless it cannot be read. Left where
    /// it is, each quote would find it and fail alike; taken out, a trailing stop would lose the mark it has reached.
    fn job_wrong(&self, account_id: &AccountId, job: &Job) {
        metrics::counter!("cnop_engine_quarantines_total").increment(1);
        self.accounts.books.quarantine(account_id, job.asset_id, job.entry_id());
    }

    /// No quote reaches an order while its job is running, so the newest quote is matched again afterwards.
    fn recheck_newest_quote(&self, job: &Job) {
        let JobAction::Order {
            action: OrderAction::Trigger { quote, .. } | OrderAction::Fill { quote, .. },
            ..
        } = job.action
        else {
            return;
        };
        let snapshot = self.accounts.context.environment.market.snapshot();
        if snapshot.get(job.asset_id).is_some_and(|state| state.quote.seq > quote.seq) {
            self.accounts.books.recheck(job.asset_id);
        }
    }

    async fn job_try(&self, account_id: &AccountId, job: &Job) -> Result<()> {
        match job.action {
            JobAction::Order { order_id, action } => {
                let command = OrderCommand { order_id, action, if_match: None };
                self.accounts.execute_for_engine(account_id, &command).await.map(|_| ())
            }
            JobAction::Alert { alert_id, price, quote_seq } => {
                let handed = Dispatched::Triggered { quote_seq };
                if self.accounts.books.dispatched(job.asset_id, job.entry_id()) != Some(handed) {
                    return Ok(());
                }
                self.accounts.execute_for_engine(account_id, &FireAlert { alert_id, price }).await
            }
        }
    }
}
