//! The ticket's sentences: what a kind of order does, and the whole act that the button does.

use cnop_api::Timestamp;
use cnop_domain::{OrderStatus, OrderTerms, OrderType, Side, TimeInForce, Trail};

use super::draft::{End, Estimate, reward};
use crate::order_form::TicketKind;
use crate::zone::ReaderZone;
use crate::{format, labels};

/// The name of a kind of order.
pub(super) const fn name(kind: TicketKind) -> &'static str {
    match kind {
        TicketKind::One(order_type) => labels::order_type(order_type),
        TicketKind::Oco => "OCO: take-profit / stop-loss",
    }
}

/// Effect of a kind of order, in one sentence.
pub(super) fn meaning(kind: TicketKind, side: Side) -> String {
    let buys = if side == Side::Buy { "buys" } else { "sells" };
    match kind {
        TicketKind::One(OrderType::Market) => {
            let quoted = if side == Side::Buy { "ask" } else { "bid" };
            format!("Fills right away at the {quoted}.")
        }
        TicketKind::One(OrderType::Limit) => {
            let verb = if side == Side::Buy { "Buys" } else { "Sells" };
            format!("{verb} at your price or better; the rest stays open.")
        }
        TicketKind::One(OrderType::TrailingStop) => {
            let (best, back) = if side == Side::Buy { ("lowest", "up") } else { ("highest", "down") };
            format!(
                "The stop follows the {best} price at this distance and never moves {back}. When hit, {buys} at market."
            )
        }
        TicketKind::One(order_type) => {
            let how = if order_type.triggers_above(side) { "rises" } else { "falls" };
            let then = if order_type.has_limit() { "at your limit or better" } else { "at market" };
            format!("When the last price {how} to the stop price, {buys} {then}.")
        }
        TicketKind::Oco => {
            let pair =
                if side == Side::Buy { "A limit and a stop order" } else { "A take-profit and a stop-loss" };
            format!("{pair} for the same amount. When one fills, the other is canceled.")
        }
    }
}

/// The whole act in words, with the money that moves, the fee included: `Buy 0.015 BTC for about 961.15 USD`.
pub(super) fn act(kind: TicketKind, estimate: &Estimate) -> String {
    let terms = &estimate.terms;
    let (verb, asset) = (labels::side(terms.side), terms.asset_id);
    let coins = format!("{}\u{a0}{asset}", format::quantity(terms.quantity));
    let total = format::usd_money(estimate.total);
    if kind == TicketKind::Oco {
        let exits = exits(estimate, if terms.side == Side::Buy { ["limit", "stop"] } else { ["TP", "SL"] });
        let most = (terms.side == Side::Buy).then(|| format::usd_money(estimate.reserved_cash));
        let most = most.map(|most| format!(" · at most {most}")).unwrap_or_default();
        return format!("Place OCO: {} {coins} · {exits}{most}", terms.side);
    }
    let exits = match exits(estimate, ["TP", "SL"]).as_str() {
        "" => String::new(),
        exits => format!(", {exits}"),
    };
    let limit = terms.limit.map(|limit| format!(" at {}", format::price(limit))).unwrap_or_default();
    match terms.order_type {
        OrderType::Market => format!("{verb} {coins} for about {total}{exits}"),
        OrderType::Limit => format!("{verb} {coins}{limit} for {total}{exits}"),
        _ => {
            let trigger = match (terms.stop, terms.trail) {
                (Some(stop), _) => {
                    let how = if terms.order_type.triggers_above(terms.side) { "rises" } else { "falls" };
                    format!(" when it {how} to {}", format::price(stop))
                }
                (None, Some(trail)) => format!(", trailing by {}", distance(trail)),
                (None, None) => String::new(),
            };
            let name = name(kind).to_ascii_lowercase();
            let about = about(estimate, total);
            format!("Place {name}: {} {coins}{limit}{trigger}, {about}{exits}", terms.side)
        }
    }
}

/// The result of an end: `1,498.50 USD (+61.40)`.
pub(super) fn end(end: &End) -> String {
    let about = if end.is_limit { "" } else { "about " };
    let gain = end.gain.map(|gain| format!(" ({})", format::amount_signed(gain))).unwrap_or_default();
    format!("{about}{}{gain}", format::usd_money(end.total))
}

/// Profit, loss and their ratio: `Profit +78.58 · loss −121.22 · 0.64 : 1`; empty without exits.
pub(super) fn exit_results(estimate: &Estimate) -> String {
    let gain = |name: &str, end: Option<End>| Some(format!("{name} {}", format::amount_signed(end?.gain?)));
    let parts =
        [gain("Profit", estimate.profit_end), gain("loss", estimate.loss_end), reward_to_risk(estimate)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Profit for each dollar of loss: `2.40 : 1`.
pub(super) fn reward_to_risk(estimate: &Estimate) -> Option<String> {
    let hundredths = reward(estimate.profit_end.as_ref()?, estimate.loss_end.as_ref()?)?;
    Some(format!("{}.{:02} : 1", hundredths / 100, hundredths % 100))
}

/// The prices of both exits: `TP 75,000.00 · SL 69,000.00`.
fn exits(estimate: &Estimate, [profit, loss]: [&str; 2]) -> String {
    let profit = estimate.take_profit.map(|price| format!("{profit} {}", format::price(price)));
    let loss = estimate.stop_loss.as_ref().map(|terms| match (terms.stop, terms.trail) {
        (Some(stop), _) => format!("{loss} {}", format::price(stop)),
        (None, Some(trail)) => format!("{loss} trailing by {}", distance(trail)),
        (None, None) => loss.to_owned(),
    });
    profit.into_iter().chain(loss).collect::<Vec<_>>().join(" · ")
}

/// The stop-loss in words: `stop-loss at 50,000.00 USD`.
pub(super) fn loss(terms: &OrderTerms) -> String {
    let usd = |price| format!("{}\u{a0}USD", format::price(price));
    match (terms.stop, terms.limit, terms.trail) {
        (Some(stop), Some(limit), _) => format!("stop-loss at {}, limit {}", usd(stop), usd(limit)),
        (Some(stop), None, _) => format!("stop-loss at {}", usd(stop)),
        (None, _, Some(trail)) => format!("stop-loss trailing by {}", distance(trail)),
        (None, _, None) => String::new(),
    }
}

fn distance(trail: Trail) -> String {
    match trail {
        Trail::BasisPoints(points) => format::share(f64::from(points) / 100.0),
        Trail::Amount(distance) => format!("{}\u{a0}USD", format::price(distance)),
    }
}

/// Time in force in words, with the exact end in the reader's time zone.
pub(super) fn life(terms: &OrderTerms, zone: &ReaderZone) -> String {
    match terms.time_in_force {
        TimeInForce::Gtc => "GTC, good till canceled".to_owned(),
        TimeInForce::Gtd { expires_us } => {
            format!("GTD, until {}", format::moment_in(zone, Timestamp(expires_us)))
        }
        TimeInForce::Ioc => "IOC, immediate or cancel".to_owned(),
        TimeInForce::Fok => "FOK, fill or kill".to_owned(),
    }
}

/// Prefixes `about` when the amount depends on the live price.
pub(super) fn about(estimate: &Estimate, figure: String) -> String {
    if estimate.terms.limit.is_none() { format!("about {figure}") } else { figure }
}

/// The part that fills at once, and the fate of the rest.
pub(super) fn at_once(estimate: &Estimate) -> String {
    let asset = estimate.terms.asset_id;
    let coins = |quantity| format!("{}\u{a0}{asset}", format::quantity(quantity));
    let slipped = estimate.slippage.map(slippage).unwrap_or_default();
    // A limit order takes what is displayed then; the page knows what was displayed when it was made.
    let up_to = if estimate.terms.limit.is_some() { "Up to " } else { "" };
    match (estimate.filled.is_zero(), estimate.status) {
        (_, OrderStatus::Completed) if up_to.is_empty() => format!("All{slipped}"),
        (_, OrderStatus::Completed) => format!("Up to the displayed size{slipped}"),
        (true, OrderStatus::Expired) => "None: would expire".to_owned(),
        (false, OrderStatus::Expired) => {
            format!("{up_to}{}{slipped}, rest expires", coins(estimate.filled))
        }
        (true, _) => "None".to_owned(),
        (false, _) => format!("{up_to}{}{slipped}, rest open", coins(estimate.filled)),
    }
}

/// Distance from the last price: ` · slippage 0.02% vs last`.
fn slippage(millionths: i128) -> String {
    let hundredths = millionths.abs() / 100;
    if hundredths == 0 {
        return " · no slippage".to_owned();
    }
    let share = format!("{}.{:02}%", hundredths / 100, hundredths % 100);
    if millionths > 0 {
        format!(" · slippage {share} vs last")
    } else {
        format!(" · {share} better than last")
    }
}

/// Reserve of the orders.
pub(super) fn reserve(estimate: &Estimate) -> String {
    let asset = estimate.terms.asset_id;
    if !estimate.reserved_cash.is_zero() {
        let cushioned = if is_cushioned(&estimate.terms) { ", 2.5% above the trigger" } else { "" };
        return format!("{}{cushioned}", format::usd_money(estimate.reserved_cash));
    }
    if estimate.reserved_coins.is_zero() {
        return "None".to_owned();
    }
    format!("{}\u{a0}{asset}", format::quantity(estimate.reserved_coins))
}

fn is_cushioned(terms: &OrderTerms) -> bool {
    terms.side == Side::Buy && terms.limit.is_none() && terms.order_type.waits()
}

/// A warning about the order.
pub(super) fn warning(estimate: &Estimate) -> Option<String> {
    let terms = &estimate.terms;
    if terms.order_type == OrderType::Market && estimate.is_beyond_displayed {
        return Some("Larger than the quoted size; this venue still fills it in full.".to_owned());
    }
    if terms.order_type.waits() && terms.limit.is_none() {
        return Some(
            match terms.side {
                Side::Buy => "In a fast market the fill can be well above your stop.",
                Side::Sell => "In a fast market the fill can be well below your stop.",
            }
            .to_owned(),
        );
    }
    if estimate.status == OrderStatus::Expired {
        return Some(match terms.time_in_force {
            TimeInForce::Fok => "Cannot fill in full now: the order would expire.".to_owned(),
            _ => "The part that does not fill immediately expires.".to_owned(),
        });
    }
    if terms.order_type == OrderType::Limit
        && !estimate.filled.is_zero()
        && terms.limit != Some(estimate.price)
    {
        return Some("Your price is beyond the quote: fills immediately at the quote.".to_owned());
    }
    None
}
