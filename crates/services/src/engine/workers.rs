//! Doing jobs, many accounts at once, each account one thing at a time.

use std::collections::HashMap;

use cnop_domain::AccountId;
use tokio::task::{Id, JoinSet};

use super::Engine;
use super::job::{End, Job};

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
