//! What the orders of the ticket would do now, decided by the venue's own engine where the ticket is.

use cnop_api::{Code, FieldError, Problem, Timestamp};
use cnop_domain::engine::place;
use cnop_domain::{
    Amount, AssetId, Desk, Field, GuardFault, GuardedOrder, LossRecord, NewOrder, OrderState, OrderStatus,
    OrderTerms, Outcome, Position, Price, Quantity, Refusal, Role, Side, TermsFault, TermsRule, TimeInForce,
    Value, Venue, fee, guard_check,
};

use super::{Basis, fault, orders};
use crate::forms::{in_words, now_us};
use crate::functions::{OrderForm, field_of};

/// Most orders of one account that are not closed: the venue's own bound.
const OPEN_ORDERS_MAX: usize = 200;

/// What placing the orders would do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Estimate {
    /// The order it is about: the only one, the purchase of a group, or the sale at a profit of two.
    pub(in super::super) terms: OrderTerms,
    /// The same, with what it has filled.
    pub(in super::super) status: OrderStatus,
    /// What it fills at, else its limit, else its trigger.
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
    /// How much worse than the last price what fills at once is, in millionths; negative is better.
    pub(in super::super) slippage: Option<i128>,
    pub(in super::super) cash_after: Amount,
    pub(in super::super) coins_after: Quantity,
    /// Limit of the exit, or of the order of two, with a profit.
    pub(in super::super) take_profit: Option<Price>,
    /// The other: a stop, a stop-limit or one that trails.
    pub(in super::super) stop_loss: Option<OrderTerms>,
    /// Whether the quote shows less than a market order takes.
    pub(in super::super) is_beyond_displayed: bool,
}

/// What the orders would do, by the rules that place them.
///
/// # Errors
/// What the venue would refuse them for, with the same code, at the ticket's field.
pub(in super::super) fn estimate(form: &OrderForm, basis: &Basis) -> Result<Estimate, Problem> {
    let orders = orders(form, basis.asset_id)?;
    let displayed = match form.side() {
        Side::Buy => basis.quote.ask_size,
        Side::Sell => basis.quote.bid_size,
    };
    let venue = Venue {
        rules: basis.rules,
        quote: basis.quote,
        fee_bps: basis.fee_bps,
        order_notional_max: basis.order_notional_max,
        displayed_left: displayed,
        now_us: basis.now_us,
    };
    // What the coins cost does not matter here: no profit is estimated.
    let position = Position { quantity: basis.coins, ..Position::default() };
    let desk = Desk { cash_available: basis.cash, coins_available: basis.coins, position, ..Desk::default() };
    let refused = |refusal| problem(refusal, basis.asset_id, &orders);
    let outcome = place(&desk, &orders, &venue).map_err(refused)?;
    let order = outcome.after.orders.first().ok_or_else(|| refused(Refusal::OutOfRange))?;
    // The page may have been made before a pause of the guard was over.
    let now_us = basis.now_us.max(now_us());
    let losses = LossRecord { last_loss_us: Some(0), ..LossRecord::default() };
    for after in &outcome.after.orders {
        let order = GuardedOrder::of(&after.terms, &venue);
        guard_check(&basis.guard, &order, &losses, now_us).map_err(|fault| guarded(&fault))?;
    }
    open_orders_check(basis, &orders)?;
    figures(order, &outcome, &venue).map_err(|_| refused(Refusal::OutOfRange))
}

fn figures(
    order: &OrderState,
    outcome: &Outcome,
    venue: &Venue,
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
        take_profit: exit(Role::TakeProfit).and_then(|terms| terms.limit),
        stop_loss: exit(Role::StopLoss),
        is_beyond_displayed: order.filled > venue.displayed_left,
    })
}

fn open_orders_check(basis: &Basis, orders: &[NewOrder]) -> Result<(), Problem> {
    let rests = |order: &&NewOrder| !matches!(order.terms.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
    let more = orders.iter().filter(rests).count();
    let open = usize::try_from(basis.open_orders).unwrap_or(OPEN_ORDERS_MAX);
    if more == 0 || open.saturating_add(more) <= OPEN_ORDERS_MAX {
        return Ok(());
    }
    let detail =
        format!("You have {open} open orders; an account may have {OPEN_ORDERS_MAX}. Cancel some first.");
    Err(Problem::new(Code::OrderTooManyOpen, detail))
}

/// What the trader's own guard refuses.
fn guarded(fault: &GuardFault) -> Problem {
    match fault {
        GuardFault::OrderMax { limit, given } => {
            let detail =
                format!("You allow yourself orders of at most {limit} USD; this one is worth {given} USD.");
            Problem::new(Code::GuardOrderTooLarge, detail.clone()).with_error(FieldError::new(
                "amount",
                "order_max",
                detail,
            ))
        }
        GuardFault::KillSwitch => {
            Problem::new(Code::GuardKillSwitch, "Your kill switch is on: only sales at market are taken.")
        }
        GuardFault::Pause { .. } | GuardFault::DailyLoss { .. } => Problem::new(
            Code::GuardCoolDown,
            "Your guard rails stop purchases for now. Sales are not affected.",
        ),
    }
}

/// A refusal in the words of the venue, at the field that can mend it.
fn problem(refusal: Refusal, asset_id: AssetId, orders: &[NewOrder]) -> Problem {
    let at = |field: &str, code: Code, rule: &str, detail: String| {
        Problem::new(code, detail.clone()).with_error(FieldError::new(field, rule, detail))
    };
    match refusal {
        Refusal::Ticket(fault) => {
            at("amount", Code::RequestInvalid, fault.rule.as_str(), fault.detail(asset_id))
        }
        Refusal::Terms(fault) => {
            let rule = fault.rule.as_str();
            let field = field(&fault, orders);
            let nearest = fault.nearest.iter().filter_map(|value| match value {
                Value::Time(time_us) => Some(Timestamp(*time_us).to_string()),
                other => other.text(),
            });
            let nearest = nearest.collect();
            let detail = in_words(rule, &fault.detail());
            let error = FieldError::new(field, rule, detail.clone()).nearest(nearest);
            Problem::new(code(fault.rule), detail).with_error(error)
        }
        Refusal::InsufficientFunds { available, needed } => at(
            "amount",
            Code::BalanceInsufficientFunds,
            "available",
            format!("You have {available} USD available. This order needs {needed} USD."),
        ),
        Refusal::InsufficientQuantity { available, needed } => at(
            "amount",
            Code::BalanceInsufficientQuantity,
            "available",
            format!("You have {available} {asset_id} available. This order needs {needed} {asset_id}."),
        ),
        Refusal::Closed(_)
        | Refusal::NotNow
        | Refusal::NoSuchOrder
        | Refusal::Illegal(_)
        | Refusal::OutOfRange => fault("amount", "range", "This is more than the venue can book."),
    }
}

/// The ticket's field that can mend a fault: a group has a field for each exit.
fn field(fault: &TermsFault, orders: &[NewOrder]) -> &'static str {
    match orders.get(fault.order).and_then(|order| order.link).map(|link| link.role) {
        Some(Role::TakeProfit) => "take_profit",
        Some(Role::StopLoss) => match fault.field {
            Field::Price => "stop_loss_price",
            Field::TrailBps | Field::TrailAmount => "stop_loss_trail",
            _ => "stop_loss",
        },
        Some(Role::Entry) | None => field_of(fault.field.as_str()),
    }
}

const fn code(rule: TermsRule) -> Code {
    match rule {
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
    }
}
