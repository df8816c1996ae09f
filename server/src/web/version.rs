//! Versions of what can change: shown as `ETag`, asked for with `If-Match`.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use cnop_api::trading::{Data, OrderView};
use cnop_api::{FieldError, Problem};

use super::refusal::{Answer, Refusal};

/// The version that the client wants to change; `None` when any will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub Option<u32>);

/// An order with its version as `ETag`.
pub(crate) type VersionedOrder = (HeaderMap, Json<Data<OrderView>>);

/// The answer that shows an order.
pub(crate) fn versioned(order: OrderView) -> VersionedOrder {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", order.version)) {
        headers.insert(header::ETAG, tag);
    }
    (headers, Json(Data { data: order }))
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        Self::read(&parts.headers)
    }
}

impl IfMatch {
    /// A tag that is no version of ours can match nothing, but says so at once instead of as a conflict. A weak tag is
    /// read like a strong one: proxies that compress weaken ours, and it names a state, not its bytes.
    fn read(headers: &HeaderMap) -> Answer<Self> {
        let mut values = headers.get_all(header::IF_MATCH).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" && values.next().is_none() {
            return Ok(Self(None));
        }
        let tag = text.strip_prefix("W/").unwrap_or(text);
        let digits = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let version = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        match (version.and_then(|digits| digits.parse().ok()), values.next()) {
            (Some(version), None) => Ok(Self(Some(version))),
            _ => Err(Refusal(Problem::invalid(vec![FieldError::parameter(
                "If-Match",
                "version",
                "If-Match is given once and is the ETag of the order, such as \"3\", or *.",
            )]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Answer<IfMatch> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        IfMatch::read(&headers)
    }

    #[test]
    fn a_version_is_read_and_anything_else_is_refused() {
        assert_eq!(read(&[]), Ok(IfMatch(None)));
        assert_eq!(read(&["*"]), Ok(IfMatch(None)));
        assert_eq!(read(&["\"3\""]), Ok(IfMatch(Some(3))));
        assert_eq!(read(&["W/\"3\""]), Ok(IfMatch(Some(3))));
        let wrong: [&[&str]; 8] = [
            &["3"],
            &["\"\""],
            &["\"-1\""],
            &["\"+1\""],
            &["\"1\", \"2\""],
            &["\"1\"", "\"2\""],
            &["*", "\"1\""],
            &["\"99999999999\""],
        ];
        for values in wrong {
            let refusal = read(values).unwrap_err();
            assert_eq!(refusal.0.errors[0].parameter.as_deref(), Some("If-Match"), "{values:?}");
        }
    }
}
