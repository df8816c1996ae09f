//! A recurring order and a skipped run, for the tests of their records and of their rules.

use cnop_api::trading::RecurringReason;
use cnop_domain::{Amount, Cadence, Schedule};

use super::{PlanRecord, PlanStatus, RunOutcome, RunRecord};

/// An active weekly plan.
pub(crate) fn plan() -> PlanRecord {
    PlanRecord {
        asset_id: "BTC".parse().unwrap(),
        amount: Amount::from_units(2_500_000_000).unwrap(),
        schedule: Schedule { cadence: Cadence::Weekly { weekday: 5 }, minute: 570 },
        status: PlanStatus::Active { next_us: 700 },
        last_run: None,
        run_count: 3,
        refused_in_a_row: 0,
        created_us: 1,
        updated_us: 2,
    }
}

/// A run that was skipped for a reason.
pub(crate) fn skipped(reason: RecurringReason) -> RunRecord {
    RunRecord { due_us: 700, time_us: 701, outcome: RunOutcome::Skipped { reason } }
}
