//! New orders: one, or a group.

use super::fill::{beyond_set, fill_whole, mark_set, take, takeable};
use super::work::Work;
use super::{Desk, NewOrder, Outcome, Venue, close, group};
use crate::{Change, OrderState, OrderType, Reason, Refusal, TimeInForce};

/// Places an order, or a group: two legs of an OCO in the order take-profit, stop-loss; or a purchase and its exits in
/// the order entry, take-profit, stop-loss, whose quantity becomes that of the purchase. The desk's balances and
/// position are used, its orders are not looked at.
///
/// # Errors
/// The first rule that is broken, or the money that is missing; nothing is changed.
pub fn place(desk: &Desk, orders: &[NewOrder], venue: &Venue) -> Result<Outcome, Refusal> {
    let desk = Desk { orders: Vec::with_capacity(orders.len()), ..copy_of_balances(desk) };
    let mut work = Work::new(desk);
    match orders {
        [NewOrder { terms, link: None }] => {
            let terms = terms.check(venue, work.desk.coins_available)?;
            work.desk.orders.push(OrderState::new(terms, None, venue.fee_bps));
            arrive(&mut work, 0, venue)?;
        }
        orders => group::place(&mut work, orders, venue)?,
    }
    Ok(work.finish())
}

fn copy_of_balances(desk: &Desk) -> Desk {
    Desk {
        orders: Vec::new(),
        cash_available: desk.cash_available,
        cash_reserved: desk.cash_reserved,
        coins_available: desk.coins_available,
        coins_reserved: desk.coins_reserved,
        position: desk.position,
    }
}

/// Brings an order into being: it fills, rests, waits or expires.
pub(super) fn arrive(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let order = *work.order(index)?;
    match order.terms.order_type {
        OrderType::Market => fill_whole(work, index, venue),
        OrderType::Limit => {
            beyond_set(work, index, venue)?;
            arrive_limit(work, index, &order, venue)
        }
        OrderType::Stop
        | OrderType::StopLimit
        | OrderType::TakeProfit
        | OrderType::TakeProfitLimit
        | OrderType::TrailingStop => {
            mark_set(work, index, venue.quote.last, venue)?;
            work.record(index, Change::Accepted)
        }
    }
}

fn arrive_limit(work: &mut Work, index: usize, order: &OrderState, venue: &Venue) -> Result<(), Refusal> {
    let takeable = takeable(work, order, venue);
    let (takes, rest_expires) = match order.terms.time_in_force {
        TimeInForce::Fok => (takeable == order.remaining(), Some(Reason::FokUnfilled)),
        TimeInForce::Ioc => (!takeable.is_zero(), Some(Reason::IocRemainder)),
        TimeInForce::Gtc | TimeInForce::Gtd { .. } => (!takeable.is_zero(), None),
    };
    if takes {
        take(work, index, venue)?;
    } else {
        work.record(index, Change::Accepted)?;
    }
    match rest_expires {
        Some(reason) if work.order(index)?.is_open() => close::close(work, index, Change::Expired(reason)),
        Some(_) | None => Ok(()),
    }
}
