//! How much a request may send.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use cnop_api::{Code, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Largest body: the largest legitimate request is a few kilobytes.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request whose body is within the limit. One that does not say its length is read here, so that no handler
/// has to know the rule.
///
/// # Errors
/// `request.too_large`; `request.malformed` when the body broke off.
pub(crate) async fn bounded(request: Request) -> Result<Request, Problem> {
    let hint = request.body().size_hint();
    let max = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
    if hint.lower() > max {
        return Err(too_large());
    }
    if hint.upper().is_some_and(|upper| upper <= max) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(collected) => Ok(Request::from_parts(parts, Body::from(collected.to_bytes()))),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::new(Code::RequestMalformed, "The body broke off.")),
    }
}

fn too_large() -> Problem {
    Problem::new(Code::RequestTooLarge, format!("A request may have at most {BODY_BYTES_MAX} bytes."))
        .with_fact("limit_bytes", BODY_BYTES_MAX)
}
