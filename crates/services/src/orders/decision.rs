//! A decision about orders at one quote: the market's offer, the guards on a change, and refusals as errors. The words of
//! a refusal are those of [`cnop_api::refusal`].

use cnop_api::refusal::{closed_problem, order_problem};
use cnop_api::trading::GroupLeg;
use cnop_api::{Code, Problem};
use cnop_domain::{
    AssetId, MarketContext, OrderDecision, OrderState, OrderStatus, OrderTerms, Position, Quantity, Quote,
    QuoteSource, Refusal, Side, TradingState,
};

use crate::account::{AccountState, Accounts};
use crate::context::Context;
use crate::displayed_sizes::{DisplayedSource, DisplayedWant, displayed};
use crate::error::{Error, Result};
use crate::trigger_books::DisplayedSizeHold;

/// Maximum decisions when another order takes the displayed size in between.
const DISPLAYED_ATTEMPTS: u32 = 8;

/// The account's money and the orders of a group, as the domain sees them.
pub(super) fn trading_state(state: &AccountState<'_>) -> Result<TradingState> {
    let (coins_available, coins_reserved, position) = match &state.holding {
        Some((holding, _)) => (holding.available, holding.reserved, holding.position()?),
        None => (Quantity::ZERO, Quantity::ZERO, Position::default()),
    };
    Ok(TradingState {
        orders: state.orders.iter().map(|loaded| loaded.record.state).collect(),
        cash_available: state.head.available,
        cash_reserved: state.head.reserved,
        coins_available,
        coins_reserved,
        position,
    })
}

/// The refusal of an order that the account does not have.
#[must_use]
pub fn not_found() -> Error {
    Problem::new(Code::OrderNotFound, "There is no order with this id in your account.").into()
}

/// The market at a quote, and the origin of the quote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MarketQuote {
    pub(crate) market: MarketContext,
    pub(super) source: QuoteSource,
    pub(super) age_ms: u64,
}

/// The present market data of an asset.
pub(crate) fn market_quote(context: &Context, asset_id: AssetId, now_us: i64) -> Result<MarketQuote> {
    let environment = &context.environment;
    let asset = environment.market.catalogue().get(asset_id).filter(|asset| asset.is_active);
    let snapshot = environment.market.snapshot();
    let state = snapshot.get(asset_id).filter(|state| state.tradable);
    let (Some(asset), Some(state)) = (asset, state) else {
        let detail = format!("{asset_id} cannot be traded now. Prices of other assets are not affected.");
        return Err(Problem::new(Code::AssetNotTradable, detail).with_fact("asset_id", asset_id).into());
    };
    let market = MarketContext {
        rules: asset.rules,
        quote: state.quote,
        fee_bps: context.config.fee_bps,
        order_notional_max: context.config.order_notional_max,
        displayed_left: Quantity::ZERO,
        now_us,
    };
    let age_ms = u64::try_from((now_us - state.quote.time_us) / 1_000).unwrap_or(0);
    Ok(MarketQuote { market, source: snapshot.source, age_ms })
}

impl MarketQuote {
    /// Refuses a price that is too old to trade on.
    pub(crate) fn age_check(&self, context: &Context) -> Result<()> {
        let max_ms = context.config.price_max_age_ms;
        if self.age_ms <= max_ms { Ok(()) } else { Err(Error::PriceStale { age_ms: self.age_ms, max_ms }) }
    }

    /// Decides with the remaining displayed size, and takes the part that the decision used. If another server has to be
    /// asked for it, the state says so, and the decision is only a trial.
    pub(super) fn decide(
        &self,
        accounts: &Accounts,
        state: &AccountState<'_>,
        (asset_id, side): (AssetId, Side),
        decide: impl Fn(&MarketContext) -> Result<OrderDecision, Refusal>,
    ) -> Result<(OrderDecision, Option<DisplayedSizeHold>), DecisionError> {
        let (sizes, quote) = (&accounts.displayed_sizes, self.market.quote);
        for _ in 0..DISPLAYED_ATTEMPTS {
            let source = sizes.source(asset_id, side, &quote);
            let displayed_left = match source {
                DisplayedSource::Book => accounts.books.displayed_left(asset_id, side, &quote),
                DisplayedSource::Share(left) => left,
                // A trial that tells how much to ask for.
                DisplayedSource::Ask => displayed(side, &quote),
            };
            let outcome =
                decide(&MarketContext { displayed_left, ..self.market }).map_err(DecisionError::Rules)?;
            if outcome.displayed_used.is_zero() {
                return Ok((outcome, None));
            }
            if source == DisplayedSource::Ask {
                let want = DisplayedWant { asset_id, side, quote, quantity: outcome.displayed_used };
                let _ = state.displayed_want.set(Box::new(want));
                return Ok((outcome, None));
            }
            let hold = sizes.take(source, (asset_id, side), &quote, outcome.displayed_used);
            if hold.is_some() {
                return Ok((outcome, hold));
            }
        }
        Err(DecisionError::Busy)
    }
}

/// The market at a quote that has reached an order.
pub(super) fn market(
    accounts: &Accounts,
    state: &AccountState<'_>,
    quote: &Quote,
    asset_id: AssetId,
    displayed_left: Quantity,
) -> Result<MarketContext> {
    let catalogue = accounts.context.environment.market.catalogue();
    let asset =
        catalogue.get(asset_id).ok_or_else(|| Error::Internal("an order's asset is gone".to_owned()))?;
    let config = &accounts.context.config;
    Ok(MarketContext {
        rules: asset.rules,
        quote: *quote,
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        displayed_left,
        now_us: state.now_us,
    })
}

/// Reason for a missing decision.
#[derive(Debug)]
pub(super) enum DecisionError {
    /// A rule, or too little money.
    Rules(Refusal),
    /// Others were always faster.
    Busy,
}

/// Refuses new terms of an order that the trader's guards forbid. A change that only makes less of the order is no new
/// risk.
pub(super) fn change_check(
    state: &AccountState<'_>,
    terms: &OrderTerms,
    before: &OrderState,
    market: &MarketContext,
) -> Result<(), Refusal> {
    if is_less(terms, before, market) { Ok(()) } else { state.limits().guard_check(terms, market) }
}

/// Returns true if new terms only reduce an order. For a purchase, its value and its limit must not rise, its trigger
/// must stay, and it must not fill at once. A large purchase far from the market must not return smaller at
/// the present price, which would be a new purchase.
fn is_less(terms: &OrderTerms, before: &OrderState, market: &MarketContext) -> bool {
    let value = |terms: &OrderTerms| terms.cost_price(market).value_of(terms.quantity);
    if value(terms) > value(&before.terms) {
        return false;
    }
    let takes = terms.limit.is_some_and(|limit| limit >= market.quote.ask);
    let is_awake = matches!(before.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    terms.side == Side::Sell
        || (terms.limit <= before.terms.limit
            && (terms.stop, terms.trail) == (before.terms.stop, before.terms.trail)
            && !(is_awake && takes))
}

/// The refusal of a decision about orders of an asset.
pub(super) fn decision_error(fault: DecisionError, asset_id: AssetId, legs: &[GroupLeg]) -> Error {
    match fault {
        DecisionError::Rules(refusal) => refused(&refusal, asset_id, legs),
        DecisionError::Busy => Error::Contention,
    }
}

/// A refusal as an error. `legs` are the positions of a group's orders in its request.
pub(crate) fn refused(refusal: &Refusal, asset_id: AssetId, legs: &[GroupLeg]) -> Error {
    match refusal {
        // Only the trigger engine requests these actions; it then compares its books with the table.
        Refusal::NotNow | Refusal::NoSuchOrder | Refusal::Illegal(_) => Error::Invariant(refusal.to_string()),
        _ => order_problem(refusal, asset_id, legs).into(),
    }
}

/// An order that has ended.
pub(super) fn closed(status: OrderStatus) -> Error {
    closed_problem(status).into()
}
