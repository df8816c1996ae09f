//! The props of the ticket.

use cnop_api::Problem;
use cnop_api::market::QuoteView;
use cnop_domain::{AccountLimits, Amount, AssetId, Quantity, TradingRules};
use serde::{Deserialize, Serialize};

use crate::order_form::OrderForm;
use crate::zone::ReaderZone;

/// The venue and the account, as far as the ticket needs them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketData {
    /// Id of the asset.
    pub(crate) asset_id: AssetId,
    /// True if it can be traded now.
    pub(crate) is_tradable: bool,
    /// Trading rules of the asset.
    pub(crate) rules: TradingRules,
    /// Those that matter while typing, in words.
    pub(crate) rules_text: String,
    /// The quote of the time of rendering.
    pub(crate) quote: QuoteView,
    /// Dollars available to spend.
    pub(crate) available: Amount,
    /// Coins available to sell.
    pub(crate) holding: Quantity,
    /// Coins that are held, available and reserved.
    pub(crate) held: Quantity,
    /// Cost of these coins.
    pub(crate) cost: Amount,
    /// Fee of an order, in basis points of its notional.
    pub(crate) fee_bps: u32,
    /// Largest notional of one order.
    pub(crate) order_notional_max: Amount,
    /// Oldest price that an order is filled at, in ms.
    pub(crate) price_max_age_ms: u64,
    /// The bounds of the account besides its money.
    pub(crate) limits: AccountLimits,
    /// True if nobody is signed in: the order is shown, and its button leads to sign in.
    pub(crate) is_visitor: bool,
    /// The last order of the asset, to be filled in again.
    pub(crate) repeat: Option<OrderForm>,
    /// The reader's time zone.
    pub(crate) zone: ReaderZone,
}

/// State of the ticket at the time of rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketStart {
    /// The fields: of the address, or of the form that was refused.
    pub(crate) order: OrderForm,
    /// Idempotency key of the next order.
    pub(crate) key: String,
    /// Refusal of the order.
    #[serde(with = "super::shown_problem")]
    pub(crate) problem: Option<Problem>,
    /// True if the confirmation is open.
    pub(crate) is_confirming: bool,
    /// True if the sheet of a phone is open.
    pub(crate) is_open: bool,
}
