//! From the domain's refusals to problems that a person can act on.

use cnop_api::trading::GroupLeg;
use cnop_api::{Code, FieldError, Problem, Timestamp};
use cnop_domain::{AssetId, Field, OrderStatus, Quantity, Refusal, TermsFault, TermsRule, Value};

use super::offer::Refused;
use crate::Error;

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
