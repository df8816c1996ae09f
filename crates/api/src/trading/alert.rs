//! Requests and views of price alerts.

use cnop_domain::{AlertId, AssetId, Price};
use serde::{Deserialize, Serialize};

use crate::{Figure, Timestamp};

cnop_domain::closed_set! {
    /// On which side of its level the last price fires an alert.
    pub enum AlertDirection {
        /// At the level or higher.
        Above = "above",
        /// At the level or lower.
        Below = "below",
    }
}

cnop_domain::closed_set! {
    /// Status of an alert.
    pub enum AlertStatus {
        /// It waits for the price.
        Waiting = "waiting",
        /// It has fired, once and for all.
        Fired = "fired",
    }
}

/// Body of `POST /alerts`: notify once when the last price is at or beyond a level.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRequest {
    /// The asset, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 10, pattern = "^[A-Za-z0-9]+$"))]
    pub asset_id: String,
    /// The level, a multiple of the tick size.
    pub price: Figure,
    /// `above` or `below`; when left out, the side of the last price that the level is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<AlertDirection>))]
    pub direction: Option<String>,
    /// A few words for yourself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub note: Option<String>,
}

/// A price alert of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertView {
    /// Id of the alert.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub alert_id: AlertId,
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Price level of the alert.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// `above` (fires at the level or higher) or `below` (at the level or lower).
    pub direction: AlertDirection,
    /// Note of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Status of the alert: `waiting` or `fired`.
    pub status: AlertStatus,
    /// Time of its creation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time at which it fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub fired_at: Option<Timestamp>,
    /// The last price that fired it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub fired_price: Option<Price>,
}
