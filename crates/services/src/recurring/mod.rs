//! Recurring orders: purchases for an amount on a schedule.
//!
//! A plan is an item of its account. While it is active, another item says when its next run is due, in one partition
//! for all accounts, ordered by time. So a tick reads only the due runs. A run is one transaction with its order, so it
//! happens once or not at all.
//!
//! | module | subject |
//! |---|---|
//! | `request` | parsing of amount and schedule |
//! | `change` | creating, changing and removing plans |
//! | `run` | execution of due runs |
//! | `plan` | the effect of a run on a plan, and its view |

mod change;
mod plan;
mod request;
mod run;

use cnop_api::trading::{
    OrderRequest, PreviewProblem, RecurringPreview, RecurringRequest, RecurringUpdate, RecurringView,
};
use cnop_api::{Caller, Figure, Problem, Timestamp};
use cnop_domain::PlanId;

#[cfg(test)]
pub(crate) use change::PLANS_MAX;
pub use change::not_found;
pub(crate) use run::DueRuns;

use crate::account::{Accounts, Idempotent};
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::orders::Orders;

/// Number of runs in a preview.
const NEXT_RUNS: usize = 5;

/// The use cases of recurring orders. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recurring {
    accounts: Accounts,
    orders: Orders,
}

impl Recurring {
    pub(crate) fn new(accounts: Accounts) -> Self {
        Self { orders: Orders::new(accounts.clone()), accounts }
    }

    /// Creates a recurring order. Its first run is the first scheduled time after now.
    ///
    /// # Errors
    /// `request.invalid` for an invalid field, refusals of the amount as an order's size,
    /// `asset.not_tradable`, `recurring.too_many`.
    pub async fn create(
        &self,
        caller: &Caller,
        request: RecurringRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<RecurringView> {
        let command = self.parsed(&request)?;
        let idempotent = Idempotent::of("recurring", key, &request)?;
        self.accounts.execute(&caller.account_id, &command, idempotent).await
    }

    fn parsed(&self, request: &RecurringRequest) -> Result<request::CreatePlan> {
        let catalogue = self.accounts.context.environment.market.catalogue();
        request::read(request, catalogue).map_err(Error::Invalid)
    }

    /// The account's recurring orders, newest first.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<RecurringView>> {
        let plans = self.accounts.plans(&caller.account_id).await?;
        Ok(plans.iter().rev().map(|plan| plan.record.view(plan.id)).collect())
    }

    /// One recurring order.
    ///
    /// # Errors
    /// `recurring.not_found`.
    pub async fn get(&self, caller: &Caller, plan_id: PlanId) -> Result<RecurringView> {
        let plan = self.accounts.plan(&caller.account_id, plan_id).await?.ok_or_else(not_found)?;
        Ok(plan.record.view(plan.id))
    }

    /// Changes, pauses or resumes a recurring order; an omitted member stays. A changed schedule and a
    /// resumed plan start with the first scheduled time after now.
    ///
    /// # Errors
    /// `recurring.not_found`; as [`Recurring::create`].
    pub async fn update(
        &self,
        caller: &Caller,
        plan_id: PlanId,
        update: RecurringUpdate,
        key: Option<IdempotencyKey>,
    ) -> Result<RecurringView> {
        let idempotent = Idempotent::of("recurring-change", key, &(plan_id, &update))?;
        let command = change::UpdatePlan { plan_id, update };
        self.accounts.execute(&caller.account_id, &command, idempotent).await
    }

    /// Ends a recurring order. The orders that it placed stay.
    ///
    /// # Errors
    /// `recurring.not_found`.
    pub async fn delete(&self, caller: &Caller, plan_id: PlanId, key: Option<IdempotencyKey>) -> Result<()> {
        let idempotent = Idempotent::of("recurring-end", key, &plan_id)?;
        self.accounts.execute(&caller.account_id, &change::RemovePlan { plan_id }, idempotent).await
    }

    /// Previews a recurring order: its next runs, and a run at this moment. Nothing is written.
    ///
    /// # Errors
    /// `request.invalid` for an invalid field; when the account cannot be read.
    pub async fn preview(&self, caller: &Caller, request: RecurringRequest) -> Result<RecurringPreview> {
        let command = self.parsed(&request)?;
        let now_us = self.accounts.context.now_us();
        let mut next_runs = Vec::with_capacity(NEXT_RUNS);
        let mut run = Timestamp(now_us);
        for _ in 0..NEXT_RUNS {
            run = command.schedule.next_after(run);
            next_runs.push(run);
        }
        let plans = self.accounts.plans(&caller.account_id).await?;
        let refusals = [
            change::amount_check(&self.accounts, command.asset_id, command.amount, now_us).err(),
            change::room_check(plans.len()).err(),
        ];
        let problems = refusals.into_iter().flatten().map(|error| Problem::from(error).into()).collect();
        let purchase = OrderRequest {
            side: Some("buy".to_owned()),
            kind: Some("market".to_owned()),
            asset_id: request.asset_id,
            quote_quantity: Some(Figure(command.amount.to_string())),
            ..OrderRequest::default()
        };
        let order = match self.orders.preview(caller, purchase).await {
            Ok(mut order) => {
                order.problems.iter_mut().for_each(|problem: &mut PreviewProblem| {
                    change::member_rename(&mut problem.errors);
                });
                Some(order)
            }
            // Without a price there is no preview; the refusal is among the problems.
            Err(Error::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(RecurringPreview { next_runs, order, problems })
    }
}
