//! A recurring order and its next run.

use cnop_api::trading::RecurringReason;
use cnop_domain::{AccountId, Amount, AssetId, OrderId, PlanId, Schedule, Timestamp};
use serde::{Deserialize, Serialize};

use super::codec::first_schema;

/// `R#plan`: the recurring order as it is. Its id is in its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanRecord {
    pub(crate) asset_id: AssetId,
    /// Dollars each time, without the fee.
    pub(crate) amount: Amount,
    pub(crate) schedule: Schedule,
    pub(crate) status: PlanStatus,
    pub(crate) last_run: Option<RunRecord>,
    pub(crate) run_count: u32,
    /// Runs that were refused since the last one that bought.
    pub(crate) refused_in_a_row: u32,
    /// Time of its creation, in µs since 1970.
    pub(crate) created_us: i64,
    /// Time of its last change or run, in µs since 1970.
    pub(crate) updated_us: i64,
}

/// The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PlanStatus {
    /// The plan is active.
    Active {
        /// The next run, in µs since 1970.
        next_us: i64,
    },
    /// It does not run.
    Paused {
        /// Its owner, or the problem that refused the last run. Stored as its text.
        reason: RecurringReason,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    /// Time at which it was due, in µs since 1970.
    pub(crate) due_us: i64,
    /// Time of the run, in µs since 1970.
    pub(crate) time_us: i64,
    pub(crate) outcome: RunOutcome,
}

/// The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunOutcome {
    /// The run bought coins.
    Ran { order: OrderId },
    /// It was left out.
    Skipped {
        /// Too late, or the problem that refused it. Stored as its text.
        reason: RecurringReason,
    },
}

/// `Q#recurring` / time, account, plan: a run to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DueRun {
    pub(crate) account_id: AccountId,
    pub(crate) plan: PlanId,
    pub(crate) asset_id: AssetId,
}

first_schema!(PlanRecord, DueRun);

impl RunOutcome {
    /// Reason for leaving out the run.
    pub(crate) const fn reason(&self) -> Option<RecurringReason> {
        match self {
            Self::Ran { .. } => None,
            Self::Skipped { reason } => Some(*reason),
        }
    }
}

impl PlanStatus {
    /// The next run; none while the plan is paused.
    pub(crate) const fn next(&self) -> Option<Timestamp> {
        match self {
            Self::Active { next_us } => Some(Timestamp(*next_us)),
            Self::Paused { .. } => None,
        }
    }

    /// Reason for the pause.
    pub(crate) const fn reason(&self) -> Option<RecurringReason> {
        match self {
            Self::Active { .. } => None,
            Self::Paused { reason } => Some(*reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::plan_fixture::{plan, skipped};
    use crate::records::{Record, decode, encode};

    #[test]
    fn the_stored_forms_stay() {
        fn stays<T: Record + PartialEq + std::fmt::Debug>(record: &T, expected: &str) {
            let body = encode(record).unwrap();
            assert_eq!(hex::encode(&body), expected);
            assert_eq!(&decode::<T>(&body).unwrap(), record);
        }
        let ran =
            RunRecord { due_us: 3, time_us: 4, outcome: RunOutcome::Ran { order: OrderId::from_bits(5) } };
        stays(
            &PlanRecord { last_run: Some(ran), ..plan() },
            "010342544380e497d0120105ba0400f80a010608000503000204",
        );
        let paused = PlanStatus::Paused { reason: RecurringReason::User };
        stays(
            &PlanRecord { status: paused, last_run: Some(skipped(RecurringReason::TooLate)), ..plan() },
            "010342544380e497d0120105ba0401047573657201f80afa0a0108746f6f5f6c61746503000204",
        );
        let account_id = "acc_00000000000000000000000001".parse().unwrap();
        stays(
            &DueRun { account_id, plan: PlanId::from_bits(7), asset_id: plan().asset_id },
            "011e6163635f30303030303030303030303030303030303030303030303030310703425443",
        );
    }
}
