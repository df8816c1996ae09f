//! A fill in words, and everything that it follows from.

use cnop_api::trading::{FillExplanation, FillView, OrderView};
use cnop_domain::{Basis, Quantity, Side};

use crate::islands::FillCheckInputs;
use crate::{format, labels};

/// A fill in words, and everything that it follows from.
#[derive(Debug, Clone)]
pub(super) struct FillProof {
    /// Title with quantity and price.
    pub(super) title: String,
    /// The quote, the value and the fee.
    pub(super) detail: String,
    /// The rules in the order they were applied, each with its figures.
    pub(super) rules: Vec<String>,
    /// Inputs of the verification.
    pub(super) inputs: FillCheckInputs,
}

/// A fill in words with everything that it is computed from.
pub(super) fn proof(order: &OrderView, explained: FillExplanation) -> FillProof {
    let FillExplanation { fill, inputs, rules, .. } = explained;
    let is_sale = order.side == Side::Sell;
    let displayed = if is_sale { fill.quote_bid_size } else { fill.quote_ask_size };
    let quoted = if is_sale { fill.quote_bid } else { fill.quote_ask };
    FillProof {
        title: title(order, &fill),
        detail: detail(order, &fill),
        rules: rules.into_iter().map(|rule| rule.detail).collect(),
        inputs: FillCheckInputs {
            side: order.side,
            order_type: inputs.kind,
            basis: fill.basis,
            limit: inputs.limit_price,
            trigger: inputs.trigger_price,
            displayed_left: inputs.displayed_left,
            step_size: inputs.step_size,
            fills_before: fill.number.saturating_sub(1),
            fee_bps: inputs.fee_bps,
            ordered: inputs.quantity,
            filled_before: inputs.filled_quantity,
            quantity: fill.quantity,
            // Fills that were stored without it were the venue's: no size limited them.
            displayed: displayed.unwrap_or(Quantity::ZERO),
            notional_before: inputs.filled_notional,
            fees_before: inputs.fees,
            notional: fill.notional,
            fee: fill.fee,
            price: fill.price,
            quoted,
            last: fill.quote_last.unwrap_or(quoted),
        },
    }
}

/// `Filled 0.015 BTC at 61,000.00 USD`.
pub(crate) fn title(order: &OrderView, fill: &FillView) -> String {
    let (quantity, price) = (format::quantity(fill.quantity), format::price(fill.price));
    format!("Filled {quantity}\u{a0}{} at {price}\u{a0}USD", order.asset_id)
}

/// The quote of a fill, with its value and fee: `Quote #4711: bid 72,621.00 / ask 72,639.20 · simulator · …`.
pub(crate) fn detail(order: &OrderView, fill: &FillView) -> String {
    let how = match fill.basis {
        Basis::Venue | Basis::Taker => String::new(),
        Basis::Maker if order.side == Side::Sell => "Filled at the limit, reached by the bid. ".to_owned(),
        Basis::Maker => "Filled at the limit, reached by the ask. ".to_owned(),
    };
    format!(
        "{how}Quote #{}: bid {} / ask {} · {} · {} · value {} · fee {} · model {}",
        fill.quote_seq,
        format::price(fill.quote_bid),
        format::price(fill.quote_ask),
        labels::quote_source(fill.quote_source),
        format::moment(fill.quote_time),
        format::usd(fill.notional),
        format::usd(fill.fee),
        fill.fill_model,
    )
}
