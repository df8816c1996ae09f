//! Requests to place, change and close.

use cnop_domain::{GroupKind, OrderType};
use serde::{Deserialize, Serialize};

use super::guard::present;
use crate::{Figure, Timestamp};

/// `POST /orders` and `POST /orders/preview`. Either `order_type`, or `side` and `type`; either `quantity` or
/// `quote_quantity`. With `take_profit`, `stop_loss` or both, the order is the purchase of an OTO or a bracket.
// Absent members are omitted. The canonical form of an order that does not use them stays the same, and with
// it the fingerprint of its idempotency key.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    /// Type and side in one word: `market_buy`, `limit_sell`, `trailing_stop_sell` and so on.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<cnop_domain::SidedOrderType>))]
    pub order_type: Option<String>,
    /// Side of the order: `buy` or `sell`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<cnop_domain::Side>))]
    pub side: Option<String>,
    /// `market`, `limit`, `stop`, `stop_limit`, `take_profit`, `take_profit_limit` or `trailing_stop`.
    #[serde(default, rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OrderType>))]
    pub kind: Option<String>,
    /// The asset, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 10, pattern = "^[A-Za-z0-9]+$"))]
    pub asset_id: String,
    /// Coins, a multiple of the step size. A sale of all that is available may be any quantity, however small.
    #[serde(default)]
    pub quantity: Option<Figure>,
    /// Dollars to spend or to receive, without the fee; the largest quantity that fits is traded.
    #[serde(default)]
    pub quote_quantity: Option<Figure>,
    /// Limit price; refused on an order that has none.
    #[serde(default)]
    pub price: Option<Figure>,
    /// Client's own id of the order, unique in the account forever.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$"))]
    pub client_order_id: Option<String>,
    /// The last price that triggers a stop or take-profit order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_price: Option<Figure>,
    /// Distance of a trailing stop, 10 to 5,000 basis points of its mark.
    #[serde(default, deserialize_with = "crate::whole::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 10, maximum = 5000))]
    pub trail_bps: Option<u32>,
    /// Distance of a trailing stop in dollars, instead of `trail_bps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_amount: Option<Figure>,
    /// `gtc`, `gtd`, `ioc` or `fok`; when left out, `ioc` for a market order, else `gtd` with `expires_at` and `gtc`
    /// without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<cnop_domain::TimeInForceKind>))]
    pub time_in_force: Option<String>,
    /// End of a `gtd` order, at most 366 days ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Refuse a limit order that would fill at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub post_only: bool,
    /// The exit with a profit. It sells what the purchase has bought so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_profit: Option<TakeProfitRequest>,
    /// The exit with a loss. It sells what the purchase has bought so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_loss: Option<StopLossRequest>,
}

impl OrderRequest {
    /// The group that it makes: `bracket` with both exits, `oto` with one, `None` without.
    #[must_use]
    pub const fn group_kind(&self) -> Option<GroupKind> {
        match (&self.take_profit, &self.stop_loss) {
            (None, None) => None,
            (Some(_), Some(_)) => Some(GroupKind::Bracket),
            (Some(_), None) | (None, Some(_)) => Some(GroupKind::Oto),
        }
    }
}

/// The exit with a profit: a limit order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeProfitRequest {
    /// Limit of the take-profit.
    pub price: Figure,
}

/// The exit with a loss: a stop with `stop_price`, a stop-limit with `price` too, a trailing stop with `trail_bps`
/// or `trail_amount` instead of both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StopLossRequest {
    /// The last price that triggers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_price: Option<Figure>,
    /// Its limit once it is triggered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Figure>,
    /// Distance of a trailing stop, 10 to 5,000 basis points of its mark.
    #[serde(default, deserialize_with = "crate::whole::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 10, maximum = 5000))]
    pub trail_bps: Option<u32>,
    /// Distance of a trailing stop in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_amount: Option<Figure>,
}

impl StopLossRequest {
    /// The type of order that its members make.
    #[must_use]
    pub const fn kind(&self) -> OrderType {
        if self.trail_bps.is_some() || self.trail_amount.is_some() {
            OrderType::TrailingStop
        } else if self.price.is_some() {
            OrderType::StopLimit
        } else {
            OrderType::Stop
        }
    }
}

/// Body of `PATCH /orders/{id}`. An omitted member stays. An unknown member is refused, so that a request
/// never applies in part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderReplaceRequest {
    /// Total quantity in coins, above the filled quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Figure>,
    /// New limit of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Figure>,
    /// The trigger of an order that still waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_price: Option<Figure>,
    /// The distance of a trailing stop in basis points; replaces `trail_amount`.
    #[serde(default, deserialize_with = "crate::whole::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 10, maximum = 5000))]
    pub trail_bps: Option<u32>,
    /// The distance of a trailing stop in dollars; replaces `trail_bps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_amount: Option<Figure>,
    /// End of the order; makes a `gtc` order `gtd`, and `null` makes a `gtd` order `gtc`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Option<Timestamp>>,
    /// Post-only flag of the changed order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_only: Option<bool>,
}

impl OrderReplaceRequest {
    /// Returns true if the request changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `POST /positions/{asset_id}/close`: either `quantity` or `percent`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClosePositionRequest {
    /// Quantity of the order in coins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Figure>,
    /// Percentage of the available coins: above 0, at most 100, at most two decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Figure>,
    /// Client's own id of the order, unique in the account forever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$"))]
    pub client_order_id: Option<String>,
}
