//! Bounds for the size and the duration of a request body.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use cnop_api::{Code, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Largest body: the largest legitimate request is a few kilobytes.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a too large body that are read and discarded. If the connection closes while the client still
/// sends, the client loses the response with the reason. Beyond this bound the client is cut off.
const DISCARDED_BYTES_MAX: usize = 1024 * 1024;

/// Maximum time for a body to arrive: the largest one then needs a line of 13 kB/s.
const BODY_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest time that a body which is refused anyway is read.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(2);

/// Reads the body within its limit, so that no handler waits for its client.
///
/// # Errors
/// `request.too_large`; `request.malformed` when the body was truncated or too slow.
pub(crate) async fn bounded(request: Request) -> Result<Request, Problem> {
    let hint = request.body().size_hint();
    if hint.exact() == Some(0) {
        return Ok(request);
    }
    let (parts, mut body) = request.into_parts();
    if hint.lower() > u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX) {
        discard(body).await;
        return Err(too_large());
    }
    let collected = Limited::new(&mut body, BODY_BYTES_MAX).collect();
    match tokio::time::timeout(BODY_TIME_MAX, collected).await {
        Ok(Ok(collected)) => Ok(Request::from_parts(parts, Body::from(collected.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(too_large())
        }
        Ok(Err(_)) => Err(Problem::new(Code::RequestMalformed, "The body broke off.")),
        Err(_) => {
            let seconds = BODY_TIME_MAX.as_secs();
            let detail = format!("The body did not arrive within {seconds} s. Nothing was done.");
            Err(Problem::new(Code::RequestMalformed, detail))
        }
    }
}

/// Reads on for a moment without keeping anything.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARDED_BYTES_MAX);
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    // A client that is too slow even for that is cut off.
    let _ = tokio::time::timeout(DISCARD_TIME_MAX, reading).await;
}

fn too_large() -> Problem {
    Problem::new(Code::RequestTooLarge, format!("A request may have at most {BODY_BYTES_MAX} bytes."))
        .with_fact("limit_bytes", BODY_BYTES_MAX)
}
