//! Creation, change and end of recurring orders.

use cnop_api::trading::parse::amount_read;
use cnop_api::trading::{RecurringReason, RecurringStatus, RecurringUpdate, RecurringView};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{Amount, AssetId, PlanId, Quantity, Timestamp};
use cnop_store::{Condition, Write};

use super::plan::run_writes;
use super::request::{CreatePlan, schedule_after};
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Loaded, Reads};
use crate::daily_allowance::StorageUse;
use crate::error::{Error, Result};
use crate::orders::{market_quote, purchase_terms, refused};
use crate::records::{AutomationEvent, EventKind, PlanRecord, PlanStatus, RecurringChange, encode, plan_key};
use crate::trigger_books::BookChanges;

/// Most recurring orders of one account.
pub(crate) const PLANS_MAX: usize = 50;

/// A change of a recurring order.
#[derive(Debug)]
pub(super) struct UpdatePlan {
    pub(super) plan_id: PlanId,
    pub(super) update: RecurringUpdate,
}

/// The end of a recurring order.
#[derive(Debug)]
pub(super) struct RemovePlan {
    pub(super) plan_id: PlanId,
}

/// The refusal of a recurring order that the account does not have.
#[must_use]
pub fn not_found() -> Error {
    Problem::new(Code::RecurringNotFound, "There is no recurring order with this id in your account.").into()
}

/// Refuses an amount that is invalid for a purchase at the present price.
pub(super) fn amount_check(
    accounts: &Accounts,
    asset_id: AssetId,
    amount: Amount,
    now_us: i64,
) -> Result<()> {
    let market = market_quote(&accounts.context, asset_id, now_us)?.market;
    let checked = purchase_terms(asset_id, amount).check(&market, Quantity::ZERO);
    checked.map(|_| ()).map_err(|refusal| {
        let mut problem = Problem::from(refused(&refusal, asset_id, &[]));
        member_rename(&mut problem.errors);
        problem.into()
    })
}

/// An order's `quote_quantity` is the `amount` of a recurring order.
pub(super) fn member_rename(errors: &mut [FieldError]) {
    for error in errors.iter_mut().filter(|error| error.member() == Some("quote_quantity")) {
        error.pointer = Some("#/amount".to_owned());
    }
}

/// Refuses more recurring orders than an account may have.
pub(super) fn room_check(plans: usize) -> Result<()> {
    if plans < PLANS_MAX {
        return Ok(());
    }
    let detail = format!("An account may have {PLANS_MAX} recurring orders. Remove one first.");
    Err(Problem::new(Code::RecurringTooMany, detail).with_fact("limit", PLANS_MAX).into())
}

impl AccountCommand for CreatePlan {
    type Output = RecurringView;

    fn reads(&self) -> Reads {
        Reads::Plans
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<RecurringView>> {
        amount_check(accounts, self.asset_id, self.amount, state.now_us)?;
        room_check(state.plans.len())?;
        let record = PlanRecord {
            asset_id: self.asset_id,
            amount: self.amount,
            schedule: self.schedule,
            status: PlanStatus::Active { next_us: self.schedule.next_after(Timestamp(state.now_us)).0 },
            last_run: None,
            run_count: 0,
            refused_in_a_row: 0,
            created_us: state.now_us,
            updated_us: state.now_us,
        };
        let newest = state.plans.last().map(|plan| plan.id).unwrap_or_default();
        let plan_id = PlanId::next(state.now_us, accounts.context.environment.entropy.as_ref(), newest);
        let mut writes = run_writes(state.account_id, plan_id, None, Some(&record))?;
        writes.push(Write::put(plan_key(state.account_id, plan_id), encode(&record)?, Condition::Absent));
        let answer = record.view(plan_id);
        let created = AutomationEvent::RecurringCreated { plan: plan_id, after: record };
        Ok(CommitPlan {
            appended: state.append_automation(&created)?,
            writes,
            books: BookChanges::default(),
            answer,
        })
    }
}

impl UpdatePlan {
    /// The plan after the change.
    fn after(&self, accounts: &Accounts, before: &PlanRecord, now_us: i64) -> Result<PlanRecord> {
        let mut errors = Vec::new();
        let amount = match &self.update.amount {
            Some(figure) => amount_read("amount", figure).map_err(|error| errors.push(error)).ok(),
            None => Some(before.amount),
        };
        let schedule = schedule_after(&self.update, &before.schedule);
        let schedule = schedule.map_err(|faults| errors.extend(faults)).ok();
        let status = self.update.status.as_deref().and_then(|text| {
            let status = RecurringStatus::from_text(text);
            if status.is_none() {
                let detail = "The status must be active or paused.";
                errors.push(FieldError::new("status", "one_of", detail).given(text));
            }
            status
        });
        let is_activated = status == Some(RecurringStatus::Active);
        let wants_active = status.map_or(before.status.next().is_some(), |_| is_activated);
        let (Some(amount), Some(schedule), true) = (amount, schedule, errors.is_empty()) else {
            return Err(Error::Invalid(errors));
        };
        if amount != before.amount {
            amount_check(accounts, before.asset_id, amount, now_us)?;
        }
        let status = match (&before.status, wants_active) {
            // A run that is due stays due.
            (PlanStatus::Active { next_us }, true) if schedule == before.schedule => {
                PlanStatus::Active { next_us: *next_us }
            }
            (_, true) => PlanStatus::Active { next_us: schedule.next_after(Timestamp(now_us)).0 },
            (PlanStatus::Paused { reason }, false) => PlanStatus::Paused { reason: *reason },
            (PlanStatus::Active { .. }, false) => PlanStatus::Paused { reason: RecurringReason::User },
        };
        let refused_in_a_row = if is_activated { 0 } else { before.refused_in_a_row };
        Ok(PlanRecord { amount, schedule, status, refused_in_a_row, updated_us: now_us, ..before.clone() })
    }
}

impl AccountCommand for UpdatePlan {
    type Output = RecurringView;

    fn storage_use(&self) -> StorageUse {
        // Pausing protects the trader; another amount or schedule is a command like others.
        let pauses = self.update.status.as_deref() == Some(RecurringStatus::Paused.as_str());
        if pauses { StorageUse::Protective } else { StorageUse::Counted }
    }

    fn reads(&self) -> Reads {
        Reads::Plan(self.plan_id)
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<RecurringView>> {
        let plan = state.plans.first().ok_or_else(not_found)?;
        if self.update == RecurringUpdate::default() {
            let detail = "Say what to change: status, amount, interval, time, weekday or day.";
            return Err(Problem::new(Code::RequestInvalid, detail).into());
        }
        let after = self.after(accounts, &plan.record, state.now_us)?;
        let is_paused_now = plan.record.status.next().is_some() && after.status.next().is_none();
        let appended = if is_paused_now {
            let event = EventKind::Recurring {
                plan: self.plan_id,
                what: RecurringChange::Paused,
                after: Box::new(after.clone()),
            };
            state.append(event, cnop_domain::Postings::default())?
        } else {
            state.append_automation(&AutomationEvent::RecurringChanged {
                plan: self.plan_id,
                after: after.clone(),
            })?
        };
        let writes = plan_writes(state, plan, Some(&after))?;
        let answer = after.view(self.plan_id);
        Ok(CommitPlan { appended, writes, books: BookChanges::default(), answer })
    }
}

impl AccountCommand for RemovePlan {
    type Output = ();

    fn storage_use(&self) -> StorageUse {
        StorageUse::Free
    }

    fn reads(&self) -> Reads {
        Reads::Plan(self.plan_id)
    }

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<()>> {
        let plan = state.plans.first().ok_or_else(not_found)?;
        let writes = plan_writes(state, plan, None)?;
        let removed = AutomationEvent::RecurringRemoved { plan: self.plan_id, before: plan.record.clone() };
        let appended = state.append_automation(&removed)?;
        Ok(CommitPlan { appended, writes, books: BookChanges::default(), answer: () })
    }
}

/// Puts or deletes a plan that was read, and keeps its run to come in step.
pub(super) fn plan_writes(
    state: &AccountState<'_>,
    plan: &Loaded<PlanRecord>,
    after: Option<&PlanRecord>,
) -> Result<Vec<Write>> {
    let mut writes = run_writes(state.account_id, plan.id, Some(&plan.record), after)?;
    let key = plan_key(state.account_id, plan.id);
    let condition = Condition::Version(plan.version);
    writes.push(match after {
        Some(after) => Write::put(key, encode(after)?, condition),
        None => Write::delete(key, condition),
    });
    Ok(writes)
}
