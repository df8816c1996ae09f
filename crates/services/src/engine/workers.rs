//! Doing jobs, many accounts at once, each account one thing at a time.

use std::collections::HashMap;

use cnop_api::Code;
use cnop_domain::AccountId;
use cnop_domain::book::Handed;
use cnop_store::StoreError;
use tokio::task::{Id, JoinSet};

use super::Engine;
use super::job::{End, Job, Work};
use crate::alerts::FireAlert;
use crate::orders::{Act, Action};
use crate::{Error, Result};

/// Accounts whose orders are worked on at once.
const ACCOUNTS_AT_ONCE: usize = 64;

/// The jobs that are being done.
#[derive(Debug, Default)]
pub(super) struct Workers {
    tasks: JoinSet<End>,
    jobs: HashMap<Id, (AccountId, Job)>,
}

impl Workers {
    /// Starts as many jobs as may be done at once.
    pub(super) fn start(&mut self, engine: &Engine) {
        while self.tasks.len() < ACCOUNTS_AT_ONCE
            && let Some((account_id, job)) = engine.backlog.next()
        {
            let (engine, owner) = (engine.clone(), account_id.clone());
            let task = self.tasks.spawn(async move { engine.job_do(&owner, &job).await });
            self.jobs.insert(task.id(), (account_id, job));
        }
    }

    /// Waits until one of them has ended, and makes room for the account's next one. None when there is none.
    pub(super) async fn next(&mut self, engine: &Engine) -> Option<End> {
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
            End::Wrong
        });
        engine.backlog.done(account_id, (end == End::Again).then_some(job));
        Some(end)
    }
}

impl Engine {
    /// Does a job, and says how it ended.
    async fn job_do(&self, account_id: &AccountId, job: &Job) -> End {
        let Err(error) = self.job_try(account_id, job).await else {
            self.newer_look_again(job);
            return End::Done;
        };
        let books = &self.accounts.books;
        let asset_id = job.asset_id.as_str();
        match &error {
            // Canceled, or filled with its sibling, since; an alert was removed.
            Error::Refused(problem)
                if matches!(problem.code, Code::OrderClosed | Code::OrderNotFound | Code::AlertNotFound) =>
            {
                books.forget(job.asset_id, job.number);
                End::Done
            }
            // Changed since: its book has it as it is now.
            Error::Refused(problem) if problem.code == Code::OrderVersion => End::Done,
            Error::Store(StoreError::Busy | StoreError::Unavailable(_) | StoreError::Conflict(_))
            | Error::Contention
            | Error::Unavailable(_)
            | Error::Coordination(_) => {
                // For each of many when the table is away: the log is told their number.
                tracing::debug!(%error, asset_id, "what a quote reached is tried again");
                End::Again
            }
            _ => {
                tracing::error!(cause = ?error, asset_id, "what a quote reached cannot be done");
                self.job_wrong(account_id, job);
                End::Wrong
            }
        }
    }

    /// Holds an entry until it has been read from the table: then it waits again, unless it cannot be read. Left where
    /// it is, each quote would find it and fail alike; taken out, a trailing stop would lose the mark it has reached.
    fn job_wrong(&self, account_id: &AccountId, job: &Job) {
        self.accounts.books.hold(account_id, job.asset_id, job.number);
    }

    /// No quote reaches an order while what an earlier one reached is being done: the newest is looked at again then.
    fn newer_look_again(&self, job: &Job) {
        let Work::Order(Action::Trigger { quote, .. } | Action::Fill { quote, .. }) = job.work else {
            return;
        };
        let snapshot = self.accounts.context.environment.market.snapshot();
        if snapshot.get(job.asset_id).is_some_and(|state| state.quote.seq > quote.seq) {
            self.accounts.books.look_again(job.asset_id);
        }
    }

    async fn job_try(&self, account_id: &AccountId, job: &Job) -> Result<()> {
        match job.work {
            Work::Order(action) => {
                let act = Act { number: job.number, action, if_match: None };
                self.accounts.execute_for_engine(account_id, &act).await.map(|_| ())
            }
            Work::Alert { price, quote_seq } => {
                let handed = Handed::Triggered { quote_seq };
                if self.accounts.books.handed(job.asset_id, job.number) != Some(handed) {
                    return Ok(());
                }
                self.accounts.execute_for_engine(account_id, &FireAlert { number: job.number, price }).await
            }
        }
    }
}
