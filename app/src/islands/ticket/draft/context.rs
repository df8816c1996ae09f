//! Inputs of an estimate, and the parsing of the form against it.

use cnop_api::Problem;
use cnop_api::trading::parse::{Assets, Parsed, parse_group, parse_order};
use cnop_domain::{AccountLimits, Amount, AssetId, Quantity, Quote, TradingRules};

use crate::order_form::{OrderForm, Placement};
use crate::zone::ReaderZone;

/// Present data of market and account for an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct EstimateContext {
    pub(in super::super) asset_id: AssetId,
    pub(in super::super) rules: TradingRules,
    pub(in super::super) quote: Quote,
    pub(in super::super) fee_bps: u32,
    pub(in super::super) order_notional_max: Amount,
    pub(in super::super) cash: Amount,
    pub(in super::super) coins: Quantity,
    /// Coins that are held, available and reserved, and their cost.
    pub(in super::super) held: Quantity,
    pub(in super::super) cost: Amount,
    pub(in super::super) now_us: i64,
    /// The bounds of the account besides its money.
    pub(in super::super) limits: AccountLimits,
    /// The reader's time zone.
    pub(in super::super) zone: ReaderZone,
}

/// The orders that the form places, parsed as the server parses them.
///
/// # Errors
/// Fields that are missing from the form or cannot be read.
pub(super) fn parsed(form: &OrderForm, basis: &EstimateContext) -> Result<Parsed, Problem> {
    match form.request(basis.asset_id.as_str(), &basis.zone)? {
        Placement::One(request) => parse_order(&request, basis),
        Placement::Group(request) => parse_group(&request, basis),
    }
}

impl Assets for EstimateContext {
    fn rules(&self, asset_id: AssetId) -> Option<TradingRules> {
        (asset_id == self.asset_id).then_some(self.rules)
    }
}
