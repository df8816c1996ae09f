//! Refusals of the domain as problems: the one place that gives each rule its code, its sentence and its field. The
//! server answers with these problems, and the browser shows the same ones before it sends.

use cnop_domain::{
    Amount, AssetId, Field, GuardFault, OPEN_ORDERS_MAX, OrderStatus, Quantity, Refusal, RuleValue, Size,
    SizeFault, SizeRule, TermsFault, TermsRule,
};

use crate::trading::GroupLeg;
use crate::{Code, FieldError, Problem, Timestamp};

/// Seconds until a client may try again after a command that our own books did not allow.
const RETRY_SECONDS_INVARIANT: u32 = 2;

/// The problem of a refused order. `legs` are the positions of a group's orders in its request; a single
/// order has none.
#[must_use]
pub fn order_problem(refusal: &Refusal, asset_id: AssetId, legs: &[GroupLeg]) -> Problem {
    match refusal {
        Refusal::Size(fault) => size_problem(fault, asset_id),
        Refusal::Terms(fault) => terms_problem(fault, legs),
        Refusal::InsufficientFunds { available, needed } => insufficient_funds(*available, *needed, "order"),
        Refusal::InsufficientQuantity { available, needed } => Problem::new(
            Code::BalanceInsufficientQuantity,
            format!("You have {available} {asset_id} available. This order needs {needed} {asset_id}."),
        )
        .with_fact("asset_id", asset_id)
        .with_fact("available", available)
        .with_fact("needed", needed),
        Refusal::OutOfRange => {
            let detail = format!(
                "With this order you would have more than the {} {asset_id} that an account can hold. Nothing was done.",
                Quantity::MAX
            );
            Problem::new(Code::OrderQuantityRange, detail).with_fact("asset_id", asset_id)
        }
        Refusal::Worthless => Problem::new(
            Code::OrderNotionalRange,
            "At this price nothing would be paid for these coins. Nothing was done.",
        )
        .with_fact("asset_id", asset_id),
        Refusal::TooManyOpen { open } => {
            let detail = format!(
                "You have {open} open orders; an account may have {OPEN_ORDERS_MAX}. Cancel some first."
            );
            Problem::new(Code::OrderTooManyOpen, detail)
                .with_fact("open_orders", open)
                .with_fact("limit", OPEN_ORDERS_MAX)
        }
        Refusal::Guard(fault) => guard_problem(fault),
        Refusal::Closed(status) => closed_problem(*status),
        Refusal::NotNow | Refusal::NoSuchOrder | Refusal::Illegal(_) => invariant_problem(),
    }
}

/// Too little money for an order or a withdrawal; `purpose` is its word in the sentence.
#[must_use]
pub fn insufficient_funds(available: Amount, needed: Amount, purpose: &str) -> Problem {
    let detail = format!("You have {available} USD available. This {purpose} needs {needed} USD.");
    Problem::new(Code::BalanceInsufficientFunds, detail)
        .with_fact("available", available)
        .with_fact("needed", needed)
}

/// An asset that the venue does not have.
#[must_use]
pub fn unknown_asset(asset_id: AssetId) -> String {
    format!("There is no asset {asset_id} at this venue.")
}

/// An order that has ended.
#[must_use]
pub fn closed_problem(status: OrderStatus) -> Problem {
    let detail = format!("This order is {status}: nothing can be changed any more.");
    Problem::new(Code::OrderClosed, detail).with_fact("status", status)
}

/// A decision that the books contradict: a defect of ours.
#[must_use]
pub fn invariant_problem() -> Problem {
    let detail = "The ledger would not balance, so nothing was written. The incident is logged.";
    Problem::new(Code::LedgerInvariant, detail).retry_after(RETRY_SECONDS_INVARIANT)
}

/// A guard of the trader's own that forbids an order.
#[must_use]
pub fn guard_problem(fault: &GuardFault) -> Problem {
    match fault {
        GuardFault::KillSwitch => Problem::new(
            Code::GuardKillSwitch,
            "Your kill switch is on: only sells are accepted. Turning it off takes 24 hours.",
        ),
        GuardFault::OrderMax { limit, given } => Problem::new(
            Code::GuardOrderTooLarge,
            format!("Over your own limit of {limit} USD per order: this order is worth {given} USD."),
        )
        .with_fact("limit", limit)
        .with_fact("given", given),
        GuardFault::DailyLoss { limit, lost, until } => {
            let detail = format!(
                "Realized loss today is {lost} USD, your own limit is {limit} USD. You can buy again from {until}."
            );
            Problem::new(Code::GuardDailyLoss, detail)
                .with_fact("limit", limit)
                .with_fact("lost", lost)
                .with_fact("until", until)
        }
        GuardFault::Pause { until } => {
            let detail = format!("Cool-down after a loss until {until}. You can still sell.");
            Problem::new(Code::GuardCoolDown, detail).with_fact("until", until)
        }
    }
}

/// A size that breaks a trading rule.
fn size_problem(fault: &SizeFault, asset_id: AssetId) -> Problem {
    let code = match fault.rule {
        SizeRule::Positive => Code::RequestInvalid,
        SizeRule::StepSize => Code::OrderStepSize,
        SizeRule::MinQuantity | SizeRule::MaxQuantity => Code::OrderQuantityRange,
        SizeRule::MinNotional
        | SizeRule::MaxNotional
        | SizeRule::OrderNotionalMax
        | SizeRule::MinProceeds => Code::OrderNotionalRange,
        SizeRule::Exact => Code::OrderTickSize,
    };
    let text = |size: &Size| match size {
        Size::Base(quantity) => quantity.to_string(),
        Size::Quote(amount) => amount.to_string(),
    };
    let member = match fault.given {
        Size::Base(_) => "quantity",
        Size::Quote(_) => "quote_quantity",
    };
    let detail = fault.detail(asset_id);
    let error = FieldError::new(member, fault.rule.as_str(), detail.clone())
        .given(text(&fault.given))
        .nearest(fault.nearest.iter().map(text).collect());
    Problem::new(code, detail).with_error(error)
}

/// Any other field that breaks a rule.
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
    let text = |value: &RuleValue| match value {
        RuleValue::Time(time_us) => Some(Timestamp(*time_us).to_string()),
        other => other.text(),
    };
    let detail = fault.detail();
    let mut error = FieldError::new(fault.field.as_str(), rule, detail.clone())
        .nearest(fault.nearest.iter().filter_map(text).collect());
    error.given = text(&fault.given);
    let error = match legs.get(fault.order) {
        Some(leg) => leg.locate(error),
        None => error,
    };
    Problem::new(code, detail).with_error(error)
}
