//! The view of an order in responses.

use cnop_domain::{
    Amount, AssetId, GroupId, GroupKind, OrderId, OrderStatus, OrderType, Price, Quantity, Reason, Role,
    Side, SidedOrderType, TimeInForceKind,
};
use serde::{Deserialize, Serialize};

use super::FillView;
use crate::Timestamp;

/// An order. Its version is its `ETag`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// Id of the order; ids sort by time.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub order_id: OrderId,
    /// `market_buy` and so on.
    pub order_type: SidedOrderType,
    /// Side of the order: `buy` or `sell`.
    pub side: Side,
    /// `market` and so on.
    #[serde(rename = "type")]
    pub kind: OrderType,
    /// Id of the traded asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Currency of the price.
    pub quote_asset: String,
    /// Ordered quantity in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Ordered value in dollars, for an order by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub quote_quantity: Option<Amount>,
    /// Limit of the order; without a limit the average price of its fills, 0 before the first.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// The last price that triggers it; not for a trailing stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub stop_price: Option<Price>,
    /// Present trigger; for a trailing stop the mark less, or plus, the distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub trigger_price: Option<Price>,
    /// Highest (sale) or lowest (purchase) last price since a trailing stop was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub mark_price: Option<Price>,
    /// Distance of a trailing stop in basis points of its mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_bps: Option<u32>,
    /// Distance of a trailing stop in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub trail_amount: Option<Price>,
    /// `gtc`, `gtd`, `ioc` or `fok`.
    #[serde(default = "ioc")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub time_in_force: TimeInForceKind,
    /// End of a `gtd` order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Post-only flag: the order is refused if it would fill on arrival.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub post_only: bool,
    /// `held`, `waiting_trigger`, `working`, `partially_filled`, `completed`, `canceled`, `expired` or `rejected`.
    pub status: OrderStatus,
    /// Cause of an end without a complete fill, or of the last change: `user`, `oco_sibling`, `parent_closed`,
    /// `kill_switch`, `gtd`, `ioc_remainder`, `fok_unfilled`, `insufficient_funds`, `rules`,
    /// `sibling_fill`, `entry_fill`, `exit_filled`, `exit_ended` or `guard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<Reason>,
    /// 1 when it is accepted, one more with each replacement.
    #[serde(default = "one")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub version: u32,
    /// Filled notional without the fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub total_amount: Amount,
    /// Filled quantity in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filled_quantity: Quantity,
    /// Coins that can still be filled; 0 once it is closed.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required))]
    pub remaining_quantity: Quantity,
    /// Average price of its fills: notional ÷ quantity.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required))]
    pub average_price: Option<Price>,
    /// All fees, in the quote asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fees: Amount,
    /// Realized profit of a sale after its fee; none for a purchase.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required))]
    pub realised_profit: Option<Amount>,
    /// Its reserve; absent once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Reserved>,
    /// The group it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupMembership>,
    /// Client's own id of the order.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub client_order_id: Option<String>,
    /// Each fill with the quote it used.
    pub fills: Vec<FillView>,
    /// Time at which the venue accepted it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of its last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    /// Time at which its trigger was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub triggered_at: Option<Timestamp>,
    /// Time at which it was completed, canceled, expired or rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub closed_at: Option<Timestamp>,
}

/// The time in force of an order that was stored before it was written down: all of those were market orders.
const fn ioc() -> TimeInForceKind {
    TimeInForceKind::Ioc
}

/// The version of an order that was stored before orders could change.
const fn one() -> u32 {
    1
}

/// Part of a balance that an order reserves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reserved {
    /// `USD`, or the asset's id.
    pub currency: String,
    /// Reserved amount as an exact decimal. The orders of an OCO share one reserve, and each shows its own
    /// part.
    pub amount: String,
}

/// An order's place in its group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMembership {
    /// Id of the group.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub group_id: GroupId,
    /// `oco`, `oto` or `bracket`.
    pub kind: GroupKind,
    /// `entry`, `take_profit` or `stop_loss`.
    pub role: Role,
    /// The group's other orders.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub others: Vec<OrderId>,
}
