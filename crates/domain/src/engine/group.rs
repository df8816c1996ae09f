//! Groups: orders that share a reserve, exclude each other or wait for each other.

use super::close::{close, is_over};
use super::fault::{Field, TermsFault, TermsRule, Value};
use super::fill::mark_set;
use super::place::arrive;
use super::range::{Range, Stage};
use super::reserve::Held;
use super::work::{Reserves, Work};
use super::{NewOrder, Venue};
use crate::{
    Change, GroupKind, Link, OrderState, OrderStatus, OrderTerms, OrderType, Price, Quantity, Reason,
    Refusal, Role, Side, TimeInForce,
};

/// Whether the order shows what an OCO holds. The stop-loss leg does: of a purchase it is the dearer one. Only what a
/// change of the other leg needs beyond that is shown by the other leg.
pub(super) fn is_carrier(order: &OrderState) -> bool {
    order.link.is_some_and(|link| link.role == Role::StopLoss)
}

/// What the two legs of an OCO hold together.
pub(super) fn pair_held(work: &Work, index: usize, sibling: usize) -> Result<Held, Refusal> {
    Ok(work.order(index)?.held().with(work.order(sibling)?.held())?)
}

/// Places a group whose orders come in the order of [`super::place`].
pub(super) fn place(work: &mut Work, orders: &[NewOrder], venue: &Venue) -> Result<(), Refusal> {
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

fn misfit(order: usize, field: Field) -> Refusal {
    TermsFault::new(field, TermsRule::Group).of_order(order).into()
}

/// A fault of the order at an index of a group.
fn of_order(order: usize) -> impl Fn(TermsFault) -> Refusal {
    move |fault| fault.of_order(order).into()
}

/// What both legs of an OCO and every exit keep: a take-profit is a limit order, a stop-loss waits for a worse price,
/// and both rest.
fn exit_shape_check(terms: &OrderTerms, role: Role, index: usize) -> Result<(), Refusal> {
    let is_fit = match role {
        Role::TakeProfit => terms.order_type == OrderType::Limit,
        Role::StopLoss => {
            matches!(terms.order_type, OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop)
        }
        Role::Entry => false,
    };
    if !is_fit {
        return Err(misfit(index, Field::Type));
    }
    if !matches!(terms.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd { .. }) {
        return Err(TermsFault::new(Field::TimeInForce, TermsRule::TimeInForce)
            .given(Value::TimeInForce(terms.time_in_force))
            .nearest(vec![Value::TimeInForce(TimeInForce::Gtc)])
            .of_order(index)
            .into());
    }
    Ok(())
}

/// Refuses a price that is not strictly on the profitable side of another, or strictly on the losing side.
fn side_check(
    (field, price): (Field, Price),
    terms: &OrderTerms,
    reference: Price,
    range: Range,
) -> Result<(), TermsFault> {
    let above = (field == Field::Price) == (terms.side == Side::Sell);
    let is_fit = if above { price > reference } else { price < reference };
    if is_fit {
        return Ok(());
    }
    Err(TermsFault::new(field, TermsRule::ExitSide)
        .given(Value::Price(price))
        .limit(Value::Price(reference))
        .nearest(range.nearest(price)))
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
    mark_set(work, 1, venue.quote.last, venue)?;
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

/// An exit as it will be held: it sells what was bought.
fn exit_checked(
    exit: &NewOrder,
    entry: &OrderTerms,
    venue: &Venue,
    index: usize,
) -> Result<OrderTerms, Refusal> {
    let role = exit.link.map_or(Role::Entry, |link| link.role);
    if exit.terms.asset_id != entry.asset_id {
        return Err(misfit(index, Field::AssetId));
    }
    if exit.terms.side != Side::Sell {
        return Err(misfit(index, Field::Side));
    }
    exit_shape_check(&exit.terms, role, index)?;
    let terms = OrderTerms { quantity: entry.quantity, quote_quantity: None, ..exit.terms };
    let stage = Stage::Exit(exit_reference(&terms, entry, venue));
    terms.fixed_check(venue, stage, None).map_err(of_order(index))?;
    exit_check(&terms, entry, venue).map_err(of_order(index))?;
    Ok(terms)
}

/// An exit fits to its purchase: its decisive price is on its side of it, and a trailing distance leaves a trigger there.
pub(super) fn exit_check(exit: &OrderTerms, entry: &OrderTerms, venue: &Venue) -> Result<(), TermsFault> {
    let reference = exit_reference(exit, entry, venue);
    exit_price_check(exit, reference, venue)?;
    exit.trail_check(venue, reference)
}

/// The price of a purchase that an exit is compared with: its limit, or the ask of one at market. One that fills now
/// brings its exits to life at this quote, which must not have reached a stop-loss already.
fn exit_reference(exit: &OrderTerms, entry: &OrderTerms, venue: &Venue) -> Price {
    let (decided, quote) = (entry.cost_price(venue), &venue.quote);
    let fills_now = entry.limit.is_none_or(|limit| entry.takes(limit, quote.ask));
    if fills_now && exit.order_type.waits() { decided.min(quote.ask).min(quote.last) } else { decided }
}

/// A decisive price is on its side of another price.
pub(super) fn exit_price_check(
    terms: &OrderTerms,
    reference: Price,
    venue: &Venue,
) -> Result<(), TermsFault> {
    let check = |field, price| {
        side_check((field, price), terms, reference, terms.range(field, venue, Stage::Exit(reference)))
    };
    match (terms.stop, terms.limit) {
        (Some(stop), _) => check(Field::StopPrice, stop),
        (None, Some(limit)) => check(Field::Price, limit),
        (None, None) => Ok(()),
    }
}

fn held_exits(work: &Work) -> Vec<usize> {
    let is_held = |(_, order): &(usize, &OrderState)| order.version > 0 && order.status == OrderStatus::Held;
    work.desk.orders.iter().enumerate().filter(is_held).map(|(index, _)| index).collect()
}

fn is_entry(order: &OrderState) -> bool {
    order.link.is_some_and(|link| link.role == Role::Entry)
}

/// Brings the held exits to life when the purchase at `index` has been filled whole. Exits whose time is over expire;
/// when the coins have been sold meanwhile the exits are rejected.
pub(super) fn activate(work: &mut Work, index: usize, venue: &Venue) -> Result<(), Refusal> {
    let entry = *work.order(index)?;
    if !is_entry(&entry) || entry.status != OrderStatus::Completed {
        return Ok(());
    }
    for exit in held_exits(work) {
        let order = *work.order(exit)?;
        if order.is_open() && is_over(&order, venue.now_us) {
            close(work, exit, Change::Expired(Reason::GtdReached))?;
        }
    }
    let exits = held_exits(work);
    let needed =
        exits.first().map_or(Ok(Quantity::ZERO), |exit| work.order(*exit).map(OrderState::remaining))?;
    if needed > work.desk.coins_available {
        return match exits.first() {
            Some(exit) => close(work, *exit, Change::Rejected(Reason::InsufficientFunds)),
            None => Ok(()),
        };
    }
    for exit in exits {
        mark_set(work, exit, venue.quote.last, venue)?;
        // Both exits sell the same coins: one reserve, which the stop-loss shows.
        if work.sibling(exit).is_some() && !is_carrier(work.order(exit)?) {
            work.record_moved(exit, Change::Activated, Held::NOTHING)?;
        } else {
            work.record(exit, Change::Activated)?;
        }
    }
    Ok(())
}

/// Cancels the exits that wait for the order at `index`, which has ended.
pub(super) fn parent_closed(work: &mut Work, index: usize) -> Result<(), Refusal> {
    if !is_entry(work.order(index)?) {
        return Ok(());
    }
    for exit in held_exits(work) {
        work.record(exit, Change::Canceled(Reason::ParentClosed))?;
    }
    Ok(())
}
