//! Preview of an order: its effect now. Nothing is written.

use cnop_api::trading::parse::{parse_group, parse_order};
use cnop_api::trading::{GroupLeg, OrderGroupRequest, OrderPreview, OrderRequest, PreviewedOrder};
use cnop_api::{Caller, Problem};
use cnop_domain::matching::place;
use cnop_domain::{
    Amount, AssetId, CUSHION_BPS, Link, MarketContext, NewOrder, OrderDecision, OrderState, OrderStatus,
    OrderTerms, OrderType, Position, Price, Quantity, Quote, Role, Side, TimeInForce, TradingState, fee,
};
use cnop_market::Catalogue;

use super::Orders;
use super::decision::{market_quote, refused, trading_state};
use super::place::{OrderSubmission, prepare};
use super::view::reserved;
use crate::account::Reads;
use crate::context::Config;
use crate::error::{Error, Result};
use crate::records::average;

/// A spread above this share of the ask (1/100) deserves a warning.
const SPREAD_WARNING_HUNDREDTHS: i128 = 1;

impl Orders {
    /// Previews an order, with the problems that would refuse the real call.
    ///
    /// # Errors
    /// Problems that leave nothing to compute: invalid fields, an asset without a price; when the account
    /// cannot be read.
    pub async fn preview(&self, caller: &Caller, request: OrderRequest) -> Result<OrderPreview> {
        let parsed = parse_order(&request, self.accounts.context.environment.market.catalogue())?;
        let (submission, _) = prepare(parsed, &request, None, "order")?;
        self.previewed(caller, &submission).await
    }

    /// Previews a group: its first order, the others, and the problems that would refuse it.
    ///
    /// # Errors
    /// As [`Orders::preview`].
    pub async fn preview_group(&self, caller: &Caller, request: OrderGroupRequest) -> Result<OrderPreview> {
        let parsed = parse_group(&request, self.accounts.context.environment.market.catalogue())?;
        let (submission, _) = prepare(parsed, &request, None, "order-group")?;
        self.previewed(caller, &submission).await
    }

    /// Applies the checks of [`OrderSubmission::decide`] in the same order, and continues after a refusal.
    async fn previewed(&self, caller: &Caller, submission: &OrderSubmission) -> Result<OrderPreview> {
        let context = &self.accounts.context;
        let OrderSubmission { asset_id, orders, legs, .. } = submission;
        let state = self.accounts.state(&caller.account_id, Reads::Asset(*asset_id)).await?;
        let (is_placed, reused) = match submission.earlier(&self.accounts, &caller.account_id).await {
            Ok(earlier) => (earlier.is_some(), None),
            Err(reused @ Error::Refused(_)) => (false, Some(reused)),
            Err(error) => return Err(error),
        };
        let quoted = match market_quote(context, *asset_id, state.now_us) {
            Ok(quoted) => quoted,
            Err(error) => return Err(reused.unwrap_or(error)),
        };
        let trading_state = trading_state(&state)?;
        let side = orders.first().map_or(Side::Buy, |order| order.terms.side);
        let displayed_left = self.accounts.displayed_sizes.estimate(*asset_id, side, &quoted.market.quote);
        let market = MarketContext { displayed_left, ..quoted.market };
        let tried = PreviewResult::new(orders, legs, *asset_id, &trading_state, market);
        let mut preview = tried.estimate.preview();
        if is_placed {
            // The call answers with that order, whatever a new one would be refused for.
            preview.warnings.push(
                "An order with this client_order_id was placed before: the call answers with it and places nothing."
                    .to_owned(),
            );
            return Ok(preview);
        }
        let limits = state.limits();
        let guarded = tried.guarded().iter().try_for_each(|terms| limits.guard_check(terms, &market)).err();
        let bounds = limits.room_check(orders).err().into_iter().chain(guarded);
        let problems = reused
            .into_iter()
            .chain(quoted.age_check(context).err())
            .chain(tried.refusal)
            .chain(bounds.map(|refusal| refused(&refusal, *asset_id, legs)));
        preview.problems = problems.map(|error| Problem::from(error).into()).collect();
        Ok(preview)
    }
}

/// Balances, quote and time of a preview without an account.
#[derive(Debug, Clone, Copy)]
pub struct PreviewInput {
    /// Quote of the asset.
    pub quote: Quote,
    /// Dollars that can be spent.
    pub cash: Amount,
    /// Coins that can be sold.
    pub coins: Quantity,
    /// The time, in µs since 1970-01-01T00:00Z.
    pub now_us: i64,
}

/// Previews an order from given balances, quote and time, by the rules of placement.
///
/// # Errors
/// The fields that cannot be read.
pub fn preview_offline(
    request: &OrderRequest,
    catalogue: &Catalogue,
    config: &Config,
    trial: &PreviewInput,
) -> Result<OrderPreview> {
    let parsed = parse_order(request, catalogue)?;
    let side = parsed.orders.first().map_or(Side::Buy, |order| order.terms.side);
    let market = MarketContext {
        rules: parsed.asset.rules,
        quote: trial.quote,
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        displayed_left: match side {
            Side::Buy => trial.quote.ask_size,
            Side::Sell => trial.quote.bid_size,
        },
        now_us: trial.now_us,
    };
    let trading_state = TradingState {
        cash_available: trial.cash,
        coins_available: trial.coins,
        position: Position { quantity: trial.coins, ..Position::default() },
        ..TradingState::default()
    };
    let tried =
        PreviewResult::new(&parsed.orders, &parsed.legs, parsed.asset.asset_id, &trading_state, market);
    let problems = tried.refusal.into_iter().map(|error| Problem::from(error).into()).collect();
    Ok(OrderPreview { problems, ..tried.estimate.preview() })
}

/// The result of a placement that is not written.
struct PreviewResult<'a> {
    estimate: PreviewEstimate<'a>,
    refusal: Option<Error>,
}

impl<'a> PreviewResult<'a> {
    fn new(
        orders: &[NewOrder],
        legs: &[GroupLeg],
        asset_id: AssetId,
        trading_state: &'a TradingState,
        market: MarketContext,
    ) -> Self {
        let (outcome, refusal) = match place(trading_state, orders, &market) {
            Ok(outcome) => (Some(outcome), None),
            Err(refusal) => (None, Some(refused(&refusal, asset_id, legs))),
        };
        let placed = outcome.as_ref().and_then(|outcome| outcome.after.orders.first());
        let terms = match (placed, orders.first()) {
            (Some(order), _) => order.terms,
            (None, Some(order)) => sized(&order.terms, &market),
            // A parsed request has at least one order.
            (None, None) => OrderTerms::market(asset_id, Side::Buy, Quantity::ZERO),
        };
        Self { estimate: PreviewEstimate { terms, market, trading_state, outcome }, refusal }
    }

    /// Terms to check against the guard rails.
    fn guarded(&self) -> Vec<OrderTerms> {
        match &self.estimate.outcome {
            Some(outcome) => outcome.after.orders.iter().map(|order| order.terms).collect(),
            None => vec![self.estimate.terms],
        }
    }
}

/// The terms with the computed quantity of an order by value.
fn sized(terms: &OrderTerms, market: &MarketContext) -> OrderTerms {
    match terms.quote_quantity {
        Some(amount) => {
            let price = terms.cost_price(market);
            OrderTerms { quantity: price.quantity_within(amount).floor_to(market.rules.step_size), ..*terms }
        }
        None => *terms,
    }
}

/// Figures of an order, ignoring refusals.
struct PreviewEstimate<'a> {
    terms: OrderTerms,
    market: MarketContext,
    trading_state: &'a TradingState,
    /// Decision of placing it; `None` when it is refused.
    outcome: Option<OrderDecision>,
}

impl PreviewEstimate<'_> {
    fn preview(&self) -> OrderPreview {
        let terms = &self.terms;
        let order = self.outcome.as_ref().and_then(|outcome| outcome.after.orders.first());
        let filled = order.map_or(Quantity::ZERO, |order| order.filled);
        let is_market = terms.order_type == OrderType::Market;
        let average = order.and_then(|order| average(order.notional, order.filled));
        let price = average.unwrap_or_else(|| terms.cost_price(&self.market));
        let quantity = terms.quantity;
        let notional = self.notional(order, price);
        let fee = fee(notional, self.market.fee_bps).unwrap_or(Amount::MAX);
        let clipped = |sum: Result<Amount, _>| sum.unwrap_or(Amount::MAX);
        let cash = self.trading_state.cash_available;
        let (total, balance_after, holding_after) = match terms.side {
            Side::Buy => {
                let total = clipped(notional.checked_add(fee));
                (
                    total,
                    cash.checked_sub(total).unwrap_or(Amount::MAX.negated()),
                    self.trading_state.position.quantity.checked_add(quantity).ok(),
                )
            }
            Side::Sell => {
                let total = notional.checked_sub(fee).unwrap_or(Amount::ZERO);
                let after = self.trading_state.position.quantity.checked_sub(quantity).ok();
                (total, clipped(cash.checked_add(total)), after)
            }
        };
        let fill_quantity = if is_market { quantity } else { filled };
        let resting = order.filter(|order| order.is_open()).map_or(Quantity::ZERO, OrderState::remaining);
        let reserve = order.and_then(reserved);
        let fills_at = average.or_else(|| is_market.then_some(price));
        OrderPreview {
            side: terms.side,
            asset_id: terms.asset_id,
            quantity,
            price,
            notional,
            fee,
            total,
            balance_after,
            holding_after,
            fill_quantity,
            fill_average_price: fills_at,
            resting_quantity: resting,
            cushion_bps: (reserve.is_some() && terms.side == Side::Buy && terms.limit.is_none())
                .then_some(CUSHION_BPS),
            reserve,
            slippage_ratio: fills_at.and_then(|price| slippage(terms.side, price, self.market.quote.last)),
            time_in_force: Some(terms.time_in_force.kind()),
            consequences: consequences(terms, fill_quantity, resting),
            quote_seq: self.market.quote.seq,
            warnings: warnings(terms, &self.market.quote, quantity),
            problems: Vec::new(),
            others: self.outcome.iter().flat_map(|it| others(&it.after.orders)).collect(),
        }
    }

    /// Value of the immediate fill, plus the remainder at the price that decides its cost.
    fn notional(&self, order: Option<&OrderState>, price: Price) -> Amount {
        let Some(order) = order.filter(|order| !order.filled.is_zero()) else {
            return price.value_of(self.terms.quantity);
        };
        let rest = self.terms.cost_price(&self.market).value_of(order.remaining());
        order.notional.checked_add(rest).unwrap_or(Amount::MAX)
    }
}

/// The further orders of a group.
fn others(orders: &[OrderState]) -> Vec<PreviewedOrder> {
    let [first, others @ ..] = orders else { return Vec::new() };
    others.iter().map(|order| other(order, first)).collect()
}

fn other(order: &OrderState, first: &OrderState) -> PreviewedOrder {
    let terms = &order.terms;
    let follows = order.link.is_some_and(Link::is_held_first).then(|| follows_sentence(order, first));
    PreviewedOrder {
        role: order.link.map_or(Role::Entry, |link| link.role),
        side: terms.side,
        kind: terms.order_type,
        quantity: terms.quantity,
        price: terms.limit,
        trigger_price: order.trigger,
        status: order.status,
        reserve: reserved(order),
        consequences: follows
            .into_iter()
            .chain(consequences(terms, order.filled, order.remaining()))
            .collect(),
    }
}

/// Sentence about the way an exit follows its entry.
fn follows_sentence(exit: &OrderState, entry: &OrderState) -> String {
    let (bought, asset_id) = (entry.filled, entry.terms.asset_id);
    if !exit.is_open() {
        "Ends with the entry, which buys nothing now.".to_owned()
    } else if exit.status == OrderStatus::Held {
        "Starts with the first part of the entry that fills and grows with it. If the entry ends early, this order \
         stays for what was bought."
            .to_owned()
    } else if entry.is_open() {
        format!(
            "Starts immediately for the {bought} {asset_id} bought now and grows with the entry. If the entry ends \
             early, this order stays for what was bought."
        )
    } else {
        format!("Starts immediately for the {bought} {asset_id} bought now.")
    }
}

/// Slippage against the last price.
fn slippage(side: Side, price: Price, last: Price) -> Option<f64> {
    let difference = match side {
        Side::Buy => price.units() - last.units(),
        Side::Sell => last.units() - price.units(),
    };
    // In millionths: a ratio for display, not money.
    let millionths = (difference * 1_000_000).checked_div(last.units())?;
    i32::try_from(millionths).ok().map(|millionths| f64::from(millionths) / 1_000_000.0)
}

/// Effect of type and time in force for this order.
fn consequences(terms: &OrderTerms, fills: Quantity, rests: Quantity) -> Vec<String> {
    let asset_id = terms.asset_id;
    let mut sentences = Vec::new();
    if terms.order_type.waits() {
        let how = if terms.order_type.triggers_above(terms.side) { "rises to" } else { "falls to" };
        sentences.push(match terms.stop {
            Some(stop) => format!("Triggers when the last price {how} {stop} USD."),
            None => "The stop follows the best price at this distance and never moves back.".to_owned(),
        });
    } else if terms.order_type == OrderType::Limit && !rests.is_zero() {
        if fills.is_zero() {
            sentences.push(format!("{rests} {asset_id} rest at the limit."));
        } else {
            sentences
                .push(format!("{fills} {asset_id} fill immediately, {rests} {asset_id} rest at the limit."));
        }
    }
    sentences.extend(match terms.time_in_force {
        TimeInForce::Gtc => Some("Good till canceled.".to_owned()),
        TimeInForce::Gtd { expires_us } => {
            Some(format!("Expires at {} if not filled before.", cnop_api::Timestamp(expires_us)))
        }
        TimeInForce::Ioc if terms.order_type == OrderType::Limit => {
            Some("The part that does not fill immediately expires.".to_owned())
        }
        TimeInForce::Fok if terms.order_type == OrderType::Limit => {
            Some("Fills in full immediately or expires.".to_owned())
        }
        TimeInForce::Ioc | TimeInForce::Fok => None,
    });
    sentences
}

fn warnings(terms: &OrderTerms, quote: &Quote, quantity: Quantity) -> Vec<String> {
    let mut warnings = Vec::new();
    let Quote { bid, ask, bid_size, ask_size, .. } = *quote;
    let spread = ask.units() - bid.units();
    if spread * 100 > ask.units() * SPREAD_WARNING_HUNDREDTHS {
        warnings.push(format!("Wide spread: bid {bid}, ask {ask} USD."));
    }
    let (displayed, side) = match terms.side {
        Side::Buy => (ask_size, "ask"),
        Side::Sell => (bid_size, "bid"),
    };
    if quantity > displayed && terms.order_type == OrderType::Market {
        warnings.push(format!(
            "Larger than the {displayed} {} quoted at the {side}; this venue still fills the order in full.",
            terms.asset_id
        ));
    }
    warnings
}
