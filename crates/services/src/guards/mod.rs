//! Guard rails that traders set for themselves. A tighter limit holds at once, a looser one 24 hours later.

mod request;

use std::collections::BTreeSet;
use std::time::Duration;

use cnop_api::trading::{GuardLimits, GuardName, GuardRails, GuardRailsUpdate, PendingGuard};
use cnop_api::{Caller, Code, Problem, Timestamp};
use cnop_domain::calendar::MINUTE_US;
use cnop_domain::{AccountId, Amount, Guard, Guarded, LossRecord, Reason, Side};
use cnop_store::StoreError;

use request::GuardChange;

use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent};
use crate::concurrency::try_join_bounded;
use crate::daily_allowance::StorageUse;
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::orders::{OrderAction, OrderCommand, Orders};
use crate::records::EventKind;
use crate::trigger_books::BookChanges;

/// Maximum passes of canceling after the kill switch was turned on. A fill or a busy table may leave some
/// purchases open.
const CANCEL_PASSES_MAX: u32 = 8;
/// Pause before they are looked for again.
const CANCEL_PAUSE: Duration = Duration::from_millis(250);
/// Accounts checked for a kill switch at once during start-up.
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

    /// The limits in force, and the pending ones.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn get(&self, caller: &Caller) -> Result<GuardRails> {
        let head = self.accounts.head(&caller.account_id).await?;
        Ok(view(&head.guard, &head.losses, self.accounts.context.now_us()))
    }

    /// Sets, changes or lifts guard rails. If the kill switch is requested, no purchase is open when this
    /// returns. Canceling continues after the client disconnects.
    ///
    /// # Errors
    /// `request.invalid` for an invalid field. `service.contention` when the kill switch is on and purchases are
    /// still open; a repeated request continues.
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
            // Also after an unknown outcome: the account itself is decisive.
            let closed = own.open_purchases_cancel(&account_id).await;
            let rails = done?;
            closed.map(|()| rails)
        };
        let ended = tokio::spawn(set).await;
        ended.map_err(|error| Error::Internal(format!("setting the guards ended early: {error}")))?
    }

    /// Cancels all open purchases while the kill switch is on. No new one is accepted then, so the open ones
    /// are all there is. A repeated command after the switch is off cancels nothing.
    async fn open_purchases_cancel(&self, account_id: &AccountId) -> Result<()> {
        let mut left = self.open_purchases_pass(account_id).await;
        for _ in 1..CANCEL_PASSES_MAX {
            if matches!(left, Ok(0)) {
                return Ok(());
            }
            tokio::time::sleep(CANCEL_PAUSE).await;
            left = self.open_purchases_pass(account_id).await;
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

    /// Cancels the open purchases, and returns how many are left.
    async fn open_purchases_pass(&self, account_id: &AccountId) -> Result<usize> {
        let head = self.accounts.head(account_id).await?;
        if !head.guard.at(self.accounts.context.now_us()).kill_switch {
            return Ok(0);
        }
        let results = self.orders.cancel_each(account_id, None, Reason::KillSwitch).await?;
        Ok(results.iter().filter(|result| result.problem.is_some()).count())
    }
}

/// The kill switch is committed, but not all purchases could be canceled; the number may be unknown.
fn still_open(orders: Option<usize>) -> Error {
    let what = match orders {
        Some(1) => "1 purchase is".to_owned(),
        Some(orders) => format!("{orders} purchases are"),
        None => "purchases may be".to_owned(),
    };
    let detail = format!("Your kill switch is on; {what} still open. Ask for it again to go on canceling.");
    let problem = Problem::new(Code::Contention, detail).retry_after(1);
    match orders {
        Some(orders) => problem.with_fact("open_orders", orders),
        None => problem,
    }
    .into()
}

/// Completes kill switches: cancels the open purchases of accounts whose switch was turned on before the server
/// stopped. Returns the number of unreadable items and uncanceled orders.
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

/// Cancels the open purchases of one account until only permanent failures are left, and returns their number.
/// Only an unavailable table is an error: one account must not keep the venue closed.
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

/// Cancels the open purchases of one account; answers why some still are open.
async fn cancel_failures(accounts: &Accounts, owner: &AccountId) -> Vec<Error> {
    let open = match Orders::new(accounts.clone()).open_orders(owner).await {
        Ok(open) => open,
        Err(error) => return vec![error],
    };
    let mut failed = Vec::new();
    for order_id in open {
        match accounts.order(owner, order_id).await {
            Ok(Some(loaded)) if loaded.record.state.terms.side == Side::Buy => {}
            Ok(_) => continue,
            Err(error) => {
                failed.push(error);
                continue;
            }
        }
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

/// Returns true if the error is an outage of a dependency.
const fn is_away(error: &Error) -> bool {
    matches!(
        error,
        Error::Store(StoreError::Busy | StoreError::CircuitOpen { .. } | StoreError::Unavailable(_))
            | Error::Unavailable(_)
    )
}

/// A change of the guard rails.
#[derive(Debug)]
struct SetGuards {
    change: GuardChange,
}

impl AccountCommand for SetGuards {
    type Output = GuardRails;

    fn storage_use(&self) -> StorageUse {
        // The kill switch is never refused.
        if self.change.kill_switch == Some(true) { StorageUse::Free } else { StorageUse::Protective }
    }

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<GuardRails>> {
        let before = state.head.guard;
        // The last request stays requested.
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
        // A pending value is looser; for the switch that is always "off", which has no value.
        (GuardName::KillSwitch, now.kill_switch != later.kill_switch, None),
    ];
    let effective_at = Timestamp(from_us);
    guards
        .into_iter()
        .filter(|(_, differs, _)| *differs)
        .map(|(guard, _, value)| PendingGuard { guard, value, effective_at })
        .collect()
}
