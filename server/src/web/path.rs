//! Identifiers in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use cnop_domain::{AssetId, OrderId};

use super::query::ASSET_DETAIL;
use super::rejection::{HandlerResult, ProblemRejection, refuse_parameter};

/// An asset's identifier in the path, in any case; 422 for what cannot be one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssetPath(pub AssetId);

/// An order's identifier in the path; 422 for what cannot be one.
#[derive(Debug, Clone)]
pub(crate) struct OrderPath(pub OrderId);

/// A fill of an order: the order's identifier and the fill's number from 1 on; 422 for what cannot be one.
#[derive(Debug, Clone)]
pub(crate) struct FillPath(pub OrderId, pub u32);

/// The identifier of a recurring order or an alert in the path; 422 for what cannot be one.
#[derive(Debug, Clone)]
pub(crate) struct RecordPath(pub String);

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
        let id = text(parts, state).await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(no_order_id)
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
        let order_id = order_id.parse().map_err(|_| no_order_id())?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| digits && *number > 0);
        let detail = "A fill's number is a whole number from 1 on.";
        number
            .map(|number| Self(order_id, number))
            .ok_or_else(|| refuse_parameter("number", "fill_number", detail))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RecordPath {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> HandlerResult<Self> {
        Self::read(text(parts, state).await.unwrap_or_default())
    }
}

impl RecordPath {
    fn read(id: String) -> HandlerResult<Self> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if RECORD_ID_BYTES.contains(&id.len()) && id.bytes().all(known) {
            Ok(Self(id))
        } else {
            let detail = "This identifier has 10 to 50 letters, digits, _ or -.";
            Err(refuse_parameter("id", "id", detail))
        }
    }
}

fn no_order_id() -> ProblemRejection {
    refuse_parameter("order_id", "order_id", "An order's identifier has 10 to 50 letters, digits, _ or -.")
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
        assert_eq!((fill.0.as_str(), fill.1), (ORDER, 17));
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
    fn a_record_has_a_plain_identifier() {
        assert_eq!(RecordPath::read("rec_0000000000".to_owned()).unwrap().0, "rec_0000000000");
        for id in ["", "short", "with space", "a/b/c/d/e/f", &"a".repeat(51)] {
            assert!(RecordPath::read(id.to_owned()).is_err(), "{id}");
        }
    }
}
