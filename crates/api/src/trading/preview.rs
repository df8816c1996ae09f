//! What an order would do.

use cnop_domain::{Amount, AssetId, OrderStatus, OrderType, Price, Quantity, Role, Side, TimeInForceKind};
use serde::{Deserialize, Serialize};

use super::Reserved;
use crate::{Code, FieldError, Problem};

/// `POST /orders/preview`: what the order would do now. Nothing is written.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderPreview {
    /// `buy` or `sell`.
    pub side: Side,
    /// What is traded.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// The price that the figures are computed with: what it fills at now, else its limit, else its trigger.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Price × quantity.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub notional: Amount,
    /// The venue's fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Amount,
    /// What is paid (buy: notional + fee) or received (sell: notional − fee).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub total: Amount,
    /// Dollars available once it is filled whole; negative when the order is refused for lack of funds.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub balance_after: Amount,
    /// Coins held once it is filled whole.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required))]
    pub holding_after: Option<Quantity>,
    /// Coins that would fill at once.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required))]
    pub fill_quantity: Quantity,
    /// Average price of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub fill_average_price: Option<Price>,
    /// Coins that would wait for a price afterwards.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required))]
    pub resting_quantity: Quantity,
    /// What the waiting part would hold back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserved>,
    /// Basis points that the reserve of a purchase without a limit has above its trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cushion_bps: Option<u32>,
    /// How much worse than the last price it would fill: 0.001 is a tenth of a per cent; negative is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slippage_ratio: Option<f64>,
    /// `gtc`, `gtd`, `ioc` or `fok`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_in_force: Option<TimeInForceKind>,
    /// What type and time in force mean for this order, one sentence each.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub consequences: Vec<String>,
    /// Number of the quote it was computed with.
    pub quote_seq: u64,
    /// Things worth a second look, for a person.
    pub warnings: Vec<String>,
    /// What the real call would refuse it for.
    pub problems: Vec<PreviewProblem>,
    /// The other orders of its group: what becomes of them when the first one is accepted. Empty for a single order, and
    /// for a group that a rule refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<PreviewedOrder>,
}

/// One more order of a group that is previewed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedOrder {
    /// `take_profit` or `stop_loss`.
    pub role: Role,
    /// `buy` or `sell`.
    pub side: Side,
    /// `limit`, `stop`, `stop_limit` or `trailing_stop`.
    #[serde(rename = "type")]
    pub kind: OrderType,
    /// Coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Its limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub price: Option<Price>,
    /// The last price that triggers it; of a trailing stop that is held, nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub trigger_price: Option<Price>,
    /// The status it would have: `held` as long as it waits for the purchase.
    pub status: OrderStatus,
    /// What it would hold back. An OCO reserves once: its stop-loss shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserved>,
    /// What it would do, one sentence each.
    pub consequences: Vec<String>,
}

/// A refusal inside an answer: what a call would be refused for, or why one of several was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewProblem {
    /// The stable code.
    pub code: Code,
    /// For a person.
    pub detail: String,
    /// Bad fields.
    pub errors: Vec<FieldError>,
}

impl From<Problem> for PreviewProblem {
    fn from(Problem { code, detail, errors, .. }: Problem) -> Self {
        Self { code, detail, errors }
    }
}
