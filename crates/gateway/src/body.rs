//! How much a request may send.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use cnop_api::{Code, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Largest body: the largest legitimate request is a few kilobytes.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// How much of a body that is too large is read and thrown away: a connection that closes while the client still
/// sends loses the answer with its reason. Beyond this the client is cut off.
const DISCARDED_BYTES_MAX: usize = 1024 * 1024;

/// A request whose body is within the limit. One that does not say its length is read here, so that no handler
/// has to know the rule.
///
/// # Errors
/// `request.too_large`; `request.malformed` when the body broke off.
pub(crate) async fn bounded(request: Request) -> Result<Request, Problem> {
    let hint = request.body().size_hint();
    let max = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
    if hint.lower() > max {
        discard(request.into_body()).await;
        return Err(too_large());
    }
    if hint.upper().is_some_and(|upper| upper <= max) {
        return Ok(request);
    }
    let (parts, mut body) = request.into_parts();
    match Limited::new(&mut body, BODY_BYTES_MAX).collect().await {
        Ok(collected) => Ok(Request::from_parts(parts, Body::from(collected.to_bytes()))),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(too_large())
        }
        Err(_) => Err(Problem::new(Code::RequestMalformed, "The body broke off.")),
    }
}

/// Reads on without keeping anything, within the request's deadline.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARDED_BYTES_MAX);
    while let Some(Ok(_)) = body.frame().await {}
}

fn too_large() -> Problem {
    Problem::new(Code::RequestTooLarge, format!("A request may have at most {BODY_BYTES_MAX} bytes."))
        .with_fact("limit_bytes", BODY_BYTES_MAX)
}
