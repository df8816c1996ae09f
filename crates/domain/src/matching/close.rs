//! Ends of orders: cancellation, expiry and rejection, with the orders that end with them.

use super::decision::{DecisionBuilder, OrderDecision, ReserveChange, TradingState, is_entry};
use super::reserve::Reserve;
use crate::{OrderChange, OrderState, Quantity, Reason, Refusal, Role};

/// All, in basis points.
const WHOLE_BPS: u32 = 10_000;

/// Cancels an open order, the other leg of its OCO, and the exits that wait for it. Exits of what it has bought
/// stay. The reserves of the ended orders are returned. An order whose time in force is over expires instead.
///
/// # Errors
/// [`Refusal::Closed`] with the status of a closed order.
pub fn cancel(
    state: &TradingState,
    index: usize,
    reason: Reason,
    now_us: i64,
) -> Result<OrderDecision, Refusal> {
    let is_over = state.orders.get(index).is_some_and(|order| is_over(order, now_us));
    let over = OrderChange::Expired(Reason::GtdReached);
    end(state, index, if is_over { over } else { OrderChange::Canceled(reason) })
}

/// Expires an open order whose time in force is over, like [`cancel`].
///
/// # Errors
/// [`Refusal::Closed`] with the status of a closed order; [`Refusal::NotNow`] when its time is not over.
pub fn expire(state: &TradingState, index: usize, now_us: i64) -> Result<OrderDecision, Refusal> {
    match state.orders.get(index) {
        Some(order) if order.is_open() && !is_over(order, now_us) => Err(Refusal::NotNow),
        _ => end(state, index, OrderChange::Expired(Reason::GtdReached)),
    }
}

/// Ends an open order that the venue cannot keep, as [`cancel`] does.
///
/// # Errors
/// [`Refusal::Closed`] with the status of an order that has ended.
pub fn reject(state: &TradingState, index: usize, reason: Reason) -> Result<OrderDecision, Refusal> {
    end(state, index, OrderChange::Rejected(reason))
}

/// A share of a quantity in basis points (at most 10,000), rounded down to whole steps; 100 % is exact.
#[must_use]
pub fn share_of(available: Quantity, share_bps: u32, step: Quantity) -> Quantity {
    if share_bps >= WHOLE_BPS {
        return available;
    }
    let units = available.units() * i128::from(share_bps) / i128::from(WHOLE_BPS);
    Quantity::from_units(units).unwrap_or(available).floor_to(step)
}

fn end(state: &TradingState, index: usize, change: OrderChange) -> Result<OrderDecision, Refusal> {
    let mut builder = DecisionBuilder::new(state.clone());
    builder.open(index)?;
    close(&mut builder, index, change)?;
    Ok(builder.finish())
}

/// Returns true if an order's time is over. At its end it is.
pub(super) fn is_over(order: &OrderState, now_us: i64) -> bool {
    order.terms.time_in_force.expires_us().is_some_and(|expires_us| expires_us <= now_us)
}

/// Ends an order and all that ends with it.
pub(super) fn close(builder: &mut DecisionBuilder, index: usize, change: OrderChange) -> Result<(), Refusal> {
    match builder.sibling(index) {
        None => builder.record(index, change)?,
        Some(sibling) => {
            let before = builder.pair_held(index, sibling)?;
            builder.record_with(
                index,
                change,
                ReserveChange { own: Reserve::NOTHING, before, after: Reserve::NOTHING },
            )?;
            builder.record_moved(sibling, OrderChange::Canceled(Reason::OcoSibling), Reserve::NOTHING)?;
        }
    }
    follow_end(builder, index, &change)?;
    parent_closed(builder, index)
}

/// Cancels the exits that wait for the order at `index`, which has ended before it bought anything. Active exits stay.
pub(super) fn parent_closed(builder: &mut DecisionBuilder, index: usize) -> Result<(), Refusal> {
    if !is_entry(builder.order(index)?) {
        return Ok(());
    }
    for exit in builder.held_exits() {
        builder.record(exit, OrderChange::Canceled(Reason::ParentClosed))?;
    }
    Ok(())
}

/// Ends the rest of a purchase whose exits have expired or been rejected: further coins would have no exit. Its owner did
/// not ask for that, unlike by a cancel of the exits.
fn follow_end(builder: &mut DecisionBuilder, index: usize, change: &OrderChange) -> Result<(), Refusal> {
    let is_own_end = matches!(change, OrderChange::Expired(_) | OrderChange::Rejected(_));
    if is_own_end && !is_entry(builder.order(index)?) {
        entry_cancel(builder, Reason::ExitEnded)?;
    }
    Ok(())
}

/// Cancels the purchase of the group, if it can still fill.
pub(super) fn entry_cancel(builder: &mut DecisionBuilder, reason: Reason) -> Result<(), Refusal> {
    match builder.open_entry() {
        Some(entry) => builder.record(entry, OrderChange::Canceled(reason)),
        None => Ok(()),
    }
}

impl DecisionBuilder {
    /// The purchase of the group that can still fill.
    fn open_entry(&self) -> Option<usize> {
        let is_entry =
            |order: &OrderState| order.is_open() && order.link.is_some_and(|link| link.role == Role::Entry);
        self.state.orders.iter().position(is_entry)
    }
}
