//! Versions of resources: returned as `ETag`, required with `If-Match`.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use cnop_api::trading::{Data, OrderView};
use cnop_api::{FieldError, Problem};

use super::rejection::{HandlerResult, ProblemRejection};

/// Most tags of an `If-Match`.
const TAGS_MAX: usize = 16;

/// Versions that the client accepts, as sent; `None` for any. The list is empty when all named tags are
/// foreign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<Vec<u32>>);

/// An order with its version as `ETag`.
pub(crate) type VersionedOrder = (HeaderMap, Json<Data<OrderView>>);

/// Response with an order. The tag is weak: fills and marks change the content, not the version.
pub(crate) fn versioned(order: OrderView) -> VersionedOrder {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", order.version)) {
        headers.insert(header::ETAG, tag);
    }
    (headers, Json(Data { data: order }))
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> HandlerResult<Self> {
        Self::read(&parts.headers)
    }
}

impl IfMatch {
    /// Weak tags compare like strong ones: ours are weak, and name the terms of the order, which is what a
    /// client wants to protect.
    fn read(headers: &HeaderMap) -> HandlerResult<Self> {
        let values = headers.get_all(header::IF_MATCH);
        let texts: Vec<&str> = values.iter().map(|value| value.to_str().unwrap_or_default().trim()).collect();
        match texts.as_slice() {
            [] | ["*"] => Ok(Self(None)),
            texts => {
                let tags: Vec<&str> =
                    texts.iter().flat_map(|text| text.split(',')).take(TAGS_MAX + 1).collect();
                if tags.len() > TAGS_MAX {
                    return Err(malformed(format!("If-Match names at most {TAGS_MAX} ETags.")));
                }
                let mut versions = Vec::new();
                for tag in tags {
                    versions.extend(version_of(tag.trim())?);
                }
                Ok(Self(Some(versions)))
            }
        }
    }
}

fn malformed(detail: impl Into<String>) -> ProblemRejection {
    ProblemRejection(Problem::invalid(vec![FieldError::parameter("If-Match", "version", detail)]))
}

/// Version of a tag; `None` for a foreign tag, which matches nothing.
fn version_of(tag: &str) -> HandlerResult<Option<u32>> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let text = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = text
        .filter(|text| !text.contains('"'))
        .ok_or_else(|| malformed("If-Match is * or a list of ETags such as W/\"3\"."))?;
    let is_version = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(text.parse().ok().filter(|_| is_version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> HandlerResult<IfMatch> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        IfMatch::read(&headers)
    }

    #[test]
    fn one_version_or_several_are_read() {
        assert_eq!(read(&[]), Ok(IfMatch(None)));
        assert_eq!(read(&["*"]), Ok(IfMatch(None)));
        for values in [&["\"3\""][..], &["W/\"3\""]] {
            assert_eq!(read(values), Ok(IfMatch(Some(vec![3]))), "{values:?}");
        }
        for values in [&["\"1\", W/\"2\""][..], &["\"1\"", "\"2\""]] {
            assert_eq!(read(values), Ok(IfMatch(Some(vec![1, 2]))), "{values:?}");
        }
    }

    #[test]
    fn a_foreign_tag_matches_nothing() {
        for value in ["\"\"", "\"-1\"", "\"+1\"", "\"99999999999\"", "\"abc\""] {
            assert_eq!(read(&[value]), Ok(IfMatch(Some(Vec::new()))), "{value}");
        }
    }

    #[test]
    fn a_list_has_an_end() {
        let tags = |count: usize| -> &'static str { vec!["W/\"3\""; count].join(",").leak() };
        assert_eq!(read(&[tags(TAGS_MAX)]), Ok(IfMatch(Some(vec![3; TAGS_MAX]))));
        assert!(read(&[tags(TAGS_MAX + 1)]).is_err());
        assert!(read(&[tags(TAGS_MAX), "\"abc\""]).is_err(), "foreign tags count too");
    }

    #[test]
    fn a_malformed_entity_tag_is_refused() {
        let wrong: [&[&str]; 6] = [&["3"], &[""], &["*", "\"1\""], &["\"1\" \"2\""], &["\"1"], &["\"1\","]];
        for values in wrong {
            let refusal = read(values).unwrap_err();
            assert_eq!(refusal.0.errors[0].parameter.as_deref(), Some("If-Match"), "{values:?}");
        }
    }
}
