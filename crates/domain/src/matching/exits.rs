//! Rules of exits: the shape, side and price of the legs of an OCO and of the exits of a purchase.

use super::decision::{MarketContext, NewOrder};
use super::fault::{Field, RuleValue, TermsFault, TermsRule};
use super::range::{Stage, ValidRange};
use crate::{OrderTerms, OrderType, Price, Refusal, Role, Side, TimeInForce};

pub(super) fn misfit(order: usize, field: Field) -> Refusal {
    TermsFault::new(field, TermsRule::Group).of_order(order).into()
}

/// A fault of the order at an index of a group.
pub(super) fn of_order(order: usize) -> impl Fn(TermsFault) -> Refusal {
    move |fault| fault.of_order(order).into()
}

/// Rules for both legs of an OCO and for every exit: a take-profit is a limit order, a stop-loss waits for a
/// worse price, and both rest.
pub(super) fn exit_shape_check(terms: &OrderTerms, role: Role, index: usize) -> Result<(), Refusal> {
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
            .given(RuleValue::TimeInForce(terms.time_in_force))
            .nearest(vec![RuleValue::TimeInForce(TimeInForce::Gtc)])
            .of_order(index)
            .into());
    }
    Ok(())
}

/// Refuses a price that is not strictly on the profitable side of another, or strictly on the losing side.
pub(super) fn side_check(
    (field, price): (Field, Price),
    terms: &OrderTerms,
    reference: Price,
    range: ValidRange,
) -> Result<(), TermsFault> {
    let above = (field == Field::Price) == (terms.side == Side::Sell);
    let is_fit = if above { price > reference } else { price < reference };
    if is_fit {
        return Ok(());
    }
    Err(TermsFault::new(field, TermsRule::ExitSide)
        .given(RuleValue::Price(price))
        .limit(RuleValue::Price(reference))
        .nearest(range.nearest(price)))
}

/// An exit as it will be held: it sells what the entry buys.
pub(super) fn exit_checked(
    exit: &NewOrder,
    entry: &OrderTerms,
    market: &MarketContext,
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
    let stage = Stage::Exit(exit_reference(&terms, entry, market));
    terms.fixed_check(market, stage, None).map_err(of_order(index))?;
    exit_check(&terms, entry, market).map_err(of_order(index))?;
    Ok(terms)
}

/// An exit fits to its purchase: its decisive price is on its side of it, and a trailing distance leaves a trigger there.
pub(super) fn exit_check(
    exit: &OrderTerms,
    entry: &OrderTerms,
    market: &MarketContext,
) -> Result<(), TermsFault> {
    let reference = exit_reference(exit, entry, market);
    exit_price_check(exit, reference, market)?;
    exit.trail_check(market, reference)
}

/// The price of a purchase that an exit is compared with: its limit, or the ask of one at market. One that fills now
/// brings its exits to life at this quote, which must not have reached a stop-loss already.
fn exit_reference(exit: &OrderTerms, entry: &OrderTerms, market: &MarketContext) -> Price {
    let (decided, quote) = (entry.cost_price(market), &market.quote);
    let fills_now = entry.limit.is_none_or(|limit| entry.takes(limit, quote.ask));
    if fills_now && exit.order_type.waits() { decided.min(quote.ask).min(quote.last) } else { decided }
}

/// A decisive price is on its side of another price.
pub(super) fn exit_price_check(
    terms: &OrderTerms,
    reference: Price,
    market: &MarketContext,
) -> Result<(), TermsFault> {
    let check = |field, price| {
        side_check((field, price), terms, reference, terms.range(field, market, Stage::Exit(reference)))
    };
    match (terms.stop, terms.limit) {
        (Some(stop), _) => check(Field::StopPrice, stop),
        (None, Some(limit)) => check(Field::Price, limit),
        (None, None) => Ok(()),
    }
}
