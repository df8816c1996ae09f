//! Purchases that repeat.

use cnop_domain::{Amount, AssetId, CadenceKind, OrderId, PlanId, Weekday};
use serde::{Deserialize, Serialize};

use super::{OrderPreview, PreviewProblem, RecurringReason};
use crate::{Figure, Timestamp};

cnop_domain::closed_set! {
    /// Whether a recurring order runs.
    pub enum RecurringStatus {
        /// It runs.
        Active = "active",
        /// It does not run.
        Paused = "paused",
    }
}

/// `POST /recurring` and `POST /recurring/preview`: buy for an amount again and again.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringRequest {
    /// The asset, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 10, pattern = "^[A-Za-z0-9]+$"))]
    pub asset_id: String,
    /// Dollars to spend each time, without the fee.
    pub amount: Figure,
    /// `daily`, `weekly` or `monthly`.
    #[cfg_attr(feature = "openapi", schema(value_type = CadenceKind))]
    pub interval: String,
    /// When, as `HH:MM` in UTC; 00:00 when left out.
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

/// `PATCH /recurring/{id}`: what changes. What is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// `HH:MM` in UTC.
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

/// A recurring order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub recurring_id: PlanId,
    /// What is bought.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Dollars each time, without the fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Amount,
    /// `daily`, `weekly` or `monthly`.
    pub interval: CadenceKind,
    /// `HH:MM` in UTC.
    pub time: String,
    /// `monday` to `sunday`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<Weekday>,
    /// 1 to 31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// `active` or `paused`.
    pub status: RecurringStatus,
    /// Who or what paused it: `user`, or the problem code of the third skipped run in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<RecurringReason>,
    /// The next run; none while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_run_at: Option<Timestamp>,
    /// The last run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RecurringRun>,
    /// How many runs bought.
    pub run_count: u32,
    /// How many of the latest runs were skipped, one after the other.
    pub skipped_in_a_row: u32,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed or ran.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

cnop_domain::closed_set! {
    /// How a run of a recurring order ended.
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
    /// When it was due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
    /// When it happened; later than `due_at` when the venue was down.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub run_at: Timestamp,
    /// `ran` or `skipped`.
    pub outcome: RecurringOutcome,
    /// Why it was skipped: `too_late` or a problem code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RecurringReason>,
    /// The order that it placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub order_id: Option<OrderId>,
}

/// The answer to `POST /recurring/preview`. Nothing is written.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurringPreview {
    /// The next runs, soonest first.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, format = DateTime))]
    pub next_runs: Vec<Timestamp>,
    /// What a run would do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderPreview>,
    /// What making the recurring order would be refused for.
    pub problems: Vec<PreviewProblem>,
}
