//! Fills: triggered orders, arriving orders, and resting orders that a quote reaches.

use super::close::{close, is_over, reject};
use super::decision::{
    DecisionBuilder, FillContext, MarketContext, OrderDecision, ReserveChange, TradingState, is_carrier,
};
use super::protection::follow_fill;
use super::reserve::Reserve;
use crate::order::value;
use crate::{
    Amount, Basis, FILLS_MAX, Fill, OrderChange, OrderFill, OrderState, OrderStatus, OrderType, Price,
    Quantity, Reason, Refusal, Side, Trail,
};

/// Triggers an order whose trigger the last price has reached. A stop then fills in full at the quote. A
/// purchase that has become too expensive or larger than an account can hold is rejected, and a sale that would bring
/// nothing. A limit form
/// becomes an arriving limit order. `mark` is the present mark of a trailing stop from the book. An order
/// whose time in force is over expires instead.
///
/// # Errors
/// [`Refusal::Closed`]; [`Refusal::NotNow`] when the trigger is not reached or the order waits for none.
pub fn trigger(
    state: &TradingState,
    index: usize,
    market: &MarketContext,
    mark: Option<Price>,
) -> Result<OrderDecision, Refusal> {
    let mut builder = DecisionBuilder::new(state.clone());
    let order = builder.open(index)?;
    if is_over(&order, market.now_us) {
        close(&mut builder, index, OrderChange::Expired(Reason::GtdReached))?;
        return Ok(builder.finish());
    }
    if order.status != OrderStatus::WaitingTrigger {
        return Err(Refusal::NotNow);
    }
    if order.terms.order_type == OrderType::TrailingStop {
        let known = order.mark.unwrap_or(market.quote.last);
        let mark = Trail::mark_after(order.terms.side, known, mark.unwrap_or(known));
        builder.mark_set(index, mark, market)?;
    }
    let order = builder.open(index)?;
    let trigger = order.trigger.ok_or(Refusal::NotNow)?;
    if !order.terms.is_reached(trigger, market.quote.last) {
        return Err(Refusal::NotNow);
    }
    builder.beyond_set(index, market)?;
    builder.record_moved(
        index,
        OrderChange::Triggered { quote: market.quote, mark: order.mark },
        order.held(),
    )?;
    let filled = if order.terms.order_type.has_limit() {
        take(&mut builder, index, market)
    } else {
        fill_whole(&mut builder, index, market)
    };
    match filled {
        // Money that is missing: the order cannot be filled.
        Err(Refusal::InsufficientFunds { .. } | Refusal::InsufficientQuantity { .. }) => {
            close(&mut builder, index, OrderChange::Rejected(Reason::InsufficientFunds))?;
        }
        // More than an account can hold, or coins for nothing.
        Err(Refusal::OutOfRange | Refusal::Worthless) => {
            close(&mut builder, index, OrderChange::Rejected(Reason::RuleBroken))?
        }
        other => other?,
    }
    Ok(builder.finish())
}

/// Fills a resting limit order with the displayed size that the book granted: at its limit when the price
/// came to it, at the quote's price when it was at or beyond that from the start. An order whose time in
/// force is over expires instead. An order whose coins the account could not hold is rejected, and a sale of coins that
/// are worth nothing at its price.
///
/// # Errors
/// [`Refusal::Closed`]; [`Refusal::NotNow`] when the quote does not reach the limit, the order is not working
/// yet, or less than a step was granted.
pub fn fill_resting(
    state: &TradingState,
    index: usize,
    quantity_granted: Quantity,
    market: &MarketContext,
) -> Result<OrderDecision, Refusal> {
    let mut builder = DecisionBuilder::new(state.clone());
    let order = builder.open(index)?;
    if is_over(&order, market.now_us) {
        close(&mut builder, index, OrderChange::Expired(Reason::GtdReached))?;
        return Ok(builder.finish());
    }
    let works = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let limit = order.terms.limit.filter(|_| works).ok_or(Refusal::NotNow)?;
    let quantity = fitting(&order, quantity_granted, market.rules.step_size);
    let quoted = market.quote.price_for(order.terms.side);
    if quantity.is_zero() || !order.terms.takes(limit, quoted) {
        return Err(Refusal::NotNow);
    }
    builder.displayed_used = quantity.min(quantity_granted);
    let (price, basis) = if order.beyond { (quoted, Basis::Taker) } else { (limit, Basis::Maker) };
    let filled = fill_of(&order, price, quantity, market).and_then(|fill| {
        settle(&mut builder, index, OrderFill { fill, basis }, Some(quantity_granted), market)
    });
    match filled {
        // More than an account can hold, or coins for nothing: no later quote will fill it either.
        Err(Refusal::OutOfRange | Refusal::Worthless) => reject(state, index, Reason::RuleBroken),
        other => other.map(|()| builder.finish()),
    }
}

/// Fills an order whole at the quote.
pub(super) fn fill_whole(
    builder: &mut DecisionBuilder,
    index: usize,
    market: &MarketContext,
) -> Result<(), Refusal> {
    let order = *builder.order(index)?;
    let price = market.quote.price_for(order.terms.side);
    let fill = fill_of(&order, price, order.remaining(), market)?;
    settle(builder, index, OrderFill { fill, basis: Basis::Venue }, None, market)
}

/// Quantity that an arriving limit order could fill at once.
pub(super) fn takeable(builder: &DecisionBuilder, order: &OrderState, market: &MarketContext) -> Quantity {
    let quote = market.quote.price_for(order.terms.side);
    let left = market.displayed_left.checked_sub(builder.displayed_used).unwrap_or(Quantity::ZERO);
    match order.terms.limit {
        Some(limit) if order.terms.takes(limit, quote) => fitting(order, left, market.rules.step_size),
        Some(_) | None => Quantity::ZERO,
    }
}

/// Fills the quantity that an arriving limit order can take at the quote's price, if any.
pub(super) fn take(
    builder: &mut DecisionBuilder,
    index: usize,
    market: &MarketContext,
) -> Result<(), Refusal> {
    let order = *builder.order(index)?;
    let quantity = takeable(builder, &order, market);
    if quantity.is_zero() {
        return Ok(());
    }
    let left = market.displayed_left.checked_sub(builder.displayed_used)?;
    let fill = fill_of(&order, market.quote.price_for(order.terms.side), quantity, market)?;
    settle(builder, index, OrderFill { fill, basis: Basis::Taker }, Some(left), market)?;
    builder.displayed_used = builder.displayed_used.checked_add(quantity.min(left))?;
    Ok(())
}

/// Quantity that the order can fill from a displayed size: whole steps, or the whole remainder. The last
/// allowed fill takes the whole remainder.
pub(super) fn fitting(order: &OrderState, displayed: Quantity, step_size: Quantity) -> Quantity {
    let remaining = order.remaining();
    let is_last = order.fills + 1 >= FILLS_MAX;
    if displayed >= remaining || (is_last && !displayed.is_zero()) {
        return remaining;
    }
    displayed.floor_to(step_size)
}

fn fill_of(
    order: &OrderState,
    price: Price,
    quantity: Quantity,
    market: &MarketContext,
) -> Result<Fill, Refusal> {
    let notional = value(order.terms.side, price, quantity)?;
    let fee = order.progress().fee_of_next(notional, order.fee_bps)?;
    // The fee is that of all fills, so all of them count: what a sale has brought must be above zero.
    let proceeds = order.notional.checked_add(notional)?.checked_sub(order.fees.checked_add(fee)?)?;
    let is_sold_for_nothing = order.terms.side == Side::Sell && proceeds <= Amount::ZERO;
    if price.is_zero() || notional.is_zero() || is_sold_for_nothing {
        return Err(Refusal::Worthless);
    }
    Ok(Fill { price, quantity, notional, fee, quote: market.quote })
}

/// Records a fill and all that follows from it within the group.
fn settle(
    builder: &mut DecisionBuilder,
    index: usize,
    new: OrderFill,
    displayed_left: Option<Quantity>,
    market: &MarketContext,
) -> Result<(), Refusal> {
    let (tick_size, step_size) = (market.rules.tick_size, market.rules.step_size);
    builder.seen = Some(FillContext { displayed_left, tick_size, step_size });
    match builder.sibling(index) {
        None => builder.record(index, OrderChange::Filled(new))?,
        Some(sibling) => settle_pair(builder, index, sibling, new)?,
    }
    follow_fill(builder, index, new.fill.quantity, market)
}

/// A fill of one leg of an OCO: the other shrinks by as much, or ends.
fn settle_pair(
    builder: &mut DecisionBuilder,
    index: usize,
    sibling: usize,
    new: OrderFill,
) -> Result<(), Refusal> {
    let (order, other) = (*builder.order(index)?, *builder.order(sibling)?);
    let filled = OrderChange::Filled(new);
    let after = order.apply(&filled)?;
    let (follows, pool) = if after.is_open() {
        let quantity = other.terms.quantity.checked_sub(new.fill.quantity)?;
        let terms = crate::OrderTerms { quantity, quote_quantity: None, ..other.terms };
        let follows = OrderChange::Replaced { terms, reason: Reason::SiblingFill };
        (follows, after.need()?.max(other.apply(&follows)?.need()?))
    } else {
        (OrderChange::Canceled(Reason::OcoSibling), Reserve::NOTHING)
    };
    let before = builder.pair_held(index, sibling)?;
    let (own, others) = if is_carrier(&order) { (pool, Reserve::NOTHING) } else { (Reserve::NOTHING, pool) };
    builder.record_with(index, filled, ReserveChange { own, before, after: pool })?;
    builder.record_moved(sibling, follows, others)
}
