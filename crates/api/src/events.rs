//! What the live stream carries. Account events have an id, the account's `seq`, without gaps; prices have none
//! and may be conflated. What a numbered event implies is told before it without an id: `order.accepted` of an order that
//! filled as it arrived, `balance.changed` and `position.changed`.

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
    /// Dollars, with open orders' share.
    pub balance: BalanceState,
    /// Every holding above zero.
    pub holdings: Vec<HoldingState>,
}

/// Dollars of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceState {
    /// What can be spent.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Amount,
    /// What open orders hold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Amount,
}

/// Coins of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldingState {
    /// The asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Coins, available and reserved.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Coins that can be sold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Quantity,
    /// What they cost.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cost_basis: Amount,
}

/// One committed change of an account. SSE `event:` is [`AccountEvent::name`], `id:` is `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEvent {
    /// Number in the account's log, without gaps.
    pub seq: u64,
    /// When it was committed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// What happened.
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
    /// Why: the order's `status_reason` after the event; `parent_filled` when an exit comes to life; or why a run was skipped
    /// or a recurring order paused.
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
    /// The order as it was taken, when the event opened it and filled it at once: told before it as `order.accepted`.
    #[serde(skip)]
    pub accepted: Option<Box<OrderView>>,
}

/// SSE `event: prices`: assets whose price changed since the last message, conflated to a few a second.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PricesEvent {
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// `simulator` or `coingecko`.
    pub source: QuoteSource,
    /// The changes.
    pub prices: Vec<PriceTick>,
}

/// A price that changed.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceTick {
    /// The asset.
    #[serde(rename = "a")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// What a seller gets.
    #[serde(rename = "b")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bid: Price,
    /// What a buyer pays.
    #[serde(rename = "k")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ask: Price,
    /// Last trade.
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
    /// Whether prices can be traded on.
    pub enum PriceStatus {
        /// They are fresh.
        Live = "live",
        /// They are too old.
        Stale = "stale",
    }
}

/// SSE `event: system`: the state of the venue, first at once and then whenever it changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SystemEvent {
    /// `live`, or `stale` when prices are too old to trade on.
    pub prices: PriceStatus,
    /// `simulator` or `coingecko`.
    pub source: QuoteSource,
    /// Age at which a price is too old, in ms.
    pub price_max_age_ms: u64,
}
