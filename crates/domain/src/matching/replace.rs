//! Replacement of an open order's terms. The identity stays; the new terms are checked and reserved like a new order's.

use super::close::is_over;
use super::decision::{DecisionBuilder, MarketContext, OrderDecision, ReserveChange, TradingState};
use super::exits::{exit_check, exit_price_check};
use super::fault::{Field, RuleValue, TermsFault, TermsRule};
use super::fill::take;
use super::range::{Stage, ValidRange, distance_left};
use crate::{
    Amount, GroupKind, Link, OrderChange, OrderSize, OrderState, OrderStatus, OrderTerms, OrderType, Price,
    Quantity, Reason, Refusal, Role, Side, Size, TimeInForce, TradingRules, Trail,
};

/// Requested changes; `None` leaves a field as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revision {
    /// The whole size, filled part included.
    pub quantity: Option<Quantity>,
    /// New limit of the order.
    pub limit: Option<Price>,
    /// New trigger of the order.
    pub stop: Option<Price>,
    /// The distance of a trailing stop.
    pub trail: Option<Trail>,
    /// A new end of its time in µs since 1970-01-01T00:00Z; none for an order that is to have no end any more.
    pub expires_us: Option<Option<i64>>,
    /// Post-only flag of the changed order.
    pub post_only: Option<bool>,
    /// Present mark of a trailing stop from the book.
    pub mark: Option<Price>,
}

/// Gives an open order new terms. A limit order that now reaches the other side's price takes it, like an
/// arriving order.
///
/// # Errors
/// [`Refusal::Closed`]; the first broken rule; the missing money. Nothing changes then.
pub fn replace(
    state: &TradingState,
    index: usize,
    revision: &Revision,
    market: &MarketContext,
) -> Result<OrderDecision, Refusal> {
    let mut builder = DecisionBuilder::new(state.clone());
    let order = builder.open(index)?;
    if is_over(&order, market.now_us) {
        // It has expired, although its event is not written yet.
        return Err(Refusal::Closed(OrderStatus::Expired));
    }
    let terms = revised(&order, revision, market)?;
    let mark =
        order.mark.map(|known| Trail::mark_after(order.terms.side, known, revision.mark.unwrap_or(known)));
    rules_check(&builder, index, &Changed { order: &order, terms: &terms, revision, mark }, market)?;
    if let (Some(trail), Some(mark)) = (terms.trail, mark) {
        let trigger = trail.trigger(terms.side, mark, market.rules.tick_size);
        if order.status == OrderStatus::WaitingTrigger && terms.is_reached(trigger, market.quote.last) {
            let field = match trail {
                Trail::BasisPoints(_) => Field::TrailBps,
                Trail::Amount(_) => Field::TrailAmount,
            };
            return Err(TermsFault::new(field, TermsRule::WouldTrigger)
                .given(RuleValue::from(trail))
                .limit(RuleValue::Price(market.quote.last))
                .nearest(distance_left(trail, mark, market))
                .into());
        }
        let slot = builder.state.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        slot.terms.trail = Some(trail);
        builder.mark_set(index, mark, market)?;
    }
    let is_awake = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let is_beyond = |limit| terms.takes(limit, market.quote.price_for(terms.side));
    let slot = builder.state.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
    slot.beyond = is_awake && terms.limit.is_some_and(is_beyond);
    record(&mut builder, index, OrderChange::Replaced { terms, reason: Reason::User })?;
    if order.terms.order_type.has_limit() && is_awake {
        take(&mut builder, index, market)?;
    }
    Ok(builder.finish())
}

/// Records the replacement; the legs of an OCO reserve together.
fn record(builder: &mut DecisionBuilder, index: usize, change: OrderChange) -> Result<(), Refusal> {
    let Some(sibling) = builder.sibling(index) else { return builder.record(index, change) };
    let (order, other) = (*builder.order(index)?, *builder.order(sibling)?);
    let before = builder.pair_held(index, sibling)?;
    let pool = order.apply(&change)?.need()?.max(other.need()?);
    // The other leg has no event here, so its shown reserve stays. This one shows the additional need.
    let own = pool.beyond(other.held())?;
    builder.record_with(index, change, ReserveChange { own, before, after: own.with(other.held())? })
}

/// The changed terms, if every change applies to the order in its present status.
fn revised(
    order: &OrderState,
    revision: &Revision,
    market: &MarketContext,
) -> Result<OrderTerms, TermsFault> {
    let mut terms = order.terms;
    let is_awake = matches!(order.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    let fault = |field| Err(TermsFault::new(field, TermsRule::NotApplicable));
    if let Some(quantity) = revision.quantity {
        if order.link.is_some() {
            return fault(Field::Quantity);
        }
        if quantity <= order.filled {
            return Err(TermsFault::new(Field::Quantity, TermsRule::AboveFilled)
                .given(RuleValue::Quantity(quantity))
                .limit(RuleValue::Quantity(order.filled))
                .nearest(terms.sizes_above(order.filled, market)));
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

/// The rules of a new order, as far as they apply to one that is working, held or in a group. Accepted,
/// unchanged values are not checked again where only the price, or a fill, can have invalidated them.
fn rules_check(
    builder: &DecisionBuilder,
    index: usize,
    changed: &Changed<'_>,
    market: &MarketContext,
) -> Result<(), Refusal> {
    let Changed { order, terms, revision, mark } = *changed;
    terms.fixed_check(market, Stage::Alone, Some(&order.terms))?;
    match order.status {
        OrderStatus::Held => {
            // Decisive for the comparison with its purchase: the trigger of a form that has one, whatever its
            // limit.
            let decisive = |terms: &OrderTerms| (terms.stop.or(terms.limit), terms.trail);
            if decisive(terms) != decisive(&order.terms) {
                exit_check(terms, &builder.order(0)?.terms, market)?;
            }
            return Ok(());
        }
        OrderStatus::WaitingTrigger => terms.not_now_check(market)?,
        _ if terms.post_only => terms.take_check(market)?,
        _ => {}
    }
    if terms.trail != order.terms.trail {
        terms.trail_check(market, mark.unwrap_or(market.quote.last))?;
    }
    if terms.limit != order.terms.limit {
        entry_check(builder, order, terms, market)?;
        if builder.sibling(index).is_some() && terms.order_type == OrderType::Limit {
            exit_price_check(terms, market.quote.last, market)?;
            terms.take_check(market)?;
        }
    }
    let is_exit = order.link.is_some_and(|link| link.kind != GroupKind::Oco && link.role != Role::Entry);
    if !is_exit {
        let own = if order.terms.side == Side::Sell { order.remaining() } else { Quantity::ZERO };
        let everything = builder.state.coins_available.checked_add(own)?.checked_add(order.filled)?;
        let trigger = terms
            .trail
            .zip(mark)
            .map(|(trail, mark)| trail.trigger(terms.side, mark, market.rules.tick_size));
        let price = trigger.unwrap_or_else(|| terms.cost_price(market));
        // An unchanged size is only checked against the maximums.
        let (rules, everything) = match revision.quantity {
            Some(_) => (market.rules, everything),
            None => (without_smallest(&market.rules), terms.quantity),
        };
        let ticket = OrderSize { side: terms.side, size: Size::Base(terms.quantity) };
        ticket.check(&rules, market.order_notional_max, price, everything)?;
    }
    Ok(())
}

/// The rules for an accepted size, or for the remainder after fills.
const fn without_smallest(rules: &TradingRules) -> TradingRules {
    TradingRules {
        step_size: Quantity::ZERO,
        min_quantity: Quantity::ZERO,
        min_notional: Amount::ZERO,
        ..*rules
    }
}

/// A purchase with exits stays between their prices.
fn entry_check(
    builder: &DecisionBuilder,
    order: &OrderState,
    terms: &OrderTerms,
    market: &MarketContext,
) -> Result<(), TermsFault> {
    if order.link.is_none_or(|link| link.role != Role::Entry) {
        return Ok(());
    }
    let reference = terms.cost_price(market);
    let fault = |rule| TermsFault::new(Field::Price, rule).given(RuleValue::Price(reference));
    let is_exit = |exit: &&OrderState| exit.is_open() && exit.link.is_some_and(Link::is_held_first);
    let exits = || builder.state.orders.iter().filter(is_exit);
    let between =
        exits().fold(ValidRange::band(market), |range, exit| match (exit.terms.stop, exit.terms.limit) {
            (Some(stop), _) => range.beyond(stop, true),
            (None, Some(limit)) => range.beyond(limit, false),
            (None, None) => range,
        });
    for exit in exits() {
        if exit_price_check(&exit.terms, reference, market).is_err() {
            return Err(fault(TermsRule::ExitSide)
                .limit(exit.terms.stop.or(exit.terms.limit).map_or(RuleValue::Nothing, RuleValue::Price))
                .nearest(between.nearest(reference)));
        }
        exit_check(&exit.terms, terms, market).map_err(|other| match other.rule {
            // It would fill now, and the stop-loss at the next quote.
            TermsRule::ExitSide => fault(TermsRule::WouldTrigger)
                .limit(RuleValue::Price(market.quote.last))
                .nearest(between.beyond(market.quote.ask, false).nearest(reference)),
            _ => other,
        })?;
    }
    Ok(())
}
