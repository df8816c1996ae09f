//! Labels and sentences about an order: terms, status, reason.

use cnop_api::trading::{OrderView, Reserved};
use cnop_domain::{OrderStatus, Price, TimeInForceKind};

use crate::{format, labels};

fn usd(price: Price) -> String {
    format!("{}\u{a0}USD", format::price(price))
}

/// The terms in words: `Limit: buy 0.015 BTC at 61,000.00 USD`.
pub(crate) fn terms(order: &OrderView) -> String {
    format!("{}: {}", labels::order_type(order.kind), act(order))
}

/// The instruction without the type: `buy 0.015 BTC at 61,000.00 USD`.
pub(crate) fn act(order: &OrderView) -> String {
    let size = format!("{}\u{a0}{}", format::quantity(order.quantity), order.asset_id);
    let limit = if order.kind.has_limit() { format!(" at {}", usd(order.price)) } else { String::new() };
    let trigger = trigger(order).map(|words| format!(", when the last price {words}")).unwrap_or_default();
    format!("{} {size}{limit}{trigger}", order.side)
}

/// The reserve of an order: `1,421.42 USD`.
pub(crate) fn reserved(held: &Reserved) -> String {
    format!("{}\u{a0}{}", format::numbers(&held.amount), held.currency)
}

/// The trigger in words: `falls to 58,000.00 USD`.
pub(super) fn trigger(order: &OrderView) -> Option<String> {
    let how = if order.kind.triggers_above(order.side) { "rises" } else { "falls" };
    match (distance(order), order.stop_price) {
        (Some(distance), _) => {
            let best = if how == "rises" { "low" } else { "peak" };
            Some(format!("{how} {distance} from the {best}"))
        }
        (None, Some(stop)) => Some(format!("{how} to {}", usd(stop))),
        (None, None) => None,
    }
}

/// Trailing distance of a trailing stop.
pub(super) fn distance(order: &OrderView) -> Option<String> {
    let share = order.trail_bps.map(|points| format::share(f64::from(points) / 100.0));
    share.or_else(|| order.trail_amount.map(usd))
}

/// Time in force in words.
pub(super) fn life(order: &OrderView) -> String {
    match (order.time_in_force, order.expires_at) {
        (TimeInForceKind::Gtd, Some(end)) => format!("GTD, until {}", format::moment(end)),
        (TimeInForceKind::Fok, _) => "FOK, fill or kill".to_owned(),
        (TimeInForceKind::Ioc, _) => "IOC, immediate or cancel".to_owned(),
        (TimeInForceKind::Gtc | TimeInForceKind::Gtd, _) => "GTC, good till canceled".to_owned(),
    }
}

/// Status in a sentence.
pub(super) fn status(order: &OrderView) -> String {
    match order.status {
        OrderStatus::Held => "Starts when the entry is filled. Nothing is reserved until then.".to_owned(),
        OrderStatus::WaitingTrigger => {
            let what = trigger(order).unwrap_or_default();
            format!("Triggers when the last price {what}.")
        }
        OrderStatus::Working => "Fills when the price reaches the limit.".to_owned(),
        OrderStatus::PartiallyFilled => {
            format!("{} {} still open.", format::quantity(order.remaining_quantity), order.asset_id)
        }
        OrderStatus::Completed => "Filled".to_owned(),
        OrderStatus::Canceled | OrderStatus::Expired | OrderStatus::Rejected => {
            let mut words = ended(order);
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            format!("{words}.")
        }
    }
}

/// Final status with its reason: `canceled by you`.
pub(crate) fn ended(order: &OrderView) -> String {
    let why = order.status_reason.map_or("", labels::reason);
    format!("{}{why}", order.status)
}
