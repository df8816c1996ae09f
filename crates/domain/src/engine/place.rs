//! New orders: one, or a group.

use super::close::{close, parent_closed};
use super::decision::{Desk, NewOrder, Outcome, Reserves, Venue, Work};
use super::exits::{exit_checked, exit_shape_check, misfit, of_order, side_check};
use super::fault::{Field, TermsFault, TermsRule, Value};
use super::fill::{activate, fill_whole, take, takeable};
use super::range::Stage;
use super::reserve::Held;
use crate::{
    Change, GroupKind, Link, OrderState, OrderStatus, OrderTerms, OrderType, Reason, Refusal, Role, Side,
    TimeInForce,
};

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
        orders => place_group(&mut work, orders, venue)?,
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
fn arrive(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let order = *work.order(index)?;
    match order.terms.order_type {
        OrderType::Market => fill_whole(work, index, venue),
        OrderType::Limit => {
            work.beyond_set(index, venue)?;
            arrive_limit(work, index, &order, venue)
        }
        OrderType::Stop
        | OrderType::StopLimit
        | OrderType::TakeProfit
        | OrderType::TakeProfitLimit
        | OrderType::TrailingStop => {
            work.mark_set(index, venue.quote.last, venue)?;
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
        Some(reason) if work.order(index)?.is_open() => close(work, index, Change::Expired(reason)),
        Some(_) | None => Ok(()),
    }
}

/// Places a group whose orders come in the order of [`place`].
fn place_group(work: &mut Work, orders: &[NewOrder], venue: &Venue) -> Result<(), Refusal> {
    let role = |new: &NewOrder| new.link.map(|link| (link.kind, link.role));
    match orders {
        [profit, loss]
            if role(profit) == Some((GroupKind::Oco, Role::TakeProfit))
                && role(loss) == Some((GroupKind::Oco, Role::StopLoss)) =>
        {
            place_oco(work, &profit.terms, &loss.terms, venue)
        }
        [entry, exit]
            if role(entry) == Some((GroupKind::Oto, Role::Entry))
                && matches!(role(exit), Some((GroupKind::Oto, Role::TakeProfit | Role::StopLoss))) =>
        {
            place_entry(work, orders, venue)
        }
        [entry, profit, loss]
            if role(entry) == Some((GroupKind::Bracket, Role::Entry))
                && role(profit) == Some((GroupKind::Bracket, Role::TakeProfit))
                && role(loss) == Some((GroupKind::Bracket, Role::StopLoss)) =>
        {
            place_entry(work, orders, venue)
        }
        _ => Err(misfit(0, Field::Type)),
    }
}

fn place_oco(work: &mut Work, profit: &OrderTerms, loss: &OrderTerms, venue: &Venue) -> Result<(), Refusal> {
    if loss.asset_id != profit.asset_id {
        return Err(misfit(1, Field::AssetId));
    }
    if loss.side != profit.side {
        return Err(misfit(1, Field::Side));
    }
    if profit.quote_quantity.is_some() || loss.quote_quantity.is_some() {
        return Err(misfit(0, Field::QuoteQuantity));
    }
    if loss.quantity != profit.quantity {
        return Err(TermsFault::new(Field::Quantity, TermsRule::Group)
            .given(Value::Quantity(loss.quantity))
            .nearest(vec![Value::Quantity(profit.quantity)])
            .of_order(1)
            .into());
    }
    let legs = [(profit, Role::TakeProfit), (loss, Role::StopLoss)];
    for (index, (terms, role)) in legs.into_iter().enumerate() {
        exit_shape_check(terms, role, index)?;
        terms.fields_check_at(venue, Stage::Leg).map_err(of_order(index))?;
        terms.not_now_check(venue).map_err(of_order(index))?;
        terms.size_check(venue, work.desk.coins_available)?;
    }
    if let Some(limit) = profit.limit {
        // The limit leg rests: one that filled at once would leave nothing to exclude.
        let range = profit.range(Field::Price, venue, Stage::Leg);
        profit.take_check_in(range, venue).map_err(of_order(0))?;
        side_check((Field::Price, limit), profit, venue.quote.last, range).map_err(of_order(0))?;
    }
    for (terms, role) in legs {
        let link = Link { kind: GroupKind::Oco, role };
        work.desk.orders.push(OrderState::new(*terms, Some(link), venue.fee_bps));
    }
    work.mark_set(1, venue.quote.last, venue)?;
    let profit = work.order(0)?.apply(&Change::Accepted)?;
    let loss = work.order(1)?.apply(&Change::Accepted)?;
    let pool = profit.need()?.max(loss.need()?);
    work.record_moved(0, Change::Accepted, Held::NOTHING)?;
    work.record_with(1, Change::Accepted, Reserves { own: pool, before: Held::NOTHING, after: pool })
}

/// A purchase and its exits.
fn place_entry(work: &mut Work, orders: &[NewOrder], venue: &Venue) -> Result<(), Refusal> {
    let [entry, exits @ ..] = orders else { return Err(misfit(0, Field::Type)) };
    if entry.terms.side != Side::Buy {
        return Err(misfit(0, Field::Side));
    }
    if !matches!(entry.terms.order_type, OrderType::Market | OrderType::Limit) {
        return Err(misfit(0, Field::Type));
    }
    let entry_terms = entry.terms.check(venue, work.desk.coins_available)?;
    work.desk.orders.push(OrderState::new(entry_terms, entry.link, venue.fee_bps));
    for (index, exit) in exits.iter().enumerate() {
        let terms = exit_checked(exit, &entry_terms, venue, index + 1)?;
        work.desk.orders.push(OrderState::new(terms, exit.link, venue.fee_bps));
    }
    arrive(work, 0, venue)?;
    for index in 1..=exits.len() {
        work.record(index, Change::Accepted)?;
    }
    match work.order(0)?.status {
        OrderStatus::Completed => activate(work, 0, venue),
        status if status.is_final() => parent_closed(work, 0),
        _ => Ok(()),
    }
}
