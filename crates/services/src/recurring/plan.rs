//! A recurring order: how a run changes it, and its view.

use cnop_api::Timestamp;
use cnop_api::trading::{RecurringOutcome, RecurringReason, RecurringRun, RecurringStatus, RecurringView};
use cnop_domain::{AccountId, FAILED_RUNS_MAX, PlanId};
use cnop_store::{Condition, Write};

use super::request::{cadence_parts, time_text};
use crate::error::Result;
use crate::records::{DueRun, PlanRecord, PlanStatus, RunOutcome, RunRecord, encode, run_key};

impl PlanRecord {
    /// The plan after a run, with the next one at `next`. A late run says nothing about the plan, so it
    /// does not count as refused.
    pub(super) fn after_run(&self, run: RunRecord, next: Timestamp) -> Self {
        let (run_count, refused_in_a_row) = match &run.outcome {
            RunOutcome::Ran { .. } => (self.run_count.saturating_add(1), 0),
            RunOutcome::Skipped { reason: RecurringReason::TooLate } => {
                (self.run_count, self.refused_in_a_row)
            }
            RunOutcome::Skipped { .. } => (self.run_count, self.refused_in_a_row.saturating_add(1)),
        };
        Self {
            status: PlanStatus::Active { next_us: next.0 },
            run_count,
            refused_in_a_row,
            updated_us: run.time_us,
            last_run: Some(run),
            ..self.clone()
        }
    }

    /// The plan, paused, when too many of its runs were refused in a row.
    pub(super) fn pause_itself(&self) -> Option<Self> {
        let reason = self.last_run.as_ref().and_then(|run| run.outcome.reason())?;
        (self.refused_in_a_row >= FAILED_RUNS_MAX && self.status.reason().is_none())
            .then(|| Self { status: PlanStatus::Paused { reason }, ..self.clone() })
    }

    /// The plan as the world sees it.
    pub(crate) fn view(&self, plan_id: PlanId) -> RecurringView {
        let (interval, weekday, day) = cadence_parts(self.schedule.cadence);
        RecurringView {
            recurring_id: plan_id,
            asset_id: self.asset_id,
            amount: self.amount,
            interval,
            time: time_text(&self.schedule),
            weekday,
            day,
            status: if self.status.next().is_some() {
                RecurringStatus::Active
            } else {
                RecurringStatus::Paused
            },
            status_reason: self.status.reason(),
            next_run_at: self.status.next(),
            last_run: self.last_run.as_ref().map(RunRecord::view),
            run_count: self.run_count,
            skipped_in_a_row: self.refused_in_a_row,
            created_at: Timestamp(self.created_us),
            updated_at: Timestamp(self.updated_us),
        }
    }
}

impl RunRecord {
    fn view(&self) -> RecurringRun {
        let order = match &self.outcome {
            RunOutcome::Ran { order } => Some(*order),
            RunOutcome::Skipped { .. } => None,
        };
        RecurringRun {
            due_at: Timestamp(self.due_us),
            run_at: Timestamp(self.time_us),
            outcome: if self.outcome.reason().is_some() {
                RecurringOutcome::Skipped
            } else {
                RecurringOutcome::Ran
            },
            reason: self.outcome.reason(),
            order_id: order,
        }
    }
}

/// The writes that keep a plan's item among the runs to come in step with the plan.
pub(super) fn run_writes(
    account_id: &AccountId,
    plan_id: PlanId,
    before: Option<&PlanRecord>,
    after: Option<&PlanRecord>,
) -> Result<Vec<Write>> {
    let next = |plan: Option<&PlanRecord>| plan.and_then(|plan| plan.status.next());
    let mut writes = Vec::with_capacity(2);
    if next(before) == next(after) {
        return Ok(writes);
    }
    if let Some(due) = next(before) {
        writes.push(Write::delete(run_key(due, account_id, plan_id), Condition::Present));
    }
    if let (Some(due), Some(plan)) = (next(after), after) {
        let run = DueRun { account_id: account_id.clone(), plan: plan_id, asset_id: plan.asset_id };
        writes.push(Write::put(run_key(due, account_id, plan_id), encode(&run)?, Condition::Absent));
    }
    Ok(writes)
}

#[cfg(test)]
mod tests {
    use cnop_api::Code;

    use super::*;
    use crate::records::plan_fixture::{plan, skipped};

    #[test]
    fn three_refused_runs_in_a_row_pause_a_plan() {
        let mut plan = plan();
        for _ in 0..2 {
            plan = plan
                .after_run(skipped(RecurringReason::Problem(Code::BalanceInsufficientFunds)), Timestamp(800));
            assert_eq!(plan.pause_itself(), None);
        }
        plan = plan.after_run(skipped(RecurringReason::TooLate), Timestamp(900));
        assert_eq!((plan.refused_in_a_row, plan.pause_itself()), (2, None), "too late is not refused");
        let third = plan.after_run(skipped(RecurringReason::Problem(Code::GuardDailyLoss)), Timestamp(1_000));
        let paused = third.pause_itself().unwrap();
        assert_eq!(
            paused.status,
            PlanStatus::Paused { reason: RecurringReason::Problem(Code::GuardDailyLoss) }
        );
        let ran = RunRecord {
            outcome: RunOutcome::Ran { order: cnop_domain::OrderId::from_bits(5) },
            ..skipped(RecurringReason::TooLate)
        };
        let bought = plan.after_run(ran, Timestamp(1_000));
        assert_eq!((bought.run_count, bought.refused_in_a_row, bought.pause_itself()), (4, 0, None));
    }
}
