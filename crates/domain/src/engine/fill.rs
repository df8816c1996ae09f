//! Fills: what a trigger wakes and what a quote fills.

use super::close::{close, is_over, reject};
use super::decision::{Desk, Outcome, Reserves, Seen, Venue, Work, is_carrier, is_entry};
use super::reserve::Held;
use crate::order::value;
use crate::{
    Basis, Change, FILLS_MAX, Fill, MoneyError, OrderFill, OrderState, OrderStatus, OrderType, Price,
    Quantity, Reason, Refusal, Trail,
};

/// Wakes an order whose trigger the last price has reached. A stop then fills whole at the quote or, when a purchase
/// has become too expensive or larger than an account can hold, is rejected; a limit form becomes a limit order that arrives. `mark` is the mark of a
/// trailing stop as the book knows it. An order whose time is over expires instead.
///
/// # Errors
/// [`Refusal::Closed`]; [`Refusal::NotNow`] when the trigger is not reached or the order waits for none.
pub fn trigger(desk: &Desk, index: usize, venue: &Venue, mark: Option<Price>) -> Result<Outcome, Refusal> {
    let mut work = Work::new(desk.clone());
    let order = work.open(index)?;
    if is_over(&order, venue.now_us) {
        close(&mut work, index, Change::Expired(Reason::GtdReached))?;
        return Ok(work.finish());
    }
    if order.status != OrderStatus::WaitingTrigger {
        return Err(Refusal::NotNow);
    }
    if order.terms.order_type == OrderType::TrailingStop {
        let known = order.mark.unwrap_or(venue.quote.last);
        let mark = Trail::mark_after(order.terms.side, known, mark.unwrap_or(known));
        work.mark_set(index, mark, venue)?;
    }
    let order = work.open(index)?;
    let trigger = order.trigger.ok_or(Refusal::NotNow)?;
    if !order.terms.is_reached(trigger, venue.quote.last) {
        return Err(Refusal::NotNow);
    }
    work.beyond_set(index, venue)?;
    work.record_moved(index, Change::Triggered { quote: venue.quote, mark: order.mark }, order.held())?;
    let filled = if order.terms.order_type.has_limit() {
        take(&mut work, index, venue)
    } else {
        fill_whole(&mut work, index, venue)
    };
    match filled {
        // Money that is missing: the order cannot be filled.
        Err(Refusal::InsufficientFunds { .. } | Refusal::InsufficientQuantity { .. }) => {
            close(&mut work, index, Change::Rejected(Reason::InsufficientFunds))?;
        }
        // More than an account can hold.
        Err(Refusal::OutOfRange) => close(&mut work, index, Change::Rejected(Reason::RuleBroken))?,
        other => other?,
    }
    Ok(work.finish())
}

/// Fills a resting limit order with what the book granted of the displayed size: at its limit when the price came to
/// it, at the quote's price when it was at or beyond that from the start. An order whose time is over expires instead,
/// and one whose coins an account could not hold is rejected.
///
/// # Errors
/// [`Refusal::Closed`]; [`Refusal::NotNow`] when the quote does not reach the limit, the order does not work yet, or
/// less than a step was granted.
pub fn fill_resting(
    desk: &Desk,
    index: usize,
    quantity_granted: Quantity,
    venue: &Venue,
) -> Result<Outcome, Refusal> {
    let mut work = Work::new(desk.clone());
    let order = work.open(index)?;
    if is_over(&order, venue.now_us) {
        close(&mut work, index, Change::Expired(Reason::GtdReached))?;
        return Ok(work.finish());
    }
    let works = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let limit = order.terms.limit.filter(|_| works).ok_or(Refusal::NotNow)?;
    let quantity = fitting(&order, quantity_granted, venue.rules.step_size);
    let quoted = venue.quote.price_for(order.terms.side);
    if quantity.is_zero() || !order.terms.takes(limit, quoted) {
        return Err(Refusal::NotNow);
    }
    work.displayed_used = quantity.min(quantity_granted);
    let (price, basis) = if order.beyond { (quoted, Basis::Taker) } else { (limit, Basis::Maker) };
    let fill = fill_of(&order, price, quantity, venue)?;
    match settle(&mut work, index, OrderFill { fill, basis }, Some(quantity_granted), venue) {
        // More than an account can hold: no later quote will fill it either.
        Err(Refusal::OutOfRange) => reject(desk, index, Reason::RuleBroken),
        other => other.map(|()| work.finish()),
    }
}

/// Fills an order whole at the quote.
pub(super) fn fill_whole(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let order = *work.order(index)?;
    let price = venue.quote.price_for(order.terms.side);
    let fill = fill_of(&order, price, order.remaining(), venue)?;
    settle(work, index, OrderFill { fill, basis: Basis::Venue }, None, venue)
}

/// What a limit order that arrives now could fill at once.
pub(super) fn takeable(work: &Work, order: &OrderState, venue: &Venue) -> Quantity {
    let quote = venue.quote.price_for(order.terms.side);
    let left = venue.displayed_left.checked_sub(work.displayed_used).unwrap_or(Quantity::ZERO);
    match order.terms.limit {
        Some(limit) if order.terms.takes(limit, quote) => fitting(order, left, venue.rules.step_size),
        Some(_) | None => Quantity::ZERO,
    }
}

/// Fills what a limit order that arrives can take at the quote's price; nothing happens when that is nothing.
pub(super) fn take(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let order = *work.order(index)?;
    let quantity = takeable(work, &order, venue);
    if quantity.is_zero() {
        return Ok(());
    }
    let left = venue.displayed_left.checked_sub(work.displayed_used)?;
    let fill = fill_of(&order, venue.quote.price_for(order.terms.side), quantity, venue)?;
    settle(work, index, OrderFill { fill, basis: Basis::Taker }, Some(left), venue)?;
    work.displayed_used = work.displayed_used.checked_add(quantity.min(left))?;
    Ok(())
}

/// As much of a displayed size as the order can fill: whole steps, or all that remains; the last fill that an order
/// may have takes all.
pub(super) fn fitting(order: &OrderState, displayed: Quantity, step_size: Quantity) -> Quantity {
    let remaining = order.remaining();
    let is_last = order.fills + 1 >= FILLS_MAX;
    if displayed >= remaining || (is_last && !displayed.is_zero()) {
        return remaining;
    }
    displayed.floor_to(step_size)
}

fn fill_of(order: &OrderState, price: Price, quantity: Quantity, venue: &Venue) -> Result<Fill, MoneyError> {
    let notional = value(order.terms.side, price, quantity)?;
    let fee = order.progress().fee_of_next(notional, order.fee_bps)?;
    Ok(Fill { price, quantity, notional, fee, quote: venue.quote })
}

/// Records a fill and all that follows from it within the group.
fn settle(
    work: &mut Work,
    index: usize,
    new: OrderFill,
    displayed_left: Option<Quantity>,
    venue: &Venue,
) -> Result<(), Refusal> {
    let (tick_size, step_size) = (venue.rules.tick_size, venue.rules.step_size);
    work.seen = Some(Seen { displayed_left, tick_size, step_size });
    match work.sibling(index) {
        None => work.record(index, Change::Filled(new))?,
        Some(sibling) => settle_pair(work, index, sibling, new)?,
    }
    activate(work, index, venue)
}

/// A fill of one leg of an OCO: the other shrinks by as much, or ends.
fn settle_pair(work: &mut Work, index: usize, sibling: usize, new: OrderFill) -> Result<(), Refusal> {
    let (order, other) = (*work.order(index)?, *work.order(sibling)?);
    let filled = Change::Filled(new);
    let after = order.apply(&filled)?;
    let (follows, pool) = if after.is_open() {
        let quantity = other.terms.quantity.checked_sub(new.fill.quantity)?;
        let terms = crate::OrderTerms { quantity, quote_quantity: None, ..other.terms };
        let follows = Change::Replaced { terms, reason: Reason::SiblingFill };
        (follows, after.need()?.max(other.apply(&follows)?.need()?))
    } else {
        (Change::Canceled(Reason::OcoSibling), Held::NOTHING)
    };
    let before = work.pair_held(index, sibling)?;
    let (own, others) = if is_carrier(&order) { (pool, Held::NOTHING) } else { (Held::NOTHING, pool) };
    work.record_with(index, filled, Reserves { own, before, after: pool })?;
    work.record_moved(sibling, follows, others)
}

/// Brings the held exits to life when the purchase at `index` has been filled whole. Exits whose time is over expire;
/// when the coins have been sold meanwhile the exits are rejected.
pub(super) fn activate(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let entry = *work.order(index)?;
    if !is_entry(&entry) || entry.status != OrderStatus::Completed {
        return Ok(());
    }
    for exit in work.held_exits() {
        let order = *work.order(exit)?;
        if order.is_open() && is_over(&order, venue.now_us) {
            close(work, exit, Change::Expired(Reason::GtdReached))?;
        }
    }
    let exits = work.held_exits();
    let needed =
        exits.first().map_or(Ok(Quantity::ZERO), |exit| work.order(*exit).map(OrderState::remaining))?;
    if needed > work.desk.coins_available {
        return match exits.first() {
            Some(exit) => close(work, *exit, Change::Rejected(Reason::InsufficientFunds)),
            None => Ok(()),
        };
    }
    for exit in exits {
        work.mark_set(exit, venue.quote.last, venue)?;
        // Both exits sell the same coins: one reserve, which the stop-loss shows.
        if work.sibling(exit).is_some() && !is_carrier(work.order(exit)?) {
            work.record_moved(exit, Change::Activated, Held::NOTHING)?;
        } else {
            work.record(exit, Change::Activated)?;
        }
    }
    Ok(())
}
