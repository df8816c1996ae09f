//! Outcome of an order in sentences.

use cnop_api::trading::OrderView;
use cnop_domain::{OrderStatus, Side};

use super::words::{act, ended, reserved, terms};
use crate::{format, labels};

/// Outcome of one order, and what it moved, as a text.
pub(in crate::pages) fn outcome_text(order: &OrderView) -> String {
    [Some(outcome(order)), settled(order)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Outcome of one order: its execution so far, or its terms with its status.
pub(in crate::pages) fn outcome(order: &OrderView) -> String {
    let placed = || {
        let (kind, status) = (labels::order_type(order.kind), labels::status(order.status));
        format!("{} ({}, {})", act(order), kind.to_lowercase(), status.to_lowercase())
    };
    match order.status {
        OrderStatus::Completed => filled(order),
        OrderStatus::PartiallyFilled => {
            let left = format::quantity(order.remaining_quantity);
            format!("{} {left} {} still open.", filled(order), order.asset_id)
        }
        OrderStatus::Working | OrderStatus::WaitingTrigger => format!("Order placed: {}.", placed()),
        OrderStatus::Held => format!("Order placed: {}. Starts when your buy is filled.", placed()),
        _ if order.filled_quantity.is_zero() => format!("{}: {}.", terms(order), ended(order)),
        _ => format!("{} The rest {}.", filled(order), ended(order)),
    }
}

/// `Bought 0.05 BTC at 72,665.10. Total 3,636.89 USD incl. 3.63 fee.`
fn filled(order: &OrderView) -> String {
    let (quantity, fee) = (format::quantity(order.filled_quantity), format::money(order.fees));
    let price = order.average_price.map(format::price).unwrap_or_default();
    if order.side == Side::Sell {
        let received = order.total_amount.checked_sub(order.fees).unwrap_or(order.total_amount);
        let received = format::usd_money(received);
        return format!(
            "Sold {quantity} {} at {price}. Received {received} after {fee} fee.",
            order.asset_id
        );
    }
    let paid = format::usd_money(order.total_amount.checked_add(order.fees).unwrap_or(order.total_amount));
    format!("Bought {quantity} {} at {price}. Total {paid} incl. {fee} fee.", order.asset_id)
}

/// The reserve of an open order.
pub(in crate::pages) fn settled(order: &OrderView) -> Option<String> {
    order.reserved.as_ref().map(|held| format!("{} reserved.", reserved(held)))
}
