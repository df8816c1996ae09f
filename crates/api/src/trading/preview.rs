//! Requests and views of order previews.

use cnop_domain::{Amount, AssetId, OrderStatus, OrderType, Price, Quantity, Role, Side, TimeInForceKind};
use serde::{Deserialize, Serialize};

use super::Reserved;
use crate::{Code, FieldError, Problem};

/// Response of `POST /orders/preview`: the result that the order would have now. Nothing is written.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderPreview {
    /// Side of the order: `buy` or `sell`.
    pub side: Side,
    /// Id of the traded asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Quantity of the order in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Price used for the figures: that of an immediate fill, else the limit, else the trigger.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Value: price × quantity.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub notional: Amount,
    /// Fee of the venue in dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Amount,
    /// Amount paid (buy: notional + fee) or received (sell: notional − fee).
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
    /// Reserve of the part that stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserved>,
    /// Basis points that the reserve of a purchase without a limit has above its trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cushion_bps: Option<u32>,
    /// Slippage against the last price: 0.001 is a tenth of a percent; negative is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slippage_ratio: Option<f64>,
    /// `gtc`, `gtd`, `ioc` or `fok`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_in_force: Option<TimeInForceKind>,
    /// Effect of type and time in force for this order, one sentence each.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub consequences: Vec<String>,
    /// Number of the quote it was computed with.
    pub quote_seq: u64,
    /// Warnings for a person.
    pub warnings: Vec<String>,
    /// Problems that would refuse the real call.
    pub problems: Vec<PreviewProblem>,
    /// The other orders of its group, as they are after the first is accepted. Empty for a single order, and
    /// for a group that a rule refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<PreviewedOrder>,
}

/// One more order of a group that is previewed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedOrder {
    /// Role in the group: `take_profit` or `stop_loss`.
    pub role: Role,
    /// Side of the order: `buy` or `sell`.
    pub side: Side,
    /// `limit`, `stop`, `stop_limit` or `trailing_stop`.
    #[serde(rename = "type")]
    pub kind: OrderType,
    /// Quantity of the order in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Limit of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub price: Option<Price>,
    /// Last price that triggers it; absent for a held trailing stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub trigger_price: Option<Price>,
    /// The status it would have: `held` as long as it waits for the purchase.
    pub status: OrderStatus,
    /// Reserve it would have. The orders of an OCO share one; the stop-loss shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserved>,
    /// Effect of the order, one sentence each.
    pub consequences: Vec<String>,
}

/// A problem inside a response: for a preview, or for one of several orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewProblem {
    /// Stable code of the problem.
    pub code: Code,
    /// Description for a person.
    pub detail: String,
    /// Invalid fields of the request.
    pub errors: Vec<FieldError>,
}

impl From<Problem> for PreviewProblem {
    fn from(Problem { code, detail, errors, .. }: Problem) -> Self {
        Self { code, detail, errors }
    }
}
