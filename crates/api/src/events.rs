//! Events of the stream. An account event has an id, the account's `seq`, without gaps. Price events have no
//! id and may be conflated. Implied events come before the numbered event, without an id: `order.accepted` of
//! an order that filled on arrival, `balance.changed` and `position.changed`.

mod name;
mod reason;

use cnop_domain::{Amount, AssetId, Price, Quantity, QuoteSource};
use serde::{Deserialize, Serialize};

pub use self::name::EventName;
pub use self::reason::EventReason;
use crate::Timestamp;
use crate::trading::{AlertView, FillView, GuardRails, OrderView, RecurringView};

/// First message of topic `account`: the state that the following events change.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSnapshot {
    /// The account's last event in this state.
    pub seq: u64,
    /// Tag of the account, as in the parameter `account` of the stream.
    #[serde(default)]
    pub account: String,
    /// Dollars, with open orders' share.
    pub balance: BalanceState,
    /// Every holding above zero.
    pub holdings: Vec<HoldingState>,
}

/// Dollars of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceState {
    /// Dollars that can be spent.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Amount,
    /// Dollars reserved by open orders.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Amount,
}

/// Coins of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldingState {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Coins, available and reserved.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Coins that can be sold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Quantity,
    /// Cost of these coins.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cost_basis: Amount,
}

/// One committed change of an account. SSE `event:` is [`AccountEvent::name`], `id:` is `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEvent {
    /// Number in the account's log, without gaps.
    pub seq: u64,
    /// Time of the commit.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Name of the event.
    pub name: EventName,
    /// Dollars after the event.
    pub balance: BalanceState,
    /// The holding that changed, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<HoldingState>,
    /// Dollars deposited (positive) or withdrawn (negative).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub transfer: Option<Amount>,
    /// The order, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
    /// Reason: the order's `status_reason` after the event, `parent_filled` when an exit becomes active, or
    /// why a run was skipped or a recurring order paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
    /// The fill that the event is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<FillView>,
    /// The recurring order, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring: Option<RecurringView>,
    /// The alert, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertView>,
    /// The guard rails, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guards: Option<GuardRails>,
    /// The accepted order, when this event both opened and filled it. The stream sends it first, as
    /// `order.accepted`.
    #[serde(skip)]
    pub accepted: Option<Box<OrderView>>,
}

/// SSE `event: prices`: assets whose price changed since the last message, conflated to a few messages a
/// second.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PricesEvent {
    /// Time of its creation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Price source: `simulator` or `coingecko`.
    pub source: QuoteSource,
    /// Changed prices since the last message.
    pub prices: Vec<PriceTick>,
}

/// A price that changed.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceTick {
    /// Id of the asset.
    #[serde(rename = "a")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Price that a seller receives.
    #[serde(rename = "b")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid: Price,
    /// Price that a buyer pays.
    #[serde(rename = "k")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask: Price,
    /// Coins displayed at the bid.
    #[serde(rename = "x")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid_size: Quantity,
    /// Coins displayed at the ask.
    #[serde(rename = "y")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask_size: Quantity,
    /// Price of the last trade.
    #[serde(rename = "l")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub last: Price,
    /// Change of 24 hours, 0–100.
    #[serde(rename = "c")]
    pub change_percentage_24h: f64,
    /// Number of the quote.
    #[serde(rename = "s")]
    pub seq: u64,
}

cnop_domain::closed_set! {
    /// Availability of prices for trading.
    pub enum PriceStatus {
        /// Prices are fresh and updated.
        Live = "live",
        /// They are too old.
        Stale = "stale",
    }
}

cnop_domain::closed_set! {
    /// Cooperation of the servers.
    pub enum CoordinationStatus {
        /// The servers reach each other.
        Ok = "ok",
        /// This server goes on alone: quotas are its share, and registration is closed.
        Degraded = "degraded",
    }
}

/// SSE `event: system`: the state of the venue, first at once and then whenever it changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SystemEvent {
    /// `live`, or `stale` when prices are too old to trade on.
    pub prices: PriceStatus,
    /// Cooperation of the servers: `ok`, or `degraded` while this server goes on alone. Money still moves then.
    pub coordination: CoordinationStatus,
    /// Price source: `simulator` or `coingecko`.
    pub source: QuoteSource,
    /// Age at which a price is too old, in ms.
    pub price_max_age_ms: u64,
}
