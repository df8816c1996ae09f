//! Bounds for the size and the duration of a request body, and for the bodies that are on their way.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use cnop_api::{Code, Problem};
use cnop_coordination::{PlaceLimits, PlaceRefusal, Places};
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
/// Polls before a body counts as being on its way. A body that came with its head is there within two or three: the
/// connection passes it on in pieces, and only while the request waits for it.
const FREE_POLLS: u8 = 8;
/// Seconds until a client whose body was not waited for may try again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Reads bodies. Those that are not there yet have places of their own, so that clients who send slowly take none of
/// the places of requests in flight.
#[derive(Debug)]
pub(crate) struct Bodies {
    waiting: Places,
}

impl Bodies {
    pub(crate) fn new(limits: PlaceLimits) -> Self {
        Self { waiting: Places::new(limits) }
    }

    /// Reads the body within its limit, so that no handler waits for its client.
    ///
    /// # Errors
    /// `request.too_large`; `request.malformed` when the body was truncated or too slow; `service.overloaded` or
    /// `quota.exceeded` when too many are on their way.
    pub(crate) async fn read(&self, request: Request, address: IpAddr) -> Result<Request, Problem> {
        let hint = request.body().size_hint();
        if hint.exact() == Some(0) {
            return Ok(request);
        }
        let (parts, mut body) = request.into_parts();
        if hint.lower() > u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX) {
            self.discard(body, address).await;
            return Err(too_large());
        }
        let collected = Limited::new(&mut body, BODY_BYTES_MAX).collect();
        match self.arrived(collected, address).await? {
            Some(Ok(collected)) => Ok(Request::from_parts(parts, Body::from(collected.to_bytes()))),
            Some(Err(error)) if error.is::<LengthLimitError>() => {
                self.discard(body, address).await;
                Err(too_large())
            }
            Some(Err(_)) => Err(Problem::new(Code::RequestMalformed, "The body broke off.")),
            None => {
                let seconds = BODY_TIME_MAX.as_secs();
                let detail = format!("The body did not arrive within {seconds} s. Nothing was done.");
                Err(Problem::new(Code::RequestMalformed, detail))
            }
        }
    }

    /// Waits for a body, in a place unless it is there already. `None` when it took too long.
    async fn arrived<T>(
        &self,
        reading: impl Future<Output = T>,
        address: IpAddr,
    ) -> Result<Option<T>, Problem> {
        let mut reading = pin!(reading);
        for _ in 0..FREE_POLLS {
            let polled = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
            if let Poll::Ready(read) = polled {
                return Ok(Some(read));
            }
            tokio::task::yield_now().await;
        }
        let _place = self.waiting.take(address, 0).map_err(not_waited)?;
        Ok(tokio::time::timeout(BODY_TIME_MAX, reading).await.ok())
    }

    /// Reads on for a moment without keeping anything.
    async fn discard(&self, body: Body, address: IpAddr) {
        // Without a place the client is cut off, as one that is too slow is.
        let Ok(_place) = self.waiting.take(address, 0) else { return };
        let mut body = Limited::new(body, DISCARDED_BYTES_MAX);
        let reading = async { while let Some(Ok(_)) = body.frame().await {} };
        let _ = tokio::time::timeout(DISCARD_TIME_MAX, reading).await;
    }
}

/// Refuses any body, at once: health and files are asked for without one.
///
/// # Errors
/// `request.malformed`.
pub(crate) fn none_check(request: &Request) -> Result<(), Problem> {
    if request.body().size_hint().exact() == Some(0) {
        return Ok(());
    }
    Err(Problem::new(Code::RequestMalformed, "A request for this path has no body."))
}

fn too_large() -> Problem {
    Problem::new(Code::RequestTooLarge, format!("A request may have at most {BODY_BYTES_MAX} bytes."))
        .with_fact("limit_bytes", BODY_BYTES_MAX)
}

fn not_waited(refusal: PlaceRefusal) -> Problem {
    let problem = match refusal {
        PlaceRefusal::All => Problem::new(
            Code::Overloaded,
            "Too many requests have not arrived completely. Send it again in a moment.",
        ),
        PlaceRefusal::Network => Problem::new(
            Code::QuotaExceeded,
            "Too many requests of your network have not arrived completely. Send it again in a moment.",
        ),
    };
    problem.retry_after(RETRY_AFTER_SECONDS)
}
