//! Orders and their fills.

use cnop_domain::{Amount, AssetId, OrderId, Price, Quantity};
use serde::{Deserialize, Serialize};

use crate::{Figure, Timestamp};

/// `POST /orders` and `POST /orders/preview`. Either `order_type`, or `side` and `type`; either `quantity` or
/// `quote_quantity`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OrderRequest {
    /// `market_buy`, `market_sell`, `limit_buy` or `limit_sell`.
    #[serde(default)]
    pub order_type: Option<String>,
    /// `buy` or `sell`.
    #[serde(default)]
    pub side: Option<String>,
    /// `market`, `limit`, `stop`, `stop_limit`, `take_profit`, `take_profit_limit` or `trailing_stop`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The asset, in any case.
    pub asset_id: String,
    /// Coins, a multiple of the step size. A sale of all that is available may be any quantity, however small.
    #[serde(default)]
    pub quantity: Option<Figure>,
    /// Dollars to spend or to receive, without the fee; the largest quantity that fits is traded.
    #[serde(default)]
    pub quote_quantity: Option<Figure>,
    /// Limit price; refused on a market order.
    #[serde(default)]
    pub price: Option<Figure>,
    /// Your own id for the order, unique in your account for ever.
    #[serde(default)]
    pub client_order_id: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// Ordered by time.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub order_id: OrderId,
    /// `market_buy` and so on.
    pub order_type: String,
    /// `buy` or `sell`.
    pub side: String,
    /// `market` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is traded.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub asset_id: AssetId,
    /// What it is paid in.
    pub quote_asset: String,
    /// Coins ordered.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quantity: Quantity,
    /// Dollars asked for, when the order was given by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub quote_quantity: Option<Amount>,
    /// The limit, or the average price of a filled market order.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub price: Price,
    /// `completed` for a filled market order.
    pub status: String,
    /// Filled notional without the fee.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub total_amount: Amount,
    /// Coins filled.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub filled_quantity: Quantity,
    /// Notional ÷ quantity of what is filled.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub average_price: Option<Price>,
    /// All fees, in the quote asset.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub fees: Amount,
    /// Realised profit of a sale after its fee; none for a purchase.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub realised_profit: Option<Amount>,
    /// Yours.
    pub client_order_id: Option<String>,
    /// Each fill with the quote it used.
    pub fills: Vec<FillView>,
    /// When it was accepted.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// One fill and the quote that it was made at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FillView {
    /// Dollars a coin.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub price: Price,
    /// Coins.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quantity: Quantity,
    /// Price × quantity.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub notional: Amount,
    /// The venue's fee.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub fee: Amount,
    /// The published rule that made it: `v1`.
    pub fill_model: String,
    /// Number of the quote.
    pub quote_seq: u64,
    /// The quote's bid.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quote_bid: Price,
    /// The quote's ask.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quote_ask: Price,
    /// When the quote was made.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub quote_time: Timestamp,
    /// `simulator` or `coingecko`.
    pub quote_source: String,
}

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
    /// Only this status.
    pub status: Option<String>,
    /// 1 to 100; 0 means 50.
    pub limit: u32,
    /// How many of the newest to leave out.
    pub offset: u32,
    /// From the page before.
    pub cursor: Option<String>,
}

/// `POST /orders/preview`: what the order would do now. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OrderPreview {
    /// `buy` or `sell`.
    pub side: String,
    /// What is traded.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Coins.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quantity: Quantity,
    /// Estimated fill price.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub price: Price,
    /// Price × quantity.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub notional: Amount,
    /// The venue's fee.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub fee: Amount,
    /// What is paid (buy: notional + fee) or received (sell: notional − fee).
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub total: Amount,
    /// Dollars available afterwards; negative when the order is refused for lack of funds.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub balance_after: Amount,
    /// Coins held afterwards.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub holding_after: Option<Quantity>,
    /// Number of the quote it was computed with.
    pub quote_seq: u64,
    /// Things worth a second look, for a person.
    pub warnings: Vec<String>,
    /// What the real call would refuse it for.
    pub problems: Vec<PreviewProblem>,
}

/// A refusal that the real call would give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PreviewProblem {
    /// The stable code.
    pub code: String,
    /// For a person.
    pub detail: String,
    /// Bad fields.
    pub errors: Vec<crate::FieldError>,
}

/// `GET /assets/{id}/transactions`, one row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AssetTransaction {
    /// The asset.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub asset_id: AssetId,
    /// `BUY` or `SELL`.
    pub transaction_type: String,
    /// Coins.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub quantity: Quantity,
    /// Dollars a coin.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub price: Price,
    /// Always `COMPLETED`.
    pub status: String,
    /// When.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// The order.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub order_id: OrderId,
    /// The venue's fee.
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub fee: Amount,
}
