//! Versions of what can change: shown as `ETag`, asked for with `If-Match`.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use cnop_api::trading::{Data, OrderView};
use cnop_api::{Caller, Code, FieldError, Problem};
use cnop_domain::OrderId;
use cnop_services::Services;

use super::refusal::{Answer, Refusal};

/// The versions of which the client wants to change one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Whatever there is.
    Any,
    /// One of these; none when only tags were named that are none of ours.
    One(Vec<u32>),
}

/// An order with its version as `ETag`.
pub(crate) type VersionedOrder = (HeaderMap, Json<Data<OrderView>>);

/// The answer that shows an order. The tag is weak: fills and marks change what the answer holds, not its version.
pub(crate) fn versioned(order: OrderView) -> VersionedOrder {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", order.version)) {
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
    /// Weak tags are compared like strong ones: ours are weak, and name the terms of the order, which is what a client wants
    /// to be sure of.
    fn read(headers: &HeaderMap) -> Answer<Self> {
        let values = headers.get_all(header::IF_MATCH);
        let texts: Vec<&str> = values.iter().map(|value| value.to_str().unwrap_or_default().trim()).collect();
        match texts.as_slice() {
            [] | ["*"] => Ok(Self::Any),
            texts => {
                let mut versions = Vec::new();
                for tag in texts.iter().flat_map(|text| text.split(',')) {
                    versions.extend(version_of(tag.trim())?);
                }
                Ok(Self::One(versions))
            }
        }
    }

    /// The version that the order must have; none for any.
    ///
    /// # Errors
    /// `order.version` (412) when none of those that are named can be it.
    pub(crate) async fn version(
        self,
        services: &Services,
        caller: &Caller,
        order_id: &OrderId,
    ) -> Answer<Option<u32>> {
        match self {
            Self::Any => Ok(None),
            Self::One(versions) => match versions.as_slice() {
                [version] => Ok(Some(*version)),
                versions => {
                    let now = services.orders.get(caller, order_id).await?.version;
                    // Of several at most one is the order's; whether it still is, the change itself looks.
                    versions.contains(&now).then_some(Some(now)).ok_or_else(|| another(now))
                }
            },
        }
    }
}

fn another(now: u32) -> Refusal {
    let detail = format!("The order is at version {now}, which If-Match does not name. Read it again.");
    Refusal(Problem::new(Code::OrderVersion, detail).with_fact("version", now))
}

/// The version in a tag; none for one that somebody else has made, which matches nothing.
fn version_of(tag: &str) -> Answer<Option<u32>> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let text = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = text.filter(|text| !text.contains('"')).ok_or_else(|| {
        let detail = "If-Match is * or a list of ETags such as W/\"3\".";
        Refusal(Problem::invalid(vec![FieldError::parameter("If-Match", "version", detail)]))
    })?;
    let is_version = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(text.parse().ok().filter(|_| is_version))
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
    fn one_version_or_several_are_read() {
        assert_eq!(read(&[]), Ok(IfMatch::Any));
        assert_eq!(read(&["*"]), Ok(IfMatch::Any));
        for values in [&["\"3\""][..], &["W/\"3\""]] {
            assert_eq!(read(values), Ok(IfMatch::One(vec![3])), "{values:?}");
        }
        for values in [&["\"1\", W/\"2\""][..], &["\"1\"", "\"2\""]] {
            assert_eq!(read(values), Ok(IfMatch::One(vec![1, 2])), "{values:?}");
        }
    }

    #[test]
    fn a_foreign_tag_matches_nothing() {
        for value in ["\"\"", "\"-1\"", "\"+1\"", "\"99999999999\"", "\"abc\""] {
            assert_eq!(read(&[value]), Ok(IfMatch::One(Vec::new())), "{value}");
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        let wrong: [&[&str]; 6] = [&["3"], &[""], &["*", "\"1\""], &["\"1\" \"2\""], &["\"1"], &["\"1\","]];
        for values in wrong {
            let refusal = read(values).unwrap_err();
            assert_eq!(refusal.0.errors[0].parameter.as_deref(), Some("If-Match"), "{values:?}");
        }
    }
}
