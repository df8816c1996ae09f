//! A decision about orders at one quote: the market's offer, the trader's guard rails, and how a refusal reads.

use cnop_api::trading::GroupLeg;
use cnop_api::{Code, FieldError, Problem, Timestamp};
use cnop_domain::{
    AssetId, Desk, Field, GuardFault, GuardedOrder, OrderState, OrderStatus, OrderTerms, Outcome, Position,
    Quantity, Quote, Refusal, Side, TermsFault, TermsRule, Value, Venue,
};

use crate::account::{Accounts, State};
use crate::books::Taken;
use crate::records::QuoteSource;
use crate::{Context, Error, Result};

/// How often a decision is made anew because another order took the displayed size in the meantime.
const DISPLAYED_ATTEMPTS: u32 = 8;

/// The account's money and the orders of a group, as the domain sees them.
pub(super) fn desk(state: &State<'_>) -> Result<Desk> {
    let (coins_available, coins_reserved, position) = match &state.holding {
        Some((holding, _)) => (holding.available, holding.reserved, holding.position()?),
        None => (Quantity::ZERO, Quantity::ZERO, Position::default()),
    };
    Ok(Desk {
        orders: state.orders.iter().map(|loaded| loaded.record.state).collect(),
        cash_available: state.head.available,
        cash_reserved: state.head.reserved,
        coins_available,
        coins_reserved,
        position,
    })
}

pub(super) fn not_found() -> Error {
    Problem::new(Code::OrderNotFound, "There is no order with this id in your account.").into()
}

/// What is charged and allowed now, and where the quote comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) venue: Venue,
    pub(super) source: QuoteSource,
    pub(super) age_ms: u64,
}

/// What the venue offers for an asset now.
pub(crate) fn offer_of(context: &Context, asset_id: AssetId, now_us: i64) -> Result<Offer> {
    let environment = &context.environment;
    let asset = environment.market.catalogue().get(asset_id).filter(|asset| asset.is_active);
    let snapshot = environment.market.snapshot();
    let state = snapshot.get(asset_id).filter(|state| state.tradable);
    let (Some(asset), Some(state)) = (asset, state) else {
        let detail = format!("{asset_id} cannot be traded now. Prices of other assets are not affected.");
        return Err(Problem::new(Code::AssetNotTradable, detail).with_fact("asset_id", asset_id).into());
    };
    let venue = Venue {
        rules: asset.rules,
        quote: state.quote,
        fee_bps: context.config.fee_bps,
        order_notional_max: context.config.order_notional_max,
        displayed_left: Quantity::ZERO,
        now_us,
    };
    let age_ms = u64::try_from((now_us - state.quote.time_us) / 1_000).unwrap_or(0);
    Ok(Offer { venue, source: snapshot.source.into(), age_ms })
}

impl Offer {
    /// Refuses a price that is too old to trade on.
    pub(crate) fn age_check(&self, context: &Context) -> Result<()> {
        let max_ms = context.config.price_max_age_ms;
        if self.age_ms <= max_ms { Ok(()) } else { Err(Error::PriceStale { age_ms: self.age_ms, max_ms }) }
    }

    /// Decides with what is left of the displayed size, and takes what the decision used.
    pub(super) fn decide(
        &self,
        accounts: &Accounts,
        asset_id: AssetId,
        side: Side,
        decide: impl Fn(&Venue) -> Result<Outcome, Refusal>,
    ) -> Result<(Outcome, Option<Taken>), Refused> {
        for _ in 0..DISPLAYED_ATTEMPTS {
            let displayed_left = accounts.books.displayed_left(asset_id, side, &self.venue.quote);
            let outcome = decide(&Venue { displayed_left, ..self.venue }).map_err(Refused::Rules)?;
            if outcome.displayed_used.is_zero() {
                return Ok((outcome, None));
            }
            let taken = accounts.books.take(asset_id, side, &self.venue.quote, outcome.displayed_used);
            if taken.is_some() {
                return Ok((outcome, taken));
            }
        }
        Err(Refused::Busy)
    }
}

/// The market at a quote that has reached an order.
pub(super) fn venue(
    accounts: &Accounts,
    state: &State<'_>,
    quote: &Quote,
    asset_id: AssetId,
    displayed_left: Quantity,
) -> Result<Venue> {
    let catalogue = accounts.context.environment.market.catalogue();
    let asset =
        catalogue.get(asset_id).ok_or_else(|| Error::Internal("an order's asset is gone".to_owned()))?;
    let config = &accounts.context.config;
    Ok(Venue {
        rules: asset.rules,
        quote: *quote,
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        displayed_left,
        now_us: state.now_us,
    })
}

/// Why nothing was decided.
#[derive(Debug)]
pub(super) enum Refused {
    /// A rule, or too little money.
    Rules(Refusal),
    /// Others were always faster.
    Busy,
}

/// Refuses orders that the trader has forbidden himself. `before` is the order that is changed; a change that only makes
/// less of it is no new risk. Exits that wait for a purchase are sales, which guards let pass.
pub(crate) fn guard_check(
    state: &State<'_>,
    orders: &[OrderTerms],
    before: Option<&OrderState>,
    venue: &Venue,
) -> Result<()> {
    let guard = state.head.guard.at(state.now_us);
    for terms in orders {
        if before.is_some_and(|before| is_less(terms, before, venue)) {
            continue;
        }
        let order = GuardedOrder::of(terms, venue);
        cnop_domain::guard_check(&guard, &order, &state.head.losses, state.now_us).map_err(guard_refused)?;
    }
    Ok(())
}

/// Whether changed terms only make less of an order. Those of a purchase do when its value and its limit do not rise, its
/// trigger stays, and it does not take from the market at once: a large purchase that was parked far away must not come
/// back smaller at the price of now, which is a new purchase by another name.
fn is_less(terms: &OrderTerms, before: &OrderState, venue: &Venue) -> bool {
    let value = |terms: &OrderTerms| terms.cost_price(venue).value_of(terms.quantity);
    if value(terms) > value(&before.terms) {
        return false;
    }
    let takes = terms.limit.is_some_and(|limit| limit >= venue.quote.ask);
    let is_awake = matches!(before.status, OrderStatus::Working | OrderStatus::PartiallyFilled);
    terms.side == Side::Sell
        || (terms.limit <= before.terms.limit
            && (terms.stop, terms.trail) == (before.terms.stop, before.terms.trail)
            && !(is_awake && takes))
}

fn guard_refused(fault: GuardFault) -> Error {
    let problem = match fault {
        GuardFault::KillSwitch => Problem::new(
            Code::GuardKillSwitch,
            "Your kill switch is on: only sales at market are taken. Turning it off works 24 hours later.",
        ),
        GuardFault::OrderMax { limit, given } => Problem::new(
            Code::GuardOrderTooLarge,
            format!("You allow yourself orders of at most {limit} USD; this one is worth {given} USD."),
        )
        .with_fact("limit", limit)
        .with_fact("given", given),
        GuardFault::DailyLoss { limit, lost, until_us } => Problem::new(
            Code::GuardDailyLoss,
            format!(
                "You have lost {lost} USD today and allow yourself {limit} USD. You can buy again from {}.",
                Timestamp(until_us)
            ),
        )
        .with_fact("limit", limit)
        .with_fact("lost", lost)
        .with_fact("until", Timestamp(until_us)),
        GuardFault::Pause { until_us } => Problem::new(
            Code::GuardCoolDown,
            format!(
                "Your own pause after a loss lasts until {}. Sales are not affected.",
                Timestamp(until_us)
            ),
        )
        .with_fact("until", Timestamp(until_us)),
    };
    problem.into()
}

/// The refusal of a decision about orders of an asset.
pub(super) fn not_decided(fault: Refused, asset_id: AssetId, legs: &[GroupLeg]) -> Error {
    match fault {
        Refused::Rules(refusal) => refused(refusal, asset_id, legs),
        Refused::Busy => Error::Contention,
    }
}

/// A refusal as a problem. `legs` say where the orders of a group stand in its request.
pub(crate) fn refused(refusal: Refusal, asset_id: AssetId, legs: &[GroupLeg]) -> Error {
    match refusal {
        Refusal::Ticket(fault) => Error::Ticket { asset_id, fault: Box::new(fault) },
        Refusal::Terms(fault) => terms_problem(&fault, legs).into(),
        Refusal::InsufficientFunds { available, needed } => {
            Error::InsufficientFunds { available, needed, purpose: "order" }
        }
        Refusal::InsufficientQuantity { available, needed } => {
            Error::InsufficientQuantity { asset_id, available, needed }
        }
        Refusal::OutOfRange => {
            let detail = format!(
                "With this order you would have more than the {} {asset_id} that an account can hold. Nothing was done.",
                Quantity::MAX
            );
            Problem::new(Code::OrderQuantityRange, detail).with_fact("asset_id", asset_id).into()
        }
        Refusal::Closed(status) => closed(status),
        // What prices do to an order is asked for by the engine alone, which compares its books with the table then.
        refusal @ (Refusal::NotNow | Refusal::NoSuchOrder | Refusal::Illegal(_)) => {
            Error::Invariant(refusal.to_string())
        }
    }
}

/// An order that has ended.
pub(super) fn closed(status: OrderStatus) -> Error {
    let detail = format!("This order is {status}: nothing can be changed any more.");
    Problem::new(Code::OrderClosed, detail).with_fact("status", status).into()
}

fn terms_problem(fault: &TermsFault, legs: &[GroupLeg]) -> Problem {
    let code = match fault.rule {
        TermsRule::Required | TermsRule::NotApplicable | TermsRule::Positive | TermsRule::TrailRange => {
            Code::RequestInvalid
        }
        TermsRule::TickSize => Code::OrderTickSize,
        TermsRule::PriceBand => Code::OrderPriceBand,
        TermsRule::WouldTrigger => Code::OrderWouldTrigger,
        TermsRule::WouldTake => Code::OrderWouldTake,
        TermsRule::TimeInForce | TermsRule::ExpiresAt => Code::OrderTimeInForce,
        TermsRule::AboveFilled => Code::OrderQuantityRange,
        TermsRule::Group | TermsRule::ExitSide => Code::OrderGroupInvalid,
    };
    // The old name of this refusal is part of the contract.
    let rule = match (fault.field, fault.rule) {
        (Field::Price, TermsRule::NotApplicable) => "market_price",
        _ => fault.rule.as_str(),
    };
    let detail = fault.detail();
    let mut error = FieldError::new(fault.field.as_str(), rule, detail.clone());
    let text = |value: &Value| match value {
        Value::Time(time_us) => Some(Timestamp(*time_us).to_string()),
        other => other.text(),
    };
    if let Some(given) = text(&fault.given) {
        error = error.given(given);
    }
    let error = error.nearest(fault.nearest.iter().filter_map(text).collect());
    let error = match legs.get(fault.order) {
        Some(leg) => leg.locate(error),
        None => error,
    };
    Problem::new(code, detail).with_error(error)
}
