//! Path parameters: identifiers of resources.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use cnop_domain::{AlertId, AssetId, IdError, OrderId, PlanId};
use cnop_services::{Error, alerts, orders, recurring};

use super::query::ASSET_DETAIL;
use super::rejection::{HandlerResult, ProblemRejection, refuse_parameter};

/// Asset id in the path, in any case; 422 for malformed ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssetPath(pub AssetId);

/// An order's identifier in the path; 422 for what cannot be an identifier, 404 for one that no order has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderPath(pub OrderId);

/// A fill of an order: the order's identifier and the fill's number from 1 on; refused as in [`OrderPath`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct FillPath(pub OrderId, pub u32);

/// A recurring order's identifier in the path; refused as in [`OrderPath`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanPath(pub PlanId);

/// An alert's identifier in the path; refused as in [`OrderPath`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlertPath(pub AlertId);

/// Shortest and longest identifier of a record.
const RECORD_ID_BYTES: std::ops::RangeInclusive<usize> = 10..=50;

impl<S: Send + Sync> FromRequestParts<S> for AssetPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        let id = text(parts, state).await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| refuse_parameter("asset_id", "asset_id", ASSET_DETAIL))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        order_id_read(&text(parts, state).await.unwrap_or_default()).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FillPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let (order_id, number) = texts.map(|Path(texts)| texts).unwrap_or_default();
        Self::read(&order_id, &number)
    }
}

impl FillPath {
    fn read(order_id: &str, number: &str) -> HandlerResult<Self> {
        let order_id = order_id_read(order_id)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| digits && *number > 0);
        let detail = "A fill's number is a whole number from 1 on.";
        number
            .map(|number| Self(order_id, number))
            .ok_or_else(|| refuse_parameter("number", "fill_number", detail))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PlanPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        record_id_read(&text(parts, state).await.unwrap_or_default(), recurring::not_found).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AlertPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        record_id_read(&text(parts, state).await.unwrap_or_default(), alerts::not_found).map(Self)
    }
}

/// An identifier of a recurring order or an alert. A plain text that was never given to one is `missing`.
fn record_id_read<T: FromStr<Err = IdError>>(text: &str, missing: fn() -> Error) -> HandlerResult<T> {
    if !is_identifier(text) {
        let detail = "This identifier has 10 to 50 letters, digits, _ or -.";
        return Err(refuse_parameter("id", "id", detail));
    }
    text.parse().map_err(|_| ProblemRejection(missing().into()))
}

/// Returns true if a text has the form that identifiers have in general.
fn is_identifier(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    RECORD_ID_BYTES.contains(&text.len()) && text.bytes().all(known)
}

fn order_id_read(text: &str) -> HandlerResult<OrderId> {
    if !is_identifier(text) {
        let detail = "An order's identifier has 10 to 50 letters, digits, _ or -.";
        return Err(refuse_parameter("order_id", "order_id", detail));
    }
    text.parse().map_err(|_| ProblemRejection(orders::not_found().into()))
}

async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<String> {
    Path::<String>::from_request_parts(parts, state).await.ok().map(|Path(text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "ord_00000000000000000000000001";

    #[test]
    fn a_fill_is_named_by_its_order_and_a_number_from_1_on() {
        let fill = FillPath::read(ORDER, "17").unwrap();
        assert_eq!((fill.0.to_string(), fill.1), (ORDER.to_owned(), 17));
        assert_eq!(FillPath::read("no_such_order", "1").unwrap_err().0.code, cnop_api::Code::OrderNotFound);
        assert_eq!(FillPath::read("short", "1").unwrap_err().0.errors[0].rule, "order_id");
        for number in ["", "0", "-1", "+1", "1.0", "4294967296", "x"] {
            assert_eq!(
                FillPath::read(ORDER, number).unwrap_err().0.errors[0].rule,
                "fill_number",
                "{number}"
            );
        }
    }

    #[test]
    fn an_identifier_has_its_form_and_another_plain_one_is_not_found() {
        let read = |text: &str| record_id_read::<PlanId>(text, recurring::not_found);
        let id = "rec_00000000000000000000000001";
        assert_eq!(read(id).unwrap().to_string(), id);
        assert_eq!(read("rec_0000000000").unwrap_err().0.code, cnop_api::Code::RecurringNotFound);
        for id in ["", "short", "with space", "a/b/c/d/e/f", &"a".repeat(51)] {
            assert_eq!(read(id).unwrap_err().0.errors[0].rule, "id", "{id}");
        }
    }
}
