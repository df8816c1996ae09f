//! Fills, with the inputs that verify them.

use cnop_domain::{
    Amount, AssetId, Basis, OrderId, OrderType, Price, Quantity, QuoteSource, Side, TimeInForceKind,
};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One fill and the quote that it was made at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FillView {
    /// 1 for the order's first fill, without gaps.
    #[serde(default = "one")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub number: u32,
    /// `venue` for a market order or a triggered stop, `taker` for a limit order that filled as it arrived, `maker`
    /// for one that rested.
    #[serde(default = "venue")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub basis: Basis,
    /// Price in dollars per coin.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Filled quantity in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Value of the fill: price × quantity.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub notional: Amount,
    /// Fee of the venue in dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Amount,
    /// Time of the fill; absent in an answer that was kept before fills had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub filled_at: Option<Timestamp>,
    /// The published rule that made it: `v1`.
    pub fill_model: String,
    /// Number of the quote.
    pub quote_seq: u64,
    /// Bid of the quote.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quote_bid: Price,
    /// Ask of the quote.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quote_ask: Price,
    /// Displayed quantity at the bid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub quote_bid_size: Option<Quantity>,
    /// Displayed quantity at the ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub quote_ask_size: Option<Quantity>,
    /// The quote's last price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub quote_last: Option<Price>,
    /// Time of the quote.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub quote_time: Timestamp,
    /// Price source: `simulator` or `coingecko`.
    pub quote_source: QuoteSource,
}

/// The number of a fill that was stored before fills had one: an order had one fill.
const fn one() -> u32 {
    1
}

/// The basis of a fill that was stored before there were others.
const fn venue() -> Basis {
    Basis::Venue
}

/// Response of `GET /orders/{id}/fills/{n}/explain`: the derivation of a fill. The fill model gives the same
/// result from `inputs` and the quote in `fill`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FillExplanation {
    /// Id of the order.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub order_id: OrderId,
    /// The fill as it is stored, with its quote.
    pub fill: FillView,
    /// The order as it was just before the fill.
    pub inputs: FillInputs,
    /// The rules in the order they were applied, each with its figures.
    pub rules: Vec<RuleApplied>,
    /// The fill as it is computed from the inputs and the quote now.
    pub recomputed: RecomputedFill,
    /// True if the stored fill matches the rules.
    pub verified: bool,
    /// The difference, if it does not match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<String>,
}

/// An order just before one of its fills: all inputs of the fill besides the quote.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FillInputs {
    /// Id of the traded asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Side of the order: `buy` or `sell`.
    pub side: Side,
    /// `market` and so on.
    #[serde(rename = "type")]
    pub kind: OrderType,
    /// Ordered quantity in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Ordered value in dollars, for an order by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub quote_quantity: Option<Amount>,
    /// Limit of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub limit_price: Option<Price>,
    /// The last price that triggered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub trigger_price: Option<Price>,
    /// The mark of a trailing stop when it triggered.
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
    pub time_in_force: TimeInForceKind,
    /// End of a `gtd` order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Post-only flag of the order.
    pub post_only: bool,
    /// The order's fee in basis points.
    pub fee_bps: u32,
    /// Quantity filled before, in coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filled_quantity: Quantity,
    /// Notional of the fills before.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filled_notional: Amount,
    /// Fees of the fills before.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fees: Amount,
    /// Displayed size available to this order: the remainder for an arriving order, the grant for a resting
    /// order. Absent for a fill by the venue, and for a fill stored before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub displayed_left: Option<Quantity>,
    /// The asset's tick size at that time, which a trailing trigger is rounded to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub tick_size: Option<Price>,
    /// The asset's step size at that time, which a part is a multiple of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub step_size: Option<Quantity>,
}

cnop_domain::closed_set! {
    /// A published rule of the fill model.
    pub enum FillRule {
        /// The price reached the order's trigger.
        Trigger = "trigger",
        /// A market order fills whole at the quote.
        Venue = "venue",
        /// A limit order that can fill as it arrives takes the quote's price.
        Taker = "taker",
        /// A resting limit order fills at its limit.
        Maker = "maker",
        /// Notional: quantity × price.
        Notional = "notional",
        /// Fee on everything filled so far, minus the fee already charged.
        Fee = "fee",
    }
}

/// A published rule, applied.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleApplied {
    /// Stable name on the wire.
    pub rule: FillRule,
    /// The rule in words with this fill's figures.
    pub detail: String,
}

/// A fill as it follows from its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecomputedFill {
    /// Price in dollars per coin.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub price: Price,
    /// Quantity in coins: the whole remainder, or the whole steps of the available displayed size. 0 when the
    /// rules allow no fill.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Value of the fill: price × quantity.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub notional: Amount,
    /// Fee on everything filled so far, minus the fee already charged.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Amount,
}
