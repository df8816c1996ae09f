//! Guard rails: limits that traders set for themselves.

use cnop_domain::Amount;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Figure, Timestamp};

/// Response of `GET /guards`: the limits in force and the pending ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuardRails {
    /// Limits in force for every order.
    pub in_force: GuardLimits,
    /// Pending looser limits, soonest first; at most one entry per limit.
    pub pending: Vec<PendingGuard>,
    /// Realized losses of this UTC day, less its realized profits; 0 when there is a profit.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub loss_today: Amount,
    /// Until when a pause after a loss lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub cool_down_until: Option<Timestamp>,
}

/// Guards and their limits; one that is absent is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuardLimits {
    /// Largest value of one order, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub largest_order: Option<Amount>,
    /// Largest realized loss of a UTC day, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub daily_loss: Option<Amount>,
    /// Minutes without new orders after a sale with a loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_down_minutes: Option<u32>,
    /// True if all orders except sales at market are refused.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub kill_switch: bool,
}

cnop_domain::closed_set! {
    /// Name of a guard rail.
    pub enum GuardName {
        /// Largest value of one order.
        LargestOrder = "largest_order",
        /// Largest realized loss of a UTC day.
        DailyLoss = "daily_loss",
        /// Minutes without new orders after a sale with a loss.
        CoolDownMinutes = "cool_down_minutes",
        /// Nothing but sales at market.
        KillSwitch = "kill_switch",
    }
}

/// A guard that was loosened.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingGuard {
    /// `largest_order`, `daily_loss`, `cool_down_minutes` or `kill_switch`.
    pub guard: GuardName,
    /// Its limit from then on, as text; none when it is lifted.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub value: Option<String>,
    /// Time at which it takes effect.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub effective_at: Timestamp,
}

/// Body of `PATCH /guards`. An omitted member stays; `null` lifts a limit. A stricter limit applies at once,
/// a looser one 24 hours later. A request for the limits in force withdraws the pending ones. An unknown
/// member is refused, so that a request never applies in part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuardRailsUpdate {
    /// Largest value of one order, in dollars.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Figure>))]
    pub largest_order: Option<Option<Figure>>,
    /// Largest realized loss of a UTC day, in dollars.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Figure>))]
    pub daily_loss: Option<Option<Figure>>,
    /// Minutes without new orders after a sale with a loss.
    #[serde(default, deserialize_with = "present_whole", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 43200))]
    pub cool_down_minutes: Option<Option<u32>>,
    /// Cancel all open orders and take no new ones, sales at market excepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kill_switch: Option<bool>,
}

impl GuardRailsUpdate {
    /// Returns true if the request changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Distinguishes a present member, with a value or `null`, from an absent one.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Like [`present`], for integers.
fn present_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    crate::whole::optional(deserializer).map(Some)
}
