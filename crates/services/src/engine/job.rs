//! One thing that a quote has reached, or whose time is over, and the command that does it.

use cnop_api::Code;
use cnop_domain::book::Handed;
use cnop_domain::{AccountId, AssetId, Price};
use cnop_store::StoreError;

use super::Engine;
use crate::alerts::FireAlert;
use crate::orders::{Act, Action};
use crate::{Error, Result};

/// What is to be done with one order or alert.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) asset_id: AssetId,
    pub(super) number: u128,
    pub(super) work: Work,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    Order(Action),
    /// An alert fires at the last price of a quote.
    Alert {
        price: Price,
        quote_seq: u64,
    },
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is done, or there is nothing to do any more.
    Done,
    /// The table did not do it; the same is tried again, at the same quote.
    Again,
    /// It cannot be done as it is: the entry is read again from the table, and waits for what comes if it can be read.
    Wrong,
}

impl Engine {
    /// Does a job, and says how it ended.
    pub(super) async fn job_do(&self, account_id: &AccountId, job: &Job) -> End {
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
    pub(super) fn job_wrong(&self, account_id: &AccountId, job: &Job) {
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
