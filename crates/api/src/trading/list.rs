//! Lists and envelopes.

use cnop_domain::{Amount, AssetId, OrderId, Price, Quantity};
use serde::{Deserialize, Serialize};

use super::{OrderView, PreviewProblem};
use crate::{Problem, Timestamp};

/// `{"data": …}`: the envelope of orders, asset transactions, inventory and insights.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Data<T> {
    /// The answer.
    pub data: T,
}

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// For the next page.
    pub next_cursor: Option<String>,
}

/// What `GET /orders` is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct OrderQuery {
    /// Only this asset.
    pub asset_id: Option<AssetId>,
    /// Only this type (`market_buy` …).
    pub order_type: Option<String>,
    /// Only `buy` or `sell`.
    #[serde(default)]
    pub side: Option<String>,
    /// Only this status; `open` and `closed` are several.
    pub status: Option<String>,
    /// Only orders accepted at this time or later.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Only orders accepted before this time.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// 1 to 100; 0 means 50.
    pub limit: u32,
    /// How many of the newest to leave out.
    pub offset: u32,
    /// From the page before.
    pub cursor: Option<String>,
}

/// One row of the answer to `DELETE /orders`: what happened to one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CancelResult {
    /// The order.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub order_id: OrderId,
    /// The HTTP status that canceling it alone would have been answered with.
    pub status: u16,
    /// The order, canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<PreviewProblem>,
}

impl CancelResult {
    /// The row of an order that was canceled, or could not be.
    #[must_use]
    pub fn new(order_id: OrderId, outcome: Result<OrderView, Problem>) -> Self {
        match outcome {
            Ok(order) => Self { order_id, status: 200, order: Some(order), problem: None },
            Err(problem) => {
                Self { order_id, status: problem.status(), order: None, problem: Some(problem.into()) }
            }
        }
    }
}

/// `GET /assets/{id}/transactions`, one row: all that an order has filled so far. The newest order comes first; a row's
/// figures grow while its order goes on filling.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AssetTransaction {
    /// The asset.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub asset_id: AssetId,
    /// `BUY` or `SELL`.
    pub transaction_type: String,
    /// Coins filled.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quantity: Quantity,
    /// Dollars a coin, on average.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub price: Price,
    /// Always `COMPLETED`: what is filled is final, also when the order still waits with its rest.
    pub status: String,
    /// When it was filled last.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// The order.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub order_id: OrderId,
    /// The venue's fee.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub fee: Amount,
}
