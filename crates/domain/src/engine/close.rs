//! Ends of orders: by their owner, by time, by the venue.

use super::decision::{Desk, Outcome, Reserves, Work, is_entry};
use super::reserve::Held;
use crate::{Change, OrderState, Quantity, Reason, Refusal};

/// All, in basis points.
const WHOLE_BPS: u32 = 10_000;

/// Cancels an open order, the other leg of its OCO, and the exits that wait for it. What they held is returned. An order
/// whose time is over expires instead, whoever comes first.
///
/// # Errors
/// [`Refusal::Closed`] with the status of an order that has ended.
pub fn cancel(desk: &Desk, index: usize, reason: Reason, now_us: i64) -> Result<Outcome, Refusal> {
    let is_over = desk.orders.get(index).is_some_and(|order| is_over(order, now_us));
    let over = Change::Expired(Reason::GtdReached);
    end(desk, index, if is_over { over } else { Change::Canceled(reason) })
}

/// Ends an open order whose time is over, as [`cancel`] does.
///
/// # Errors
/// [`Refusal::Closed`] with the status of an order that has ended; [`Refusal::NotNow`] when its time is not over.
pub fn expire(desk: &Desk, index: usize, now_us: i64) -> Result<Outcome, Refusal> {
    match desk.orders.get(index) {
        Some(order) if order.is_open() && !is_over(order, now_us) => Err(Refusal::NotNow),
        _ => end(desk, index, Change::Expired(Reason::GtdReached)),
    }
}

/// Ends an open order that the venue cannot keep, as [`cancel`] does.
///
/// # Errors
/// [`Refusal::Closed`] with the status of an order that has ended.
pub fn reject(desk: &Desk, index: usize, reason: Reason) -> Result<Outcome, Refusal> {
    end(desk, index, Change::Rejected(reason))
}

/// So much of what a trader has: a share in basis points (at most 10,000), down to whole steps; of all, all.
#[must_use]
pub fn share_of(available: Quantity, share_bps: u32, step: Quantity) -> Quantity {
    if share_bps >= WHOLE_BPS {
        return available;
    }
    let units = available.units() * i128::from(share_bps) / i128::from(WHOLE_BPS);
    Quantity::from_units(units).unwrap_or(available).floor_to(step)
}

fn end(desk: &Desk, index: usize, change: Change) -> Result<Outcome, Refusal> {
    let mut work = Work::new(desk.clone());
    work.open(index)?;
    close(&mut work, index, change)?;
    Ok(work.finish())
}

/// Whether an order's time is over. At its end it is.
pub(super) fn is_over(order: &OrderState, now_us: i64) -> bool {
    order.terms.time_in_force.expires_us().is_some_and(|expires_us| expires_us <= now_us)
}

/// Ends an order and all that ends with it.
pub(super) fn close(work: &mut Work, index: usize, change: Change) -> Result<(), Refusal> {
    match work.sibling(index) {
        None => work.record(index, change)?,
        Some(sibling) => {
            let before = work.pair_held(index, sibling)?;
            work.record_with(index, change, Reserves { own: Held::NOTHING, before, after: Held::NOTHING })?;
            work.record_moved(sibling, Change::Canceled(Reason::OcoSibling), Held::NOTHING)?;
        }
    }
    parent_closed(work, index)
}

/// Cancels the exits that wait for the order at `index`, which has ended.
pub(super) fn parent_closed(work: &mut Work, index: usize) -> Result<(), Refusal> {
    if !is_entry(work.order(index)?) {
        return Ok(());
    }
    for exit in work.held_exits() {
        work.record(exit, Change::Canceled(Reason::ParentClosed))?;
    }
    Ok(())
}
