//! Requests and views of recurring orders.

use cnop_domain::{Amount, AssetId, CadenceKind, OrderId, PlanId, Weekday};
use serde::{Deserialize, Serialize};

use super::{OrderPreview, PreviewProblem, RecurringReason};
use crate::{Figure, Timestamp};

cnop_domain::closed_set! {
    /// Status of a recurring order.
    pub enum RecurringStatus {
        /// The plan is active.
        Active = "active",
        /// It does not run.
        Paused = "paused",
    }
}

/// `POST /recurring` and `POST /recurring/preview`: buy for an amount again and again.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecurringRequest {
    /// The asset, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 10, pattern = "^[A-Za-z0-9]+$"))]
    pub asset_id: String,
    /// Dollars to spend each time, without the fee.
    pub amount: Figure,
    /// `daily`, `weekly` or `monthly`.
    #[cfg_attr(feature = "openapi", schema(value_type = CadenceKind))]
    pub interval: String,
    /// Time of day as `HH:MM` in UTC; 00:00 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", default = "00:00"))]
    pub time: Option<String>,
    /// `monday` to `sunday`; for `weekly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Weekday>))]
    pub weekday: Option<String>,
    /// 1 to 31, in shorter months the last day; for `monthly`.
    #[serde(default, deserialize_with = "crate::whole::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 31))]
    pub day: Option<u32>,
}

/// Body of `PATCH /recurring/{id}`. An omitted member stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecurringUpdate {
    /// `paused` or `active`; activating it forgets the runs that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<RecurringStatus>))]
    pub status: Option<String>,
    /// Dollars to spend each time, without the fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Figure>,
    /// `daily`, `weekly` or `monthly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<CadenceKind>))]
    pub interval: Option<String>,
    /// Time of day in UTC, `HH:MM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub time: Option<String>,
    /// `monday` to `sunday`; for `weekly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Weekday>))]
    pub weekday: Option<String>,
    /// 1 to 31; for `monthly`.
    #[serde(default, deserialize_with = "crate::whole::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 31))]
    pub day: Option<u32>,
}

/// A recurring order of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringView {
    /// Id of the recurring order.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub recurring_id: PlanId,
    /// Id of the asset to buy.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Dollars each time, without the fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Amount,
    /// `daily`, `weekly` or `monthly`.
    pub interval: CadenceKind,
    /// Time of day in UTC, `HH:MM`.
    pub time: String,
    /// Day of the week, `monday` to `sunday`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<Weekday>,
    /// Day of the month, 1 to 31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// Status of the plan: `active` or `paused`.
    pub status: RecurringStatus,
    /// Reason of a pause: `user`, or the problem code of the third skipped run in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<RecurringReason>,
    /// The next run; none while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_run_at: Option<Timestamp>,
    /// Result of the last run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RecurringRun>,
    /// Number of runs that bought.
    pub run_count: u32,
    /// Number of consecutive skipped runs.
    pub skipped_in_a_row: u32,
    /// Time of its creation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of its last change or run.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

cnop_domain::closed_set! {
    /// Outcome of a run of a recurring order.
    pub enum RecurringOutcome {
        /// It placed its order.
        Ran = "ran",
        /// It was left out.
        Skipped = "skipped",
    }
}

/// One run of a recurring order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringRun {
    /// Time at which it was due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
    /// Time of the run; later than `due_at` when the venue was down.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub run_at: Timestamp,
    /// Result of the run: `ran` or `skipped`.
    pub outcome: RecurringOutcome,
    /// Reason for a skipped run: `too_late` or a problem code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RecurringReason>,
    /// The order that it placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub order_id: Option<OrderId>,
}

/// Response of `POST /recurring/preview`. Nothing is written.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringPreview {
    /// The next runs, soonest first.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, format = DateTime))]
    pub next_runs: Vec<Timestamp>,
    /// Preview of a run at this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderPreview>,
    /// Problems that would refuse the recurring order.
    pub problems: Vec<PreviewProblem>,
}
