//! Changing an order that is open: new terms under the same identity, checked and reserved like a new one.

use super::close::is_over;
use super::decision::{Desk, Outcome, Reserves, Venue, Work};
use super::exits::{exit_check, exit_price_check};
use super::fault::{Field, TermsFault, TermsRule, Value};
use super::fill::take;
use super::range::{Range, Stage, distance_left};
use crate::{
    Amount, Change, GroupKind, OrderState, OrderStatus, OrderTerms, OrderType, Price, Quantity, Reason,
    Refusal, Role, Side, Size, Ticket, TimeInForce, TradingRules, Trail,
};

/// What is to change. What is none stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revision {
    /// The whole size, filled part included.
    pub quantity: Option<Quantity>,
    /// The limit.
    pub limit: Option<Price>,
    /// The trigger.
    pub stop: Option<Price>,
    /// The distance of a trailing stop.
    pub trail: Option<Trail>,
    /// A new end of its time in µs since 1970-01-01T00:00Z; none for an order that is to have no end any more.
    pub expires_us: Option<Option<i64>>,
    /// Whether the change is refused when the order would fill at once.
    pub post_only: Option<bool>,
    /// The mark of a trailing stop as the book knows it.
    pub mark: Option<Price>,
}

/// Gives an open order new terms. A limit order that now reaches the other side's price takes it, as a new one would.
///
/// # Errors
/// [`Refusal::Closed`]; the first rule that is broken; the money that is missing. Nothing is changed then.
pub fn replace(desk: &Desk, index: usize, revision: &Revision, venue: &Venue) -> Result<Outcome, Refusal> {
    let mut work = Work::new(desk.clone());
    let order = work.open(index)?;
    if is_over(&order, venue.now_us) {
        // It has ended, although nobody has told it yet.
        return Err(Refusal::Closed(OrderStatus::Expired));
    }
    let terms = revised(&order, revision, venue)?;
    let mark =
        order.mark.map(|known| Trail::mark_after(order.terms.side, known, revision.mark.unwrap_or(known)));
    rules_check(&work, index, &Changed { order: &order, terms: &terms, revision, mark }, venue)?;
    if let (Some(trail), Some(mark)) = (terms.trail, mark) {
        let trigger = trail.trigger(terms.side, mark, venue.rules.tick_size);
        if order.status == OrderStatus::WaitingTrigger && terms.is_reached(trigger, venue.quote.last) {
            let field = match trail {
                Trail::BasisPoints(_) => Field::TrailBps,
                Trail::Amount(_) => Field::TrailAmount,
            };
            return Err(TermsFault::new(field, TermsRule::WouldTrigger)
                .given(Value::from(trail))
                .limit(Value::Price(venue.quote.last))
                .nearest(distance_left(trail, mark, venue))
                .into());
        }
        let slot = work.desk.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        slot.terms.trail = Some(trail);
        work.mark_set(index, mark, venue)?;
    }
    let is_awake = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let is_beyond = |limit| terms.takes(limit, venue.quote.price_for(terms.side));
    let slot = work.desk.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
    slot.beyond = is_awake && terms.limit.is_some_and(is_beyond);
    record(&mut work, index, Change::Replaced { terms, reason: Reason::User })?;
    if order.terms.order_type.has_limit() && is_awake {
        take(&mut work, index, venue)?;
    }
    Ok(work.finish())
}

/// Records the replacement; the legs of an OCO reserve together.
fn record(work: &mut Work, index: usize, change: Change) -> Result<(), Refusal> {
    let Some(sibling) = work.sibling(index) else { return work.record(index, change) };
    let (order, other) = (*work.order(index)?, *work.order(sibling)?);
    let before = work.pair_held(index, sibling)?;
    let pool = order.apply(&change)?.need()?.max(other.need()?);
    // The other leg has no event here, so what it shows to hold stays: this one shows what is needed beyond that.
    let own = pool.beyond(other.held())?;
    work.record_with(index, change, Reserves { own, before, after: own.with(other.held())? })
}

/// The terms with the changes, when each of them has a meaning for the order as it stands.
fn revised(order: &OrderState, revision: &Revision, venue: &Venue) -> Result<OrderTerms, TermsFault> {
    let mut terms = order.terms;
    let is_awake = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let fault = |field| Err(TermsFault::new(field, TermsRule::NotApplicable));
    if let Some(quantity) = revision.quantity {
        if order.link.is_some() {
            return fault(Field::Quantity);
        }
        if quantity <= order.filled {
            return Err(TermsFault::new(Field::Quantity, TermsRule::AboveFilled)
                .given(Value::Quantity(quantity))
                .limit(Value::Quantity(order.filled))
                .nearest(terms.sizes_above(order.filled, venue)));
        }
        (terms.quantity, terms.quote_quantity) = (quantity, None);
    }
    if let Some(limit) = revision.limit {
        if terms.limit.is_none() {
            return fault(Field::Price);
        }
        terms.limit = Some(limit);
    }
    if let Some(stop) = revision.stop {
        if terms.stop.is_none() || is_awake {
            return fault(Field::StopPrice);
        }
        terms.stop = Some(stop);
    }
    if let Some(trail) = revision.trail {
        if terms.order_type != OrderType::TrailingStop {
            return fault(Field::TrailBps);
        }
        terms.trail = Some(trail);
    }
    if let Some(expires_us) = revision.expires_us {
        terms.time_in_force =
            expires_us.map_or(TimeInForce::Gtc, |expires_us| TimeInForce::Gtd { expires_us });
    }
    if let Some(post_only) = revision.post_only {
        terms.post_only = post_only;
    }
    Ok(terms)
}

/// An order with the terms that it is to get.
struct Changed<'a> {
    order: &'a OrderState,
    terms: &'a OrderTerms,
    revision: &'a Revision,
    /// The mark of a trailing stop that lives.
    mark: Option<Price>,
}

/// The rules of a new order, as far as they fit one that is awake, held or in a group. What was accepted once and has not
/// changed is not asked again where only the price, or a fill, can have made it wrong.
fn rules_check(work: &Work, index: usize, changed: &Changed<'_>, venue: &Venue) -> Result<(), Refusal> {
    let Changed { order, terms, revision, mark } = *changed;
    terms.fixed_check(venue, Stage::Alone, Some(&order.terms))?;
    match order.status {
        OrderStatus::Held => {
            // What its purchase is compared with: the trigger of a form that has one, whatever its limit.
            let decisive = |terms: &OrderTerms| (terms.stop.or(terms.limit), terms.trail);
            if decisive(terms) != decisive(&order.terms) {
                exit_check(terms, &work.order(0)?.terms, venue)?;
            }
            return Ok(());
        }
        OrderStatus::WaitingTrigger => terms.not_now_check(venue)?,
        _ if terms.post_only => terms.take_check(venue)?,
        _ => {}
    }
    if terms.trail != order.terms.trail {
        terms.trail_check(venue, mark.unwrap_or(venue.quote.last))?;
    }
    if terms.limit != order.terms.limit {
        entry_check(work, order, terms, venue)?;
        if work.sibling(index).is_some() && terms.order_type == OrderType::Limit {
            exit_price_check(terms, venue.quote.last, venue)?;
            terms.take_check(venue)?;
        }
    }
    let is_exit = order.link.is_some_and(|link| link.kind != GroupKind::Oco && link.role != Role::Entry);
    if !is_exit {
        let own = if order.terms.side == Side::Sell { order.remaining() } else { Quantity::ZERO };
        let everything = work.desk.coins_available.checked_add(own)?.checked_add(order.filled)?;
        let trigger =
            terms.trail.zip(mark).map(|(trail, mark)| trail.trigger(terms.side, mark, venue.rules.tick_size));
        let price = trigger.unwrap_or_else(|| terms.cost_price(venue));
        // A size that stays is only asked whether it is too large now.
        let (rules, everything) = match revision.quantity {
            Some(_) => (venue.rules, everything),
            None => (without_smallest(&venue.rules), terms.quantity),
        };
        let ticket = Ticket { side: terms.side, size: Size::Base(terms.quantity) };
        ticket.check(&rules, venue.order_notional_max, price, everything)?;
    }
    Ok(())
}

/// The rules for a size that was accepted, or is what fills left of one.
const fn without_smallest(rules: &TradingRules) -> TradingRules {
    TradingRules {
        step_size: Quantity::ZERO,
        min_quantity: Quantity::ZERO,
        min_notional: Amount::ZERO,
        ..*rules
    }
}

/// A purchase that exits wait for stays between their prices.
fn entry_check(work: &Work, order: &OrderState, terms: &OrderTerms, venue: &Venue) -> Result<(), TermsFault> {
    if order.link.is_none_or(|link| link.role != Role::Entry) {
        return Ok(());
    }
    let reference = terms.cost_price(venue);
    let fault = |rule| TermsFault::new(Field::Price, rule).given(Value::Price(reference));
    let exits = || work.desk.orders.iter().filter(|exit| exit.status == OrderStatus::Held);
    let between = exits().fold(Range::band(venue), |range, exit| match (exit.terms.stop, exit.terms.limit) {
        (Some(stop), _) => range.beyond(stop, true),
        (None, Some(limit)) => range.beyond(limit, false),
        (None, None) => range,
    });
    for exit in exits() {
        if exit_price_check(&exit.terms, reference, venue).is_err() {
            return Err(fault(TermsRule::ExitSide)
                .limit(exit.terms.stop.or(exit.terms.limit).map_or(Value::Nothing, Value::Price))
                .nearest(between.nearest(reference)));
        }
        exit_check(&exit.terms, terms, venue).map_err(|other| match other.rule {
            // It would fill now, and the stop-loss at the next quote.
            TermsRule::ExitSide => fault(TermsRule::WouldTrigger)
                .limit(Value::Price(venue.quote.last))
                .nearest(between.beyond(venue.quote.ask, false).nearest(reference)),
            _ => other,
        })?;
    }
    Ok(())
}
