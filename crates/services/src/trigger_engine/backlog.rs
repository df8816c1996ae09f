//! The backlog: jobs that are not running yet, in order, one queue for each account.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::{AccountId, AssetId};
use tokio::sync::Notify;

use super::job::Job;

/// Jobs of all accounts. A job exists for a dispatched entry only, so that there are never many more
/// than entries in the books.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    lines: Mutex<AccountJobs>,
    /// A job is ready.
    added: Notify,
}

#[derive(Debug, Default)]
struct AccountJobs {
    /// Jobs of an account in the order of their quotes. A queue exists while it has a job or one is running.
    jobs: HashMap<AccountId, VecDeque<Job>>,
    /// Accounts with jobs of which none is being done, first come, first served.
    ready: VecDeque<AccountId>,
    /// Assets of the jobs that are running.
    running: HashMap<AccountId, AssetId>,
    /// Accounts whose first job failed. They wait for the retry, so that no later job overtakes it.
    failed: Vec<AccountId>,
}

impl Backlog {
    pub(super) fn add(&self, account_id: AccountId, job: Job) {
        self.lines().push(account_id, job);
        self.added.notify_one();
    }

    /// The next job, of an account that no job is being done of: [`Backlog::done`] must follow.
    pub(super) fn next(&self) -> Option<(AccountId, Job)> {
        let mut lines = self.lines();
        loop {
            let account_id = lines.ready.pop_front()?;
            if let Some(job) = lines.jobs.get_mut(&account_id).and_then(VecDeque::pop_front) {
                lines.running.insert(account_id.clone(), job.asset_id);
                return Some((account_id, job));
            }
            lines.jobs.remove(&account_id);
        }
    }

    /// The account's job is done, and its next one may come; or it failed, and the account waits for the next try.
    pub(super) fn done(&self, account_id: AccountId, rechecks: Option<Job>) {
        let mut lines = self.lines();
        lines.running.remove(&account_id);
        if let Some(job) = rechecks {
            lines.jobs.entry(account_id.clone()).or_default().push_front(job);
            lines.failed.push(account_id);
        } else if lines.jobs.get(&account_id).is_some_and(VecDeque::is_empty) {
            lines.jobs.remove(&account_id);
        } else {
            lines.ready.push_back(account_id);
        }
    }

    /// Makes the failed jobs ready again.
    pub(super) fn retry(&self) {
        let mut lines = self.lines();
        let failed = std::mem::take(&mut lines.failed);
        lines.ready.extend(failed);
        self.added.notify_one();
    }

    /// Gives up the jobs of these assets that are not running.
    pub(super) fn drop_assets(&self, assets: &[AssetId]) {
        for jobs in self.lines().jobs.values_mut() {
            jobs.retain(|job| !assets.contains(&job.asset_id));
        }
    }

    /// Returns true if there are jobs of these assets, running or not.
    pub(super) fn has_assets(&self, assets: &[AssetId]) -> bool {
        let lines = self.lines();
        lines.running.values().any(|asset_id| assets.contains(asset_id))
            || lines.jobs.values().flatten().any(|job| assets.contains(&job.asset_id))
    }

    /// Number of jobs that are not running.
    pub(super) fn len(&self) -> usize {
        self.lines().jobs.values().map(VecDeque::len).sum()
    }

    /// Gives all jobs up.
    pub(super) fn clear(&self) {
        *self.lines() = AccountJobs::default();
    }

    /// Returns true if there are no jobs.
    pub(super) fn is_empty(&self) -> bool {
        self.lines().jobs.is_empty()
    }

    /// Waits for a ready job.
    pub(super) async fn added(&self) {
        self.added.notified().await;
    }

    fn lines(&self) -> MutexGuard<'_, AccountJobs> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountJobs {
    fn push(&mut self, account_id: AccountId, job: Job) {
        let line = self.jobs.entry(account_id);
        if let std::collections::hash_map::Entry::Vacant(_) = line {
            self.ready.push_back(line.key().clone());
        }
        line.or_default().push_back(job);
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::AlertId;

    use super::*;
    use crate::trigger_engine::job::JobAction;

    fn account(number: u8) -> AccountId {
        format!("acc_{number:026}").parse().unwrap()
    }

    fn job(number: u128) -> Job {
        let alert_id = AlertId::from_bits(number);
        let action = JobAction::Alert { alert_id, price: cnop_domain::Price::ZERO, quote_seq: 1 };
        Job { asset_id: "BTC".parse().unwrap(), action }
    }

    fn next(backlog: &Backlog) -> Option<(AccountId, u128)> {
        let Some((account_id, Job { action: JobAction::Alert { alert_id, .. }, .. })) = backlog.next() else {
            return None;
        };
        Some((account_id, alert_id.bits()))
    }

    #[test]
    fn accounts_take_turns_and_each_does_one_thing_at_a_time() {
        let backlog = Backlog::default();
        for (owner, number) in [(1, 11), (1, 12), (2, 21), (1, 13)] {
            backlog.add(account(owner), job(number));
        }
        assert_eq!(next(&backlog), Some((account(1), 11)));
        assert_eq!(next(&backlog), Some((account(2), 21)));
        assert_eq!(next(&backlog), None, "both are at work");
        backlog.add(account(2), job(22));
        backlog.done(account(2), None);
        assert_eq!(next(&backlog), Some((account(2), 22)));
        backlog.done(account(1), None);
        assert_eq!(next(&backlog), Some((account(1), 12)));
        backlog.done(account(1), None);
        backlog.done(account(2), None);
        assert_eq!(next(&backlog), Some((account(1), 13)));
        backlog.done(account(1), None);
        assert_eq!(next(&backlog), None);
        assert!(backlog.lines().jobs.is_empty(), "no line is kept for an account with nothing to do");
    }

    /// Of a take-profit that is reached first and a stop that is reached second the first must win.
    #[test]
    fn a_failed_job_is_retried_first_and_blocks_no_other_account() {
        let backlog = Backlog::default();
        for (owner, number) in [(1, 11), (1, 12), (2, 21)] {
            backlog.add(account(owner), job(number));
        }
        let (owner, failed) = backlog.next().unwrap();
        backlog.done(owner, Some(failed));
        backlog.add(account(1), job(13));
        assert_eq!(next(&backlog), Some((account(2), 21)));
        assert_eq!(next(&backlog), None, "the other jobs of the account wait behind the one that failed");
        backlog.done(account(2), None);
        backlog.retry();
        for number in [11, 12, 13] {
            assert!(!backlog.is_empty());
            assert_eq!(next(&backlog), Some((account(1), number)));
            assert_eq!(next(&backlog), None);
            backlog.done(account(1), None);
        }
        assert_eq!(next(&backlog), None);
        assert!(backlog.is_empty());
    }
}
