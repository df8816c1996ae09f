//! Due runs: each is one transaction with its order.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cnop_api::trading::RecurringReason;
use cnop_api::{Code, Problem};
use cnop_domain::{AssetId, Due, PlanId, RUN_LATE_MAX_US, Timestamp};
use cnop_store::TableQuery;
use tokio::task::JoinSet;

use super::change::{not_found, plan_writes};
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Loaded, Reads};
use crate::error::{Error, Result};
use crate::orders::{OrderSubmission, market_quote};
use crate::ownership::{BookShard, Owner};
use crate::records::{
    DueRun, EventKind, PlanRecord, RUNS_PK, RecurringChange, RunOutcome, RunRecord, decode, run_due,
};
use crate::trigger_books::BookChanges;

/// Minimum interval between two checks for due runs, in µs: schedules have a resolution of minutes.
const LOOK_US: i64 = 1_000_000;
/// Runs that are read at once.
const READ_AT_ONCE: u32 = 256;
/// Runs of one tick at most, so that orders that wait for prices do not wait for them; the rest follows with the next.
const RUNS_MAX: usize = 512;
/// Maximum runs read by one tick; runs without a price stay among them until they are too late.
const READ_MAX: usize = 20_000;
/// Runs that are worked on at once.
const RUNS_AT_ONCE: usize = 64;

/// Finds the runs that are due and does them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct DueRuns {
    accounts: Accounts,
    /// Time of the next check, in µs since 1970.
    next_look_us: Arc<AtomicI64>,
    /// Last run read before a bound ended the check. The next check continues after it, so that failing runs,
    /// and those without a price, delay no others.
    reached: Arc<Mutex<Option<String>>>,
}

/// Result of a check for due runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RunReport {
    /// Runs that bought or were left out.
    pub(crate) done: usize,
    /// Runs that are tried again.
    pub(crate) failed: usize,
}

impl DueRuns {
    pub(crate) fn new(accounts: Accounts) -> Self {
        Self { accounts, next_look_us: Arc::new(AtomicI64::new(i64::MIN)), reached: Arc::default() }
    }

    /// Executes due runs, once a second at most.
    pub(crate) async fn work(&self) -> RunReport {
        // One server works on them; a second one would only lose every race for a version.
        if self.accounts.ownership.owner(BookShard::RUNS) != Owner::Here {
            return RunReport::default();
        }
        let now_us = self.accounts.context.now_us();
        if now_us < self.next_look_us.load(Ordering::Relaxed) {
            return RunReport::default();
        }
        let (due, reached) = match self.due(now_us).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "recurring orders that are due could not be read");
                return RunReport { done: 0, failed: 1 };
            }
        };
        // All due runs were read: the next check starts at the front again.
        if reached.is_none() {
            self.next_look_us.store(now_us.saturating_add(LOOK_US), Ordering::Relaxed);
        }
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = reached;
        let mut report = RunReport::default();
        let mut waiting = due.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < RUNS_AT_ONCE
                && let Some((time, run)) = waiting.next()
            {
                let accounts = self.accounts.clone();
                running.spawn(async move { run_one(&accounts, time, &run).await });
            }
            match running.join_next().await {
                Some(Ok(true)) => report.done += 1,
                Some(Ok(false)) => report.failed += 1,
                Some(Err(error)) => {
                    tracing::error!(%error, "a run ended early");
                    report.failed += 1;
                }
                None => return report,
            }
        }
    }

    /// Executable due runs, earliest first, from where the last check ended; and where this one ended when
    /// there may be more.
    async fn due(&self, now_us: i64) -> Result<(Vec<(Timestamp, DueRun)>, Option<String>)> {
        let mut due = Vec::new();
        let mut read = 0;
        let mut after = self.reached.lock().unwrap_or_else(PoisonError::into_inner).clone();
        loop {
            // `~` sorts after everything that can follow the time.
            let query =
                TableQuery::between(RUNS_PK, "0", format!("{now_us:020}~"), READ_AT_ONCE).after(after.take());
            let page = self.accounts.context.environment.table.query(&query).await?;
            read += page.items.len();
            for item in &page.items {
                let (Some(time), Ok(run)) = (run_due(&item.key.sk), decode::<DueRun>(&item.body)) else {
                    // The audit says so, too; the runs of others do not wait for it.
                    tracing::error!(sk = item.key.sk, "a run to come cannot be read");
                    continue;
                };
                // Without a price nothing can be bought: the run waits until it is too late.
                if Timestamp(now_us).us_since(time) > RUN_LATE_MAX_US
                    || is_priced(&self.accounts, run.asset_id, now_us)
                {
                    due.push((time, run));
                }
            }
            if !page.more {
                return Ok((due, None));
            }
            after = page.items.last().map(|item| item.key.sk.clone());
            if due.len() >= RUNS_MAX || read >= READ_MAX {
                return Ok((due, after));
            }
        }
    }
}

/// Returns true if a run can be decided now: there is a price, or there will never be one.
fn is_priced(accounts: &Accounts, asset_id: AssetId, now_us: i64) -> bool {
    match market_quote(&accounts.context, asset_id, now_us) {
        Ok(quoted) => quoted.age_check(&accounts.context).is_ok(),
        Err(_) => !is_listed(accounts, asset_id),
    }
}

/// Returns true if the venue trades the asset at all.
fn is_listed(accounts: &Accounts, asset_id: AssetId) -> bool {
    accounts.context.environment.market.catalogue().get(asset_id).is_some_and(|asset| asset.is_active)
}

/// Executes one run; returns whether it is done.
async fn run_one(accounts: &Accounts, due: Timestamp, run: &DueRun) -> bool {
    let command = RunPlan { plan_id: run.plan, due };
    // The owner has ordered it before, so it gets a turn however full the queue is.
    match accounts.execute_for_engine(&run.account_id, &command).await {
        Ok(()) => true,
        // Paused, changed or removed between the look and now, or done by another server.
        Err(Error::Refused(problem)) if problem.code == Code::RecurringNotFound => true,
        Err(error) => {
            tracing::warn!(%error, "a run of a recurring order is tried again");
            false
        }
    }
}

/// A run of a recurring order that is due.
#[derive(Debug)]
struct RunPlan {
    plan_id: PlanId,
    /// The run that was planned.
    due: Timestamp,
}

impl AccountCommand for RunPlan {
    type Output = ();

    fn reads(&self) -> Reads {
        Reads::Plan(self.plan_id)
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<()>> {
        let plan = state.plans.first().filter(|plan| plan.record.status.next() == Some(self.due));
        let plan = plan.ok_or_else(not_found)?;
        match plan.record.schedule.due(self.due, Timestamp(state.now_us)) {
            Due::Later => Err(not_found()),
            Due::Skip { run, next } => skip(state, plan, run, next, RecurringReason::TooLate),
            // Several were missed and there is no price: the latest of them waits for one.
            Due::Run { run, .. }
                if run > self.due && !is_priced(accounts, plan.record.asset_id, state.now_us) =>
            {
                skip(state, plan, self.due, run, RecurringReason::TooLate)
            }
            Due::Run { run, next } => buy(accounts, state, plan, run, next),
        }
    }
}

/// Buys, or leaves the run out when the purchase is refused.
fn buy(
    accounts: &Accounts,
    state: &AccountState<'_>,
    plan: &Loaded<PlanRecord>,
    due: Timestamp,
    next: Timestamp,
) -> Result<CommitPlan<()>> {
    let PlanRecord { asset_id, amount, .. } = plan.record;
    let commit = match OrderSubmission::purchase(asset_id, amount).decide(accounts, state) {
        Ok(commit) => commit,
        Err(error) if !is_refusal(&error, is_listed(accounts, asset_id)) => return Err(error),
        Err(error) => {
            return skip(state, plan, due, next, RecurringReason::Problem(Problem::from(error).code));
        }
    };
    let order = commit.orders.first().map(|(order_id, _)| *order_id);
    let order = order.ok_or_else(|| Error::Internal("a run has no order".to_owned()))?;
    let run = RunRecord { due_us: due.0, time_us: state.now_us, outcome: RunOutcome::Ran { order } };
    let after = plan.record.after_run(run, next);
    let mut writes = commit.writes;
    writes.extend(plan_writes(state, plan, Some(&after))?);
    let appended = commit.appended.tell(state, recurring_event(plan.id, RecurringChange::Ran, after))?;
    Ok(CommitPlan { appended, writes, books: commit.books, answer: () })
}

/// Returns true if an error says something about the order; everything else passes, and the run is tried again.
fn is_refusal(error: &Error, is_listed: bool) -> bool {
    match error {
        Error::Refused(problem) if problem.code == Code::AssetNotTradable => !is_listed,
        Error::Invalid(_) | Error::Refused(_) => true,
        Error::PriceStale { .. }
        | Error::Contention
        | Error::Invariant(_)
        | Error::Store(_)
        | Error::Coordination(_)
        | Error::Market(_)
        | Error::Unavailable(_)
        | Error::Internal(_) => false,
    }
}

/// Leaves a run out and says why; the plan pauses itself when that happens too often.
fn skip(
    state: &AccountState<'_>,
    plan: &Loaded<PlanRecord>,
    due: Timestamp,
    next: Timestamp,
    reason: RecurringReason,
) -> Result<CommitPlan<()>> {
    let outcome = RunOutcome::Skipped { reason };
    let run = RunRecord { due_us: due.0, time_us: state.now_us, outcome };
    let skipped = plan.record.after_run(run, next);
    let paused = skipped.pause_itself();
    let mut draft = state.draft();
    let nothing = cnop_domain::Postings::default;
    draft.push(recurring_event(plan.id, RecurringChange::Skipped, skipped.clone()), nothing())?;
    if let Some(paused) = &paused {
        draft.push(recurring_event(plan.id, RecurringChange::Paused, paused.clone()), nothing())?;
    }
    let after = paused.unwrap_or(skipped);
    let writes = plan_writes(state, plan, Some(&after))?;
    Ok(CommitPlan { appended: draft.finish()?, writes, books: BookChanges::default(), answer: () })
}

fn recurring_event(plan: PlanId, what: RecurringChange, after: PlanRecord) -> EventKind {
    EventKind::Recurring { plan, what, after: Box::new(after) }
}
