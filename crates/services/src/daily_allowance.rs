//! Daily allowances: events of an account, registrations from a network.
//!
//! Quotas of the gateway bound rates, and a rate kept up all day fills any disk. Events need no counter of their own: they
//! are numbered and have a time. The event as many places back as a day allows tells whether all of them are of today.

use std::time::Duration;

use cnop_api::{Code, Problem, Timestamp};
use cnop_coordination::{CoordinationError, Coordinator, Quota};
use cnop_domain::AccountId;
use cnop_domain::calendar::day_of;

use crate::error::{Error, Result};

/// Events that an account may store in a day: 100,000 orders, each placed and canceled. A program that trades once a
/// second all day stays below it; the disk takes 0.4 GB at most.
pub const EVENTS_PER_DAY: u64 = 200_000;
/// Registrations from one network in a day: more than a large office has, and 2 MB on the disk.
pub const REGISTRATIONS_PER_DAY: u32 = 1_000;
/// Withdrawals of an account in a day.
const WITHDRAWALS_PER_DAY: u32 = 10_000;
/// Stored answers of commands that no other allowance counts, of an account in a day: 0.1 GB at most.
const KEYED_ANSWERS_PER_DAY: u32 = 100_000;
/// Changes of an account's orders in a day while the disk is short of space: 1 MB at most.
const CHANGES_ON_A_LOW_DISK_PER_DAY: u32 = 1_000;
/// Commands that protect a trader may store as many times more: guard rails, and changes of recurring orders.
const PROTECTIVE_FACTOR: u64 = 2;

/// µs of a day.
const DAY_US: i64 = 86_400_000_000;
const SECOND_US: i64 = 1_000_000;

/// Use of storage by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StorageUse {
    /// It frees something, or is bounded by another rule: a cancel, a withdrawal, the sale of a position. Never refused.
    Free,
    /// It protects its trader: refused only far beyond the allowance.
    Protective,
    /// It changes an open order, such as a stop that follows the price, and stores one event. While the disk is short of
    /// space, an account may do so a bounded number of times.
    Change,
    /// Anything else.
    Counted,
}

impl StorageUse {
    /// Returns true if the allowance of events bounds the answers that are stored for idempotency keys, too.
    pub(crate) const fn counts_answers(self) -> bool {
        matches!(self, Self::Change | Self::Counted)
    }

    /// Events that an account may store in a day with commands of this kind.
    pub(crate) const fn events_max(self, events_per_day: u64) -> Option<u64> {
        match self {
            Self::Free => None,
            Self::Protective => Some(events_per_day.saturating_mul(PROTECTIVE_FACTOR)),
            Self::Change | Self::Counted => Some(events_per_day),
        }
    }
}

/// The number of the event that must be of an earlier day, so that another one may be stored. `None` when the account
/// has fewer events than a day allows.
pub(crate) const fn decisive_event(seq: u64, events_max: u64) -> Option<u64> {
    match seq.checked_sub(events_max) {
        Some(before) => Some(before.saturating_add(1)),
        None => None,
    }
}

/// Refuses when the decisive event is of today.
pub(crate) fn day_check(decisive_us: i64, now_us: i64, events_max: u64) -> Result<()> {
    if day_of(decisive_us) < day_of(now_us) {
        return Ok(());
    }
    let until_us = day_of(now_us).saturating_add(1).saturating_mul(DAY_US);
    let detail = format!(
        "Your account has stored {events_max} events today, as many as it may. Cancels and withdrawals go on. New \
         orders are taken again from 00:00 UTC."
    );
    Err(refusal(detail, events_max, until_us, now_us))
}

/// Takes one registration from the day's of a network.
///
/// # Errors
/// `quota.daily` when there are none left; when the coordinator does not answer.
pub(crate) async fn registration_take(
    coordinator: &dyn Coordinator,
    limit: u32,
    network: &str,
    now_us: i64,
) -> Result<()> {
    let taken = day_take(coordinator, format!("registrations:{network}"), limit).await;
    let Some(wait_us) = taken.map_err(Error::Coordination)? else { return Ok(()) };
    let detail =
        format!("Your network has opened {limit} accounts in a day, as many as it may. Try again later.");
    Err(refusal(detail, u64::from(limit), now_us.saturating_add(wait_us), now_us))
}

/// Takes one withdrawal from the day's of an account.
///
/// # Errors
/// `quota.daily` when there are none left.
pub(crate) async fn withdrawal_take(
    coordinator: &dyn Coordinator,
    account_id: &AccountId,
    now_us: i64,
) -> Result<()> {
    // Money can leave while nothing counts.
    let taken = day_take(coordinator, format!("withdrawals:{account_id}"), WITHDRAWALS_PER_DAY).await;
    let Ok(Some(wait_us)) = taken else { return Ok(()) };
    let detail = format!(
        "Your account has made {WITHDRAWALS_PER_DAY} withdrawals in a day, as many as it may. Try again later."
    );
    Err(refusal(detail, u64::from(WITHDRAWALS_PER_DAY), now_us.saturating_add(wait_us), now_us))
}

/// Takes one change of an order from the day's of an account, while the disk is short of space.
///
/// # Errors
/// `quota.daily` when there are none left.
pub(crate) async fn change_take(
    coordinator: &dyn Coordinator,
    account_id: &AccountId,
    now_us: i64,
) -> Result<()> {
    let taken =
        day_take(coordinator, format!("low-disk-changes:{account_id}"), CHANGES_ON_A_LOW_DISK_PER_DAY).await;
    let Ok(Some(wait_us)) = taken else { return Ok(()) };
    let detail = format!(
        "The venue is short of disk space, and your account has changed {CHANGES_ON_A_LOW_DISK_PER_DAY} orders \
         meanwhile, as many as it may. Cancels and sales of a position go on. Nothing was done."
    );
    let limit = u64::from(CHANGES_ON_A_LOW_DISK_PER_DAY);
    Err(refusal(detail, limit, now_us.saturating_add(wait_us), now_us))
}

/// Takes one stored answer from the day's of an account, for a command that no other allowance counts.
///
/// # Errors
/// `quota.daily` when there are none left: the command goes on without a key.
pub(crate) async fn keyed_answer_take(
    coordinator: &dyn Coordinator,
    account_id: &AccountId,
    now_us: i64,
) -> Result<()> {
    let taken = day_take(coordinator, format!("keyed-answers:{account_id}"), KEYED_ANSWERS_PER_DAY).await;
    let Ok(Some(wait_us)) = taken else { return Ok(()) };
    let detail = format!(
        "Your account has used {KEYED_ANSWERS_PER_DAY} idempotency keys for such commands in a day, as many as it \
         may. Send the command without an Idempotency-Key."
    );
    Err(refusal(detail, u64::from(KEYED_ANSWERS_PER_DAY), now_us.saturating_add(wait_us), now_us))
}

/// Takes one from a day's; the wait in µs when there are none left.
async fn day_take(
    coordinator: &dyn Coordinator,
    key: String,
    limit: u32,
) -> std::result::Result<Option<i64>, CoordinationError> {
    let quota = Quota { limit, window: Duration::from_micros(DAY_US.unsigned_abs()), burst: limit };
    let taken = coordinator.quota_take(&key, quota, 1).await?;
    let wait_us = i64::try_from(taken.retry_after.as_micros()).unwrap_or(DAY_US);
    Ok((!taken.allowed).then_some(wait_us))
}

fn refusal(detail: String, limit: u64, until_us: i64, now_us: i64) -> Error {
    let seconds = until_us.saturating_sub(now_us).saturating_add(SECOND_US - 1) / SECOND_US;
    Problem::new(Code::QuotaDaily, detail)
        .with_fact("limit", limit)
        .with_fact("until", Timestamp(until_us))
        .retry_after(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day's allowance that counted events of another day would refuse honest traders, or nobody.
    #[test]
    fn the_event_an_allowance_back_decides() {
        assert_eq!(decisive_event(199_999, 200_000), None);
        assert_eq!(decisive_event(200_000, 200_000), Some(1));
        assert_eq!(decisive_event(200_007, 200_000), Some(8));
        let midnight_us = 20_778 * DAY_US;
        assert!(day_check(midnight_us - 1, midnight_us, 5).is_ok());
        let refused = |now_us| Problem::from(day_check(midnight_us, now_us, 5).unwrap_err());
        let problem = refused(midnight_us + DAY_US - 1);
        assert_eq!((problem.code, problem.retry_after_seconds), (Code::QuotaDaily, Some(1)));
        assert_eq!(refused(midnight_us).retry_after_seconds, Some(86_400));
        assert!(day_check(midnight_us, midnight_us + DAY_US, 5).is_ok());
    }
}
