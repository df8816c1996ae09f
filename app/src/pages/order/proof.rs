//! What the server says of one fill, and the figures it follows from.

use cnop_api::trading::{FillExplanation, FillView, OrderView};
use cnop_domain::{Amount, Basis, OrderType, Price, Quantity, Side};

use super::NONE;
use crate::functions::FillProof;
use crate::{format, labels};

/// A fill in words with all that it is computed from.
pub(crate) fn proof(order: &OrderView, explained: FillExplanation) -> FillProof {
    let FillExplanation { fill, inputs, rules, .. } = explained;
    let is_sale = order.side == Side::Sell;
    let displayed = if is_sale { fill.quote_bid_size } else { fill.quote_ask_size };
    let quoted = if is_sale { fill.quote_bid } else { fill.quote_ask };
    let figures = Figures {
        side: order.side,
        kind: inputs.kind,
        basis: fill.basis,
        limits: [word(inputs.limit_price), word(inputs.trigger_price)],
        seen: [word(inputs.displayed_left), word(inputs.step_size)],
        whole: [fill.number.saturating_sub(1), inputs.fee_bps],
        coins: [
            inputs.quantity,
            inputs.filled_quantity,
            fill.quantity,
            // Fills that were stored without it were the venue's: no size limited them.
            displayed.unwrap_or(Quantity::ZERO),
        ],
        dollars: [inputs.filled_notional, inputs.fees, fill.notional, fill.fee],
        prices: [fill.price, quoted, fill.quote_last.unwrap_or(quoted)],
    };
    FillProof {
        title: title(order, &fill),
        detail: detail(order, &fill),
        rules: rules.into_iter().map(|rule| rule.detail).collect(),
        figures: figures.line(),
    }
}

/// A figure, or what stands in place of one.
fn word(figure: Option<impl ToString>) -> String {
    figure.map_or_else(|| NONE.to_owned(), |figure| figure.to_string())
}

/// All that a fill follows from.
pub(super) struct Figures {
    pub(super) side: Side,
    pub(super) kind: OrderType,
    pub(super) basis: Basis,
    /// The limit at that time, and the trigger.
    pub(super) limits: [String; 2],
    /// What was left of the displayed size, and the step size.
    pub(super) seen: [String; 2],
    /// Fills before it, and the fee in basis points.
    pub(super) whole: [u32; 2],
    /// Ordered, filled before, filled now, displayed.
    pub(super) coins: [Quantity; 4],
    /// Value and fees before, value and fee now.
    pub(super) dollars: [Amount; 4],
    /// Of the fill, of the quote's side that it used, and the last one.
    pub(super) prices: [Price; 3],
}

impl Figures {
    /// In one line, as `super::verify` reads it.
    pub(super) fn line(&self) -> String {
        let mut words = vec![self.side.to_string(), self.kind.to_string(), self.basis.to_string()];
        words.extend_from_slice(&self.limits);
        words.extend_from_slice(&self.seen);
        words.extend(self.whole.iter().map(ToString::to_string));
        words.extend(self.coins.iter().map(ToString::to_string));
        words.extend(self.dollars.iter().map(ToString::to_string));
        words.extend(self.prices.iter().map(ToString::to_string));
        words.join(" ")
    }
}

/// `Filled 0.015 BTC at 61,000.00 USD`.
pub(crate) fn title(order: &OrderView, fill: &FillView) -> String {
    let (quantity, price) = (format::quantity(fill.quantity), format::price(fill.price));
    format!("Filled {quantity}\u{a0}{} at {price}\u{a0}USD", order.asset_id)
}

/// The quote that it used, and what it came to.
pub(crate) fn detail(order: &OrderView, fill: &FillView) -> String {
    let side = if order.side == Side::Sell { "bid" } else { "ask" };
    let how = match fill.basis {
        Basis::Venue | Basis::Taker => format!("At the {side} of quote"),
        Basis::Maker => format!("At its limit, when the {side} reached it, quote"),
    };
    let source = labels::quote_source(fill.quote_source);
    format!(
        "{how} {} (bid {}, ask {}), made {} by {source}. Value {}, fee {}. Fill model {}.",
        fill.quote_seq,
        format::price(fill.quote_bid),
        format::price(fill.quote_ask),
        format::moment(fill.quote_time),
        format::usd(fill.notional),
        format::usd(fill.fee),
        fill.fill_model,
    )
}
