//! An order in words: what was asked for, how it stands, and why.

use cnop_api::trading::OrderView;
use cnop_domain::Price;

use crate::format;

fn usd(price: Price) -> String {
    format!("{}\u{a0}USD", format::price(price))
}

/// `Limit`, `Take-profit-limit`.
pub(crate) fn type_name(kind: &str) -> &'static str {
    match kind {
        "limit" => "Limit",
        "stop" => "Stop",
        "stop_limit" => "Stop-limit",
        "take_profit" => "Take-profit",
        "take_profit_limit" => "Take-profit-limit",
        "trailing_stop" => "Trailing stop",
        _ => "Market",
    }
}

/// What was asked for: `Limit: buy 0.015 BTC at 61,000.00 USD`.
pub(crate) fn terms(order: &OrderView) -> String {
    let size = format!("{}\u{a0}{}", format::quantity(order.quantity), order.asset_id);
    let limit = if has_limit(order) { format!(" at {}", usd(order.price)) } else { String::new() };
    let trigger = trigger(order).map(|words| format!(", when the last price {words}")).unwrap_or_default();
    format!("{}: {} {size}{limit}{trigger}", type_name(&order.kind), order.side)
}

pub(super) fn has_limit(order: &OrderView) -> bool {
    matches!(order.kind.as_str(), "limit" | "stop_limit" | "take_profit_limit")
}

/// What wakes it: `falls to 58,000.00 USD`.
pub(super) fn trigger(order: &OrderView) -> Option<String> {
    let takes_profit = order.kind.starts_with("take_profit");
    let how = if (order.side == "buy") == takes_profit { "falls" } else { "rises" };
    match (distance(order), order.stop_price) {
        (Some(distance), _) => Some(format!("{how} {distance} from its best")),
        (None, Some(stop)) => Some(format!("{how} to {}", usd(stop))),
        (None, None) => None,
    }
}

/// How far a trailing stop stays behind.
pub(super) fn distance(order: &OrderView) -> Option<String> {
    let share = order.trail_bps.map(|points| format::share(f64::from(points) / 100.0));
    share.or_else(|| order.trail_amount.map(usd))
}

/// How long it lives.
pub(super) fn life(order: &OrderView) -> String {
    match (order.time_in_force.as_str(), order.expires_at) {
        ("gtd", Some(end)) => format!("Until {}", format::moment(end)),
        ("fok", _) => "All at once or nothing".to_owned(),
        ("ioc", _) if order.kind == "market" => "Now".to_owned(),
        ("ioc", _) => "What fills at once; the rest expires".to_owned(),
        _ => "Until it is canceled".to_owned(),
    }
}

/// How it stands, in a sentence.
pub(super) fn status(order: &OrderView) -> String {
    match order.status.as_str() {
        "held" => {
            "It is held until the purchase of its group is filled whole. It reserves nothing until then."
                .to_owned()
        }
        "waiting_trigger" => {
            let what = trigger(order).unwrap_or_default();
            format!("It waits until the last price {what}.")
        }
        "working" => "It works: it fills when the price reaches its limit.".to_owned(),
        "partially_filled" => format!(
            "A part is filled; {} {} wait for the price.",
            format::quantity(order.remaining_quantity),
            order.asset_id
        ),
        "completed" => "It is filled whole.".to_owned(),
        _ => {
            let mut words = ended(order);
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            format!("{words}.")
        }
    }
}

/// How it ended and why: `canceled by you`.
pub(crate) fn ended(order: &OrderView) -> String {
    let why = match order.status_reason.as_deref() {
        Some("user") => " by you",
        Some("oco_sibling") => " because the other order of its pair ended",
        Some("parent_closed") => " because the purchase it waited for ended unfilled",
        Some("kill_switch") => " by your kill switch",
        Some("gtd") => " at the end of its time",
        Some("ioc_remainder") => ": what did not fill at once ends",
        Some("fok_unfilled") => ": it could not fill whole at once",
        Some("insufficient_funds") => ": the balance was too small when its turn came",
        Some("rules") => ": it breaks a rule that changed after it was accepted",
        _ => "",
    };
    format!("{}{why}", order.status)
}

/// Its role in its group.
pub(super) fn role(role: &str) -> &'static str {
    match role {
        "entry" => "Purchase",
        "take_profit" => "Exit with a profit",
        _ => "Exit with a loss",
    }
}

/// What its group is, in a sentence.
pub(super) fn group(kind: &str) -> &'static str {
    match kind {
        "oco" => "Two orders on the same coins: when one fills, the other is canceled.",
        "oto" => "A purchase and one exit, which lives once the purchase is filled whole.",
        _ => {
            "A purchase and two exits, which live once it is filled whole; when one fills, the other is canceled."
        }
    }
}
