//! Estimates of the ticket's orders, computed in the browser by the domain's own rules.

use cnop_api::Problem;
use cnop_api::refusal::order_problem;
use cnop_api::trading::parse::Parsed;
use cnop_domain::matching::place;
use cnop_domain::{
    Amount, MarketContext, OrderDecision, OrderState, OrderStatus, OrderTerms, Position, Price, Quantity,
    Refusal, Role, Side, TradingState, fee,
};

use super::context::{EstimateContext, parsed};
use super::ends::{End, cost_of};
use crate::islands::browser::now_us;
use crate::order_form::{OrderForm, at_fields};

/// Estimated result of placing the orders now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Estimate {
    /// The order it is about: the only one, the purchase of a group, or the sale at a profit of two.
    pub(in super::super) terms: OrderTerms,
    /// The same, with what it has filled.
    pub(in super::super) status: OrderStatus,
    /// Price of the fill, else the limit, else the trigger.
    pub(in super::super) price: Price,
    /// Coins that fill at once.
    pub(in super::super) filled: Quantity,
    /// Coins that wait for a price afterwards.
    pub(in super::super) waiting: Quantity,
    /// Value of all of it.
    pub(in super::super) notional: Amount,
    pub(in super::super) fee: Amount,
    /// Paid with the fee, or received without it.
    pub(in super::super) total: Amount,
    /// Dollars that are held back until it ends.
    pub(in super::super) reserved_cash: Amount,
    /// Coins that are held back until it ends.
    pub(in super::super) reserved_coins: Quantity,
    /// Slippage of the part that fills at once against the last price, in millionths; negative is better.
    pub(in super::super) slippage: Option<i128>,
    pub(in super::super) cash_after: Amount,
    pub(in super::super) coins_after: Quantity,
    /// Limit of the exit, or of the order of two, with a profit.
    pub(in super::super) take_profit: Option<Price>,
    /// The other: a stop, a stop-limit or one that trails.
    pub(in super::super) stop_loss: Option<OrderTerms>,
    /// Result of the former.
    pub(in super::super) profit_end: Option<End>,
    /// Result of the latter, at its trigger or limit.
    pub(in super::super) loss_end: Option<End>,
    /// True if the quote shows less than a market order takes.
    pub(in super::super) is_beyond_displayed: bool,
}

/// Estimates the orders by the rules that place them.
///
/// # Errors
/// The venue's refusal with the same code, at the ticket's field.
pub(in super::super) fn estimate(form: &OrderForm, basis: &EstimateContext) -> Result<Estimate, Problem> {
    decision(form, basis).map_err(at_fields)
}

/// The estimate, or the server's problem as it is.
pub(super) fn decision(form: &OrderForm, basis: &EstimateContext) -> Result<Estimate, Problem> {
    let Parsed { orders, legs, .. } = parsed(form, basis)?;
    let displayed = match form.side() {
        Side::Buy => basis.quote.ask_size,
        Side::Sell => basis.quote.bid_size,
    };
    let venue = MarketContext {
        rules: basis.rules,
        quote: basis.quote,
        fee_bps: basis.fee_bps,
        order_notional_max: basis.order_notional_max,
        displayed_left: displayed,
        now_us: basis.now_us,
    };
    // The cost of the coins does not matter here: no profit is estimated.
    let position = Position { quantity: basis.coins, ..Position::default() };
    let desk = TradingState {
        cash_available: basis.cash,
        coins_available: basis.coins,
        position,
        ..TradingState::default()
    };
    let refused = |refusal: Refusal| order_problem(&refusal, basis.asset_id, &legs);
    let outcome = place(&desk, &orders, &venue).map_err(refused)?;
    // The page may have been made before a pause of the guard was over.
    let later = MarketContext { now_us: basis.now_us.max(now_us()), ..venue };
    basis.limits.check(&orders, &outcome, &later).map_err(refused)?;
    let order = outcome.after.orders.first().ok_or_else(|| refused(Refusal::OutOfRange))?;
    figures(order, &outcome, &venue, basis).map_err(|_| refused(Refusal::OutOfRange))
}

fn figures(
    order: &OrderState,
    outcome: &OrderDecision,
    venue: &MarketContext,
    basis: &EstimateContext,
) -> Result<Estimate, cnop_domain::MoneyError> {
    let terms = order.terms;
    let last = venue.quote.last;
    // At most one fill happens at once, and it is at the quote.
    let quoted = (!order.filled.is_zero()).then(|| venue.quote.price_for(terms.side));
    let waiting = if order.is_open() { order.remaining() } else { Quantity::ZERO };
    let notional = order.notional.checked_add(terms.cost_price(venue).value_of(waiting))?;
    let fee = fee(notional, venue.fee_bps)?;
    let total = match terms.side {
        Side::Buy => notional.checked_add(fee)?,
        Side::Sell => notional.checked_sub(fee)?,
    };
    let worse = |price: Price| match terms.side {
        Side::Buy => price.units() - last.units(),
        Side::Sell => last.units() - price.units(),
    };
    let after = &outcome.after;
    let exit = |wanted: Role| {
        let of_role = |order: &&OrderState| order.link.is_some_and(|link| link.role == wanted);
        after.orders.iter().find(of_role).map(|order| order.terms)
    };
    let (profit, loss) = (exit(Role::TakeProfit), exit(Role::StopLoss));
    // The exits of a purchase sell what it buys; a pair sells what is held.
    let is_exit = |exit: &OrderTerms| exit.side != terms.side;
    let end = |exit: OrderTerms| {
        let cost = if is_exit(&exit) { Some(total) } else { cost_of(exit.quantity, basis.held, basis.cost) };
        End::of(&exit, venue, cost)
    };
    Ok(Estimate {
        terms,
        status: order.status,
        price: quoted.unwrap_or_else(|| terms.cost_price(venue)),
        filled: order.filled,
        waiting,
        notional,
        fee,
        total,
        reserved_cash: after.cash_reserved,
        reserved_coins: after.coins_reserved,
        slippage: quoted.and_then(|price| (worse(price) * 1_000_000).checked_div(last.units())),
        cash_after: after.cash_available,
        coins_after: after.coins_available,
        take_profit: profit.and_then(|terms| terms.limit),
        stop_loss: loss,
        profit_end: profit.and_then(end),
        loss_end: loss.and_then(end),
        is_beyond_displayed: order.filled > venue.displayed_left,
    })
}
