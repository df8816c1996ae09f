//! Guard rails that traders set for themselves. A tighter limit holds at once, a looser one 24 hours later.

mod request;

use std::collections::BTreeSet;
use std::time::Duration;

use cnop_api::trading::{GuardLimits, GuardName, GuardRails, GuardRailsUpdate, PendingGuard};
use cnop_api::{Caller, Code, Problem, Timestamp};
use cnop_domain::{AccountId, Amount, Guard, Guarded, LossRecord, Reason};
use cnop_store::StoreError;

use request::{GuardChange, MINUTE_US};

use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent};
use crate::concurrency::try_join_bounded;
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::orders::{OrderAction, OrderCommand, Orders};
use crate::records::EventKind;
use crate::trigger_books::BookChanges;

/// How often the open orders are looked for and canceled when the kill switch is turned on: fills and exits that come
/// to life in between may leave some, and so may a table that is busy.
const CANCEL_PASSES_MAX: u32 = 8;
/// Pause before they are looked for again.
const CANCEL_PAUSE: Duration = Duration::from_millis(250);
/// Accounts whose kill switch is looked at at once when a server starts.
const OWNERS_AT_ONCE: usize = 64;

/// The use cases of guard rails. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Guards {
    accounts: Accounts,
    orders: Orders,
}

impl Guards {
    pub(crate) fn new(accounts: Accounts) -> Self {
        Self { orders: Orders::new(accounts.clone()), accounts }
    }

    /// What is in force, and what will be.
    ///
    /// # Errors
    /// When the account cannot be read.
    pub async fn get(&self, caller: &Caller) -> Result<GuardRails> {
        let head = self.accounts.head(&caller.account_id).await?;
        Ok(view(&head.guard, &head.losses, self.accounts.context.now_us()))
    }

    /// Sets, changes or lifts guard rails. When the kill switch is asked for, no order is open once this answers; the
    /// orders are canceled also when nobody waits for the answer any more.
    ///
    /// # Errors
    /// `request.invalid` for a bad field. `service.contention` when the kill switch is on and orders are still open:
    /// asking for it again goes on canceling.
    pub async fn update(
        &self,
        caller: &Caller,
        update: GuardRailsUpdate,
        key: Option<IdempotencyKey>,
    ) -> Result<GuardRails> {
        let change = request::read(&update)?;
        let idempotent = Idempotent::of("guards", key, &update)?;
        let (own, account_id) = (self.clone(), caller.account_id.clone());
        let set = async move {
            let done = own.accounts.execute(&account_id, &SetGuards { change }, idempotent).await;
            if change.kill_switch != Some(true) {
                return done;
            }
            // Also when nobody knows whether it was committed: what the account says counts.
            let closed = own.open_orders_cancel(&account_id).await;
            let rails = done?;
            closed.map(|()| rails)
        };
        let ended = tokio::spawn(set).await;
        ended.map_err(|error| Error::Internal(format!("setting the guards ended early: {error}")))?
    }

    /// Cancels all open orders when the kill switch is on. No order is accepted any more then, and what is open now is
    /// all there is to cancel. A repeated command of a switch that is off again cancels nothing.
    async fn open_orders_cancel(&self, account_id: &AccountId) -> Result<()> {
        let mut left = self.open_orders_pass(account_id).await;
        for _ in 1..CANCEL_PASSES_MAX {
            if matches!(left, Ok(0)) {
                return Ok(());
            }
            tokio::time::sleep(CANCEL_PAUSE).await;
            left = self.open_orders_pass(account_id).await;
        }
        match left {
            Ok(0) => Ok(()),
            Ok(orders) => Err(still_open(Some(orders))),
            Err(error) => {
                tracing::warn!(%error, "a kill switch could not look for open orders");
                Err(still_open(None))
            }
        }
    }

    /// Cancels what is open, and answers how much still is.
    async fn open_orders_pass(&self, account_id: &AccountId) -> Result<usize> {
        let head = self.accounts.head(account_id).await?;
        let is_on = head.guard.at(self.accounts.context.now_us()).kill_switch;
        if !is_on || self.orders.open_orders(account_id).await?.is_empty() {
            return Ok(0);
        }
        self.orders.cancel_each(account_id, None, Reason::KillSwitch).await?;
        Ok(self.orders.open_orders(account_id).await?.len())
    }
}

/// The kill switch is committed, and not all orders could be canceled; perhaps nobody knows how many.
fn still_open(orders: Option<usize>) -> Error {
    let what = match orders {
        Some(1) => "1 order is".to_owned(),
        Some(orders) => format!("{orders} orders are"),
        None => "orders may be".to_owned(),
    };
    let detail = format!("Your kill switch is on; {what} still open. Ask for it again to go on canceling.");
    let problem = Problem::new(Code::Contention, detail).retry_after(1);
    match orders {
        Some(orders) => problem.with_fact("open_orders", orders),
        None => problem,
    }
    .into()
}

/// Cancels the open orders of those accounts whose kill switch is on: it was turned on, and the server stopped before it
/// came to all of them. Answers how many items cannot be read, or orders canceled.
pub(crate) async fn kill_switches_finish(accounts: &Accounts, owners: &BTreeSet<AccountId>) -> Result<usize> {
    let unreadable = try_join_bounded(owners.iter().cloned(), OWNERS_AT_ONCE, |owner| {
        let accounts = accounts.clone();
        async move {
            let head = match accounts.head(&owner).await {
                Err(error) if error.is_unreadable() => {
                    tracing::error!(cause = ?error, account_id = owner.as_str(), "an account's head cannot be read");
                    return Ok(1);
                }
                head => head?,
            };
            if head.guard.at(accounts.context.now_us()).kill_switch {
                kill_switch_finish(&accounts, &owner).await
            } else {
                Ok(0)
            }
        }
    });
    Ok(unreadable.await?.into_iter().sum())
}

/// Cancels the open orders of one account until nothing of it fails that may not fail in a moment; answers how many of
/// them cannot be read or canceled. Only a table that is away ends it: nothing of one account keeps the venue closed.
async fn kill_switch_finish(accounts: &Accounts, owner: &AccountId) -> Result<usize> {
    let mut failed = cancel_failures(accounts, owner).await;
    for _ in 1..CANCEL_PASSES_MAX {
        if failed.iter().all(Error::is_unreadable) {
            break;
        }
        tokio::time::sleep(CANCEL_PAUSE).await;
        failed = cancel_failures(accounts, owner).await;
    }
    if let Some(away) = failed.iter().position(is_away) {
        return Err(failed.swap_remove(away));
    }
    for error in &failed {
        tracing::error!(cause = ?error, account_id = owner.as_str(), "an order stays open under a kill switch");
    }
    Ok(failed.len())
}

/// Cancels the open orders of one account; answers why some still are open.
async fn cancel_failures(accounts: &Accounts, owner: &AccountId) -> Vec<Error> {
    let open = match Orders::new(accounts.clone()).open_orders(owner).await {
        Ok(open) => open,
        Err(error) => return vec![error],
    };
    let mut failed = Vec::new();
    for order_id in open {
        let command =
            OrderCommand { order_id, action: OrderAction::Cancel(Reason::KillSwitch), if_match: None };
        match accounts.execute_for_engine(owner, &command).await {
            Ok(_) => {}
            // It was closed with another one of its group.
            Err(Error::Refused(problem))
                if matches!(problem.code, Code::OrderClosed | Code::OrderNotFound) => {}
            Err(error) => failed.push(error),
        }
    }
    failed
}

/// Whether nothing can be done about an error but to wait for what we depend on.
const fn is_away(error: &Error) -> bool {
    matches!(error, Error::Store(StoreError::Busy | StoreError::Unavailable(_)) | Error::Unavailable(_))
}

/// A change of the guard rails.
#[derive(Debug)]
struct SetGuards {
    change: GuardChange,
}

impl AccountCommand for SetGuards {
    type Output = GuardRails;

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<GuardRails>> {
        let before = state.head.guard;
        // What was asked for last stays asked for.
        let asked = before.pending.map_or(before.current, |pending| pending.guard);
        let after = Guard::tighten_or_schedule(&before, self.change.of(asked), state.now_us);
        let appended = if after == before {
            state.unchanged()?
        } else {
            state.append(EventKind::GuardChanged(after), cnop_domain::Postings::default())?
        };
        let answer = view(&after, &state.head.losses, state.now_us);
        Ok(CommitPlan { appended, writes: Vec::new(), books: BookChanges::default(), answer })
    }
}

/// Guard rails as the world sees them at a moment.
pub(crate) fn view(guarded: &Guarded, losses: &LossRecord, now_us: i64) -> GuardRails {
    let in_force = guarded.at(now_us);
    let pending = guarded.pending.filter(|pending| pending.from_us > now_us);
    let paused_until_us =
        in_force.pause_after_loss_us.and_then(|pause_us| losses.last_loss_us?.checked_add(pause_us));
    GuardRails {
        in_force: limits(&in_force),
        pending: pending
            .map(|pending| differences(&limits(&in_force), &limits(&pending.guard), pending.from_us))
            .unwrap_or_default(),
        loss_today: losses.lost_on_day_of(now_us),
        cool_down_until: paused_until_us.filter(|until_us| *until_us > now_us).map(Timestamp),
    }
}

fn limits(guard: &Guard) -> GuardLimits {
    GuardLimits {
        largest_order: guard.order_max,
        daily_loss: guard.daily_loss_max,
        cool_down_minutes: guard
            .pause_after_loss_us
            .and_then(|pause_us| u32::try_from(pause_us / MINUTE_US).ok()),
        kill_switch: guard.kill_switch,
    }
}

/// The guards that will be others, one entry each.
fn differences(in_force: &GuardLimits, later: &GuardLimits, from_us: i64) -> Vec<PendingGuard> {
    let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
    let (now, minutes) = (in_force, later.cool_down_minutes);
    let guards = [
        (GuardName::LargestOrder, now.largest_order != later.largest_order, text(later.largest_order)),
        (GuardName::DailyLoss, now.daily_loss != later.daily_loss, text(later.daily_loss)),
        (
            GuardName::CoolDownMinutes,
            now.cool_down_minutes != minutes,
            minutes.map(|minutes| minutes.to_string()),
        ),
        // What is pending is looser: here that is always off, which is no value.
        (GuardName::KillSwitch, now.kill_switch != later.kill_switch, None),
    ];
    let effective_at = Timestamp(from_us);
    guards
        .into_iter()
        .filter(|(_, differs, _)| *differs)
        .map(|(guard, _, value)| PendingGuard { guard, value, effective_at })
        .collect()
}
