//! Lists, pages and envelopes of responses.

use cnop_domain::{Amount, AssetId, OrderId, OrderStatus, OrderType, Price, Quantity, Side, SidedOrderType};
use serde::{Deserialize, Serialize};

use super::{OrderView, PreviewProblem};
use crate::{Problem, Timestamp};

/// `{"data": …}`: the envelope of orders, asset transactions, inventory and insights.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Data<T> {
    /// Content of the response.
    pub data: T,
}

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// Rows of this page.
    pub data: Vec<T>,
    /// True if there are older ones.
    pub has_more: bool,
    /// For the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}

/// Statuses that `GET /orders` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// Orders with one status.
    One(OrderStatus),
    /// Everything that is not closed.
    Open,
    /// Completed, canceled, expired and rejected orders.
    Closed,
}

impl StatusFilter {
    /// `open`, `closed` or a status.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "closed" => Some(Self::Closed),
            _ => OrderStatus::from_text(text).map(Self::One),
        }
    }
}

/// Query of `GET /orders`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Only orders of this asset.
    pub asset_id: Option<AssetId>,
    /// Only this type (`market_buy` …).
    pub order_type: Option<SidedOrderType>,
    /// Only this type, on both sides.
    pub kind: Option<OrderType>,
    /// Only `buy` or `sell`.
    pub side: Option<Side>,
    /// Only this status; `open` and `closed` are several.
    pub status: Option<StatusFilter>,
    /// Only orders accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Only orders accepted before this time.
    pub until: Option<Timestamp>,
    /// Only orders that were accepted, filled, changed or closed at this time or later.
    pub updated_since: Option<Timestamp>,
    /// 1 to 100; 0 means 50.
    pub limit: u32,
    /// Number of the newest orders to skip.
    pub offset: u32,
    /// From the page before.
    pub cursor: Option<String>,
}

/// Result for one order of `DELETE /orders`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelResult {
    /// Id of the order.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub order_id: OrderId,
    /// The HTTP status that canceling it alone would have been answered with.
    pub status: u16,
    /// The order after its cancel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
    /// Problem of an order that would be refused.
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

cnop_domain::closed_set! {
    /// Direction of the coins of an asset transaction.
    pub enum AssetTransactionType {
        /// The coins were bought.
        Buy = "BUY",
        /// The coins were sold.
        Sell = "SELL",
    }
}

impl From<Side> for AssetTransactionType {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
        }
    }
}

cnop_domain::closed_set! {
    /// Status of an asset transaction.
    pub enum AssetTransactionStatus {
        /// Completed: a fill is final.
        Completed = "COMPLETED",
    }
}

/// One row of `GET /assets/{id}/transactions`: all fills of one order so far. The newest order comes first;
/// its figures grow while the order continues to fill.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetTransaction {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Side of the order: `BUY` or `SELL`.
    pub transaction_type: AssetTransactionType,
    /// Filled quantity in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Dollars a coin, on average.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Status, always `COMPLETED`: a fill is final even if its order is still open.
    pub status: AssetTransactionStatus,
    /// Time of the last fill.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// Id of the order.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub order_id: OrderId,
    /// Fee of the venue in dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Amount,
}
