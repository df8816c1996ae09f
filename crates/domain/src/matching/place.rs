//! Placement of a new order or of a new group.

use super::close::{close, parent_closed};
use super::decision::{DecisionBuilder, MarketContext, NewOrder, OrderDecision, ReserveChange, TradingState};
use super::exits::{exit_checked, exit_shape_check, misfit, of_order, side_check};
use super::fault::{Field, RuleValue, TermsFault, TermsRule};
use super::fill::{fill_whole, take, takeable};
use super::protection::activate;
use super::range::Stage;
use super::reserve::Reserve;
use crate::{
    GroupKind, Link, OrderChange, OrderState, OrderTerms, OrderType, Reason, Refusal, Role, Side, TimeInForce,
};

/// Places an order or a group. A group is two legs of an OCO in the sequence take-profit, stop-loss; or a
/// purchase and its exits in the sequence entry, take-profit, stop-loss. The exits take the quantity of the
/// purchase. The balances and the position of the state are used, its orders are not.
///
/// # Errors
/// The first broken rule, or the missing money; nothing changes.
pub fn place(
    state: &TradingState,
    orders: &[NewOrder],
    market: &MarketContext,
) -> Result<OrderDecision, Refusal> {
    let state = TradingState { orders: Vec::with_capacity(orders.len()), ..without_orders(state) };
    let mut builder = DecisionBuilder::new(state);
    match orders {
        [NewOrder { terms, link: None }] => {
            let terms = terms.check(market, builder.state.coins_available)?;
            builder.state.orders.push(OrderState::new(terms, None, market.fee_bps));
            arrive(&mut builder, 0, market)?;
        }
        orders => place_group(&mut builder, orders, market)?,
    }
    Ok(builder.finish())
}

fn without_orders(state: &TradingState) -> TradingState {
    TradingState {
        orders: Vec::new(),
        cash_available: state.cash_available,
        cash_reserved: state.cash_reserved,
        coins_available: state.coins_available,
        coins_reserved: state.coins_reserved,
        position: state.position,
    }
}

/// Brings an order into being: it fills, rests, waits or expires.
fn arrive(builder: &mut DecisionBuilder, index: usize, market: &MarketContext) -> Result<(), Refusal> {
    let order = *builder.order(index)?;
    match order.terms.order_type {
        OrderType::Market => fill_whole(builder, index, market),
        OrderType::Limit => {
            builder.beyond_set(index, market)?;
            arrive_limit(builder, index, &order, market)
        }
        OrderType::Stop
        | OrderType::StopLimit
        | OrderType::TakeProfit
        | OrderType::TakeProfitLimit
        | OrderType::TrailingStop => {
            builder.mark_set(index, market.quote.last, market)?;
            builder.record(index, OrderChange::Accepted)
        }
    }
}

fn arrive_limit(
    builder: &mut DecisionBuilder,
    index: usize,
    order: &OrderState,
    market: &MarketContext,
) -> Result<(), Refusal> {
    let takeable = takeable(builder, order, market);
    let (takes, rest_expires) = match order.terms.time_in_force {
        TimeInForce::Fok => (takeable == order.remaining(), Some(Reason::FokUnfilled)),
        TimeInForce::Ioc => (!takeable.is_zero(), Some(Reason::IocRemainder)),
        TimeInForce::Gtc | TimeInForce::Gtd { .. } => (!takeable.is_zero(), None),
    };
    if takes {
        take(builder, index, market)?;
    } else {
        builder.record(index, OrderChange::Accepted)?;
    }
    match rest_expires {
        Some(reason) if builder.order(index)?.is_open() => {
            close(builder, index, OrderChange::Expired(reason))
        }
        Some(_) | None => Ok(()),
    }
}

/// Places a group whose orders are in the sequence of [`place`].
fn place_group(
    builder: &mut DecisionBuilder,
    orders: &[NewOrder],
    market: &MarketContext,
) -> Result<(), Refusal> {
    let role = |new: &NewOrder| new.link.map(|link| (link.kind, link.role));
    match orders {
        [profit, loss]
            if role(profit) == Some((GroupKind::Oco, Role::TakeProfit))
                && role(loss) == Some((GroupKind::Oco, Role::StopLoss)) =>
        {
            place_oco(builder, &profit.terms, &loss.terms, market)
        }
        [entry, exit]
            if role(entry) == Some((GroupKind::Oto, Role::Entry))
                && matches!(role(exit), Some((GroupKind::Oto, Role::TakeProfit | Role::StopLoss))) =>
        {
            place_entry(builder, orders, market)
        }
        [entry, profit, loss]
            if role(entry) == Some((GroupKind::Bracket, Role::Entry))
                && role(profit) == Some((GroupKind::Bracket, Role::TakeProfit))
                && role(loss) == Some((GroupKind::Bracket, Role::StopLoss)) =>
        {
            place_entry(builder, orders, market)
        }
        _ => Err(misfit(0, Field::Type)),
    }
}

fn place_oco(
    builder: &mut DecisionBuilder,
    profit: &OrderTerms,
    loss: &OrderTerms,
    market: &MarketContext,
) -> Result<(), Refusal> {
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
            .given(RuleValue::Quantity(loss.quantity))
            .nearest(vec![RuleValue::Quantity(profit.quantity)])
            .of_order(1)
            .into());
    }
    let legs = [(profit, Role::TakeProfit), (loss, Role::StopLoss)];
    for (index, (terms, role)) in legs.into_iter().enumerate() {
        exit_shape_check(terms, role, index)?;
        terms.fields_check_at(market, Stage::Leg).map_err(of_order(index))?;
        terms.not_now_check(market).map_err(of_order(index))?;
        terms.size_check(market, builder.state.coins_available)?;
    }
    if let Some(limit) = profit.limit {
        // The limit leg rests: if it filled at once, there would be nothing to exclude.
        let range = profit.range(Field::Price, market, Stage::Leg);
        profit.take_check_in(range, market).map_err(of_order(0))?;
        side_check((Field::Price, limit), profit, market.quote.last, range).map_err(of_order(0))?;
    }
    for (terms, role) in legs {
        let link = Link { kind: GroupKind::Oco, role };
        builder.state.orders.push(OrderState::new(*terms, Some(link), market.fee_bps));
    }
    builder.mark_set(1, market.quote.last, market)?;
    let profit = builder.order(0)?.apply(&OrderChange::Accepted)?;
    let loss = builder.order(1)?.apply(&OrderChange::Accepted)?;
    let pool = profit.need()?.max(loss.need()?);
    builder.record_moved(0, OrderChange::Accepted, Reserve::NOTHING)?;
    builder.record_with(
        1,
        OrderChange::Accepted,
        ReserveChange { own: pool, before: Reserve::NOTHING, after: pool },
    )
}

/// A purchase and its exits.
fn place_entry(
    builder: &mut DecisionBuilder,
    orders: &[NewOrder],
    market: &MarketContext,
) -> Result<(), Refusal> {
    let [entry, exits @ ..] = orders else { return Err(misfit(0, Field::Type)) };
    if entry.terms.side != Side::Buy {
        return Err(misfit(0, Field::Side));
    }
    if !matches!(entry.terms.order_type, OrderType::Market | OrderType::Limit) {
        return Err(misfit(0, Field::Type));
    }
    let entry_terms = entry.terms.check(market, builder.state.coins_available)?;
    builder.state.orders.push(OrderState::new(entry_terms, entry.link, market.fee_bps));
    for (index, exit) in exits.iter().enumerate() {
        let terms = exit_checked(exit, &entry_terms, market, index + 1)?;
        builder.state.orders.push(OrderState::new(terms, exit.link, market.fee_bps));
    }
    arrive(builder, 0, market)?;
    for index in 1..=exits.len() {
        builder.record(index, OrderChange::Accepted)?;
    }
    let entry = builder.order(0)?;
    match (entry.filled.is_zero(), entry.is_open()) {
        (false, _) => activate(builder, 0, market),
        (true, false) => parent_closed(builder, 0),
        (true, true) => Ok(()),
    }
}
