//! The ticket's sentences: what a kind of order does, and the whole act that the button does.

use cnop_domain::{OrderStatus, OrderTerms, OrderType, Side, TimeInForce, Trail};

use super::draft::Estimate;
use crate::order_form::Kind;
use crate::{format, labels};

/// The name of a kind of order.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::One(order_type) => labels::order_type(order_type),
        Kind::Oco => "Profit or stop (OCO)",
    }
}

/// What a kind of order does, in one sentence.
pub(super) fn meaning(kind: Kind, side: Side) -> String {
    let buys = if side == Side::Buy { "buys" } else { "sells" };
    match kind {
        Kind::One(OrderType::Market) => {
            format!("It {buys} all of it at once, at the venue's price of that moment.")
        }
        Kind::One(OrderType::Limit) => {
            format!("It {buys} at your price or better. What does not fill at once waits for it.")
        }
        Kind::One(OrderType::TrailingStop) => {
            let (best, how) = if side == Side::Buy { ("lowest", "above") } else { ("highest", "below") };
            format!(
                "Its trigger stays {how} the {best} last price at your distance and never moves back. Reached, it {buys} at market."
            )
        }
        Kind::One(order_type) => {
            let how = if order_type.triggers_above(side) { "rises" } else { "falls" };
            let then = if order_type.has_limit() { "at your limit or better" } else { "at market" };
            format!("It waits until the last price {how} to the stop price, then {buys} {then}.")
        }
        Kind::Oco => format!(
            "Two orders of the same size: one {buys} at your better price, one is a stop at a worse. When one fills, the other is canceled."
        ),
    }
}

/// The whole act in words: `Buy 0.015 BTC for about 960.19 USD`.
pub(super) fn act(kind: Kind, estimate: &Estimate) -> String {
    let terms = &estimate.terms;
    let asset = terms.asset_id;
    let quantity = format::quantity(terms.quantity);
    let usd = |price| format!("{}\u{a0}USD", format::price(price));
    if kind == Kind::Oco {
        let profit = estimate.take_profit.map(usd).unwrap_or_default();
        let loss = estimate.stop_loss.as_ref().map(loss).unwrap_or_default();
        return format!("Place both: {} {quantity}\u{a0}{asset} at {profit}, or {loss}", terms.side);
    }
    let exits = match (estimate.take_profit.is_some(), estimate.stop_loss.is_some()) {
        (false, false) => "",
        (true, true) => ", with both exits",
        (true, false) | (false, true) => ", with its exit",
    };
    if terms.order_type == OrderType::Market {
        let verb = labels::side(terms.side);
        let value = format::usd_cents(estimate.notional);
        return format!("{verb} {quantity}\u{a0}{asset} for about {value}{exits}");
    }
    let limit = terms.limit.map(|limit| format!(" at {}", usd(limit))).unwrap_or_default();
    let trigger = match (terms.stop, terms.trail) {
        (Some(stop), _) => {
            let how = if terms.order_type.triggers_above(terms.side) { "rises" } else { "falls" };
            format!(" when it {how} to {}", usd(stop))
        }
        (None, Some(trail)) => format!(", {} behind", distance(trail)),
        (None, None) => String::new(),
    };
    let name = name(kind).to_lowercase();
    format!("Place a {name} order: {} {quantity}\u{a0}{asset}{limit}{trigger}{exits}", terms.side)
}

/// What ends a loss, in words: `by a stop at 50,000.00 USD`.
pub(super) fn loss(terms: &OrderTerms) -> String {
    let usd = |price| format!("{}\u{a0}USD", format::price(price));
    match (terms.stop, terms.limit, terms.trail) {
        (Some(stop), Some(limit), _) => format!("by a stop at {} with a limit of {}", usd(stop), usd(limit)),
        (Some(stop), None, _) => format!("by a stop at {}", usd(stop)),
        (None, _, Some(trail)) => format!("by a stop that stays {} behind", distance(trail)),
        (None, _, None) => String::new(),
    }
}

fn distance(trail: Trail) -> String {
    match trail {
        Trail::BasisPoints(points) => format::share(f64::from(points) / 100.0),
        Trail::Amount(distance) => format!("{}\u{a0}USD", format::price(distance)),
    }
}

/// How long it lives. `day` is the last day that was chosen.
pub(super) fn life(terms: &OrderTerms, day: &str) -> String {
    match terms.time_in_force {
        TimeInForce::Gtc => "Until it is canceled".to_owned(),
        TimeInForce::Gtd { .. } => format!("Until the end of {day}, UTC"),
        TimeInForce::Ioc if terms.order_type == OrderType::Market => "Now".to_owned(),
        TimeInForce::Ioc => "Now; the rest expires".to_owned(),
        TimeInForce::Fok => "All now or nothing".to_owned(),
    }
}

/// A figure that the price of its moment decides is one of now.
pub(super) fn about(estimate: &Estimate, figure: String) -> String {
    if estimate.terms.limit.is_none() { format!("about {figure}") } else { figure }
}

/// How much fills at once, and what becomes of the rest.
pub(super) fn at_once(estimate: &Estimate) -> String {
    let asset = estimate.terms.asset_id;
    let coins = |quantity| format!("{}\u{a0}{asset}", format::quantity(quantity));
    let slipped = estimate.slippage.map(slippage).unwrap_or_default();
    // A limit order takes what is displayed then; the page knows what was displayed when it was made.
    let up_to = if estimate.terms.limit.is_some() { "Up to " } else { "" };
    match (estimate.filled.is_zero(), estimate.status) {
        (_, OrderStatus::Completed) if up_to.is_empty() => format!("All of it{slipped}"),
        (_, OrderStatus::Completed) => format!("As much of it as is displayed{slipped}"),
        (true, OrderStatus::Expired) => "Nothing: it would expire".to_owned(),
        (false, OrderStatus::Expired) => {
            format!("{up_to}{}{slipped}, the rest expires", coins(estimate.filled))
        }
        (true, _) => "Nothing: it waits".to_owned(),
        (false, _) => format!("{up_to}{}{slipped}, the rest waits", coins(estimate.filled)),
    }
}

/// How far from the last price: `, 0.02 % worse than last`.
fn slippage(millionths: i128) -> String {
    let hundredths = millionths.abs() / 100;
    if hundredths == 0 {
        return ", at the last price".to_owned();
    }
    let than = if millionths > 0 { "worse" } else { "better" };
    format!(", {}.{:02}\u{a0}% {than} than last", hundredths / 100, hundredths % 100)
}

/// What is held back until the orders end.
pub(super) fn reserve(estimate: &Estimate) -> String {
    let asset = estimate.terms.asset_id;
    if !estimate.reserved_cash.is_zero() {
        let cushioned = if is_cushioned(&estimate.terms) { ", 2.5\u{a0}% above the trigger" } else { "" };
        return format!("{}{cushioned}", format::usd(estimate.reserved_cash));
    }
    if estimate.reserved_coins.is_zero() {
        return "Nothing".to_owned();
    }
    format!("{}\u{a0}{asset}", format::quantity(estimate.reserved_coins))
}

fn is_cushioned(terms: &OrderTerms) -> bool {
    terms.side == Side::Buy && terms.limit.is_none() && terms.order_type.waits()
}

/// Something worth a second look.
pub(super) fn warning(estimate: &Estimate) -> Option<String> {
    let terms = &estimate.terms;
    if terms.order_type == OrderType::Market && estimate.is_beyond_displayed {
        return Some(
            "This is more than the quote shows; the venue still fills it whole at that price.".to_owned(),
        );
    }
    if terms.order_type.waits() && terms.limit.is_none() {
        return Some(
            "After a jump it fills at the price of that moment, which can be far worse than its trigger."
                .to_owned(),
        );
    }
    if estimate.status == OrderStatus::Expired {
        return Some(match terms.time_in_force {
            TimeInForce::Fok => "It cannot fill whole now, so it would expire.".to_owned(),
            _ => "What does not fill at once expires.".to_owned(),
        });
    }
    if terms.order_type == OrderType::Limit
        && !estimate.filled.is_zero()
        && terms.limit != Some(estimate.price)
    {
        return Some("Your price is beyond the quote: this fills at once, at the quote.".to_owned());
    }
    None
}
