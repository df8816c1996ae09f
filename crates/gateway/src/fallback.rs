//! Responses for unknown paths and methods.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use cnop_api::{Code, Problem};
use http::{HeaderValue, StatusCode, Uri, header};

use crate::ProblemRejection;

/// For `Router::fallback`: an unknown path.
pub async fn route_not_found(_: Request) -> ProblemRejection {
    ProblemRejection(not_found())
}

/// For `Router::method_not_allowed_fallback`; the router itself adds `Allow`.
pub async fn method_not_allowed(_: Request) -> ProblemRejection {
    ProblemRejection(not_allowed())
}

pub(crate) fn not_found() -> Problem {
    Problem::new(Code::RouteNotFound, "Check the address; /api/v1/openapi.json lists the API's.")
}

pub(crate) fn not_allowed() -> Problem {
    Problem::new(Code::RouteMethodNotAllowed, "The Allow field lists the methods that this address takes.")
}

/// A redirect (308, so that method and body stay) of an address with a slash at its end to the one without. An address
/// that a browser would take for another host's is not redirected.
pub(crate) fn without_slash(uri: &Uri) -> Option<Response> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.is_empty())?;
    if !path.starts_with('/') || path.get(1..2).is_some_and(|second| matches!(second, "/" | "\\")) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = HeaderValue::try_from(format!("{path}{query}")).ok()?;
    Some((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(uri: &str) -> Option<String> {
        let answer = without_slash(&uri.parse().unwrap())?;
        assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
        Some(answer.headers()[header::LOCATION].to_str().unwrap().to_owned())
    }

    /// A client that appends a slash must reach the address, and a link must not lead to another host.
    #[test]
    fn a_slash_at_the_end_is_redirected_within_this_host() {
        assert_eq!(location("/api/v1/orders/?limit=2").as_deref(), Some("/api/v1/orders?limit=2"));
        assert_eq!(location("/market/").as_deref(), Some("/market"));
        for uri in ["/", "/market", "//evil.example/", "/\\evil.example/"] {
            assert_eq!(uri.parse::<Uri>().ok().and_then(|_| location(uri)), None, "{uri}");
        }
    }
}
