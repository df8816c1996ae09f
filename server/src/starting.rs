//! Answers of a server that is not put together yet.
//!
//! The listener is bound first. While the store is repaired and the books are rebuilt, which takes time in proportion
//! to them, the server says that it lives and that it recovers. A supervisor that hears nothing would kill it, and the
//! repair would begin anew.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use cnop_api::{Code, Problem};
use cnop_domain::QuoteSource;
use tower::Service as _;

use crate::health::{alive, recovering};

/// Seconds after which a client may ask again.
const RETRY_AFTER_SECONDS: &str = "1";

/// The place of the venue's router, empty until the venue is put together. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct VenueSlot {
    venue: Arc<OnceLock<Router>>,
}

impl VenueSlot {
    /// Hands all later requests to the venue. A second call has no effect.
    pub(crate) fn fill(&self, venue: Router) {
        let _ = self.venue.set(venue);
    }

    /// A router that answers for the venue, reached at `public_url`, until it is put together.
    pub(crate) fn router(&self, source: QuoteSource, public_url: &str) -> Router {
        let venue = Arc::clone(&self.venue);
        let public_url: Arc<str> = public_url.trim_end_matches('/').into();
        Router::new().fallback(move |request: Request| {
            let (venue, public_url) = (venue.get().cloned(), Arc::clone(&public_url));
            async move {
                match venue {
                    // A router is always ready.
                    Some(mut venue) => venue.call(request).await.unwrap_or_else(|never| match never {}),
                    None => answer(&request, source, &public_url),
                }
            }
        })
    }
}

/// The answer before there is a venue.
fn answer(request: &Request<Body>, source: QuoteSource, public_url: &str) -> Response {
    match request.uri().path() {
        "/health" | "/health/live" => Json(alive(source)).into_response(),
        "/health/ready" => (StatusCode::SERVICE_UNAVAILABLE, Json(recovering())).into_response(),
        _ => {
            let problem = Problem::new(Code::Unavailable, "The venue is starting. Try again in a moment.");
            let body = serde_json::json!({
                "type": format!("{public_url}/problems/{}", problem.code.as_str()),
                "title": problem.code.title(),
                "status": problem.status(),
                "detail": problem.detail,
                "code": problem.code.as_str(),
            });
            let headers = [
                (header::CONTENT_TYPE, "application/problem+json"),
                (header::RETRY_AFTER, RETRY_AFTER_SECONDS),
            ];
            (StatusCode::SERVICE_UNAVAILABLE, headers, body.to_string()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn status(slot: &VenueSlot, path: &str) -> u16 {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        slot.router(QuoteSource::Simulator, "http://localhost")
            .oneshot(request)
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    /// During a long repair connections were taken and never answered.
    #[tokio::test]
    async fn a_server_that_recovers_lives_but_is_not_ready() {
        let slot = VenueSlot::default();
        for (path, expected) in [("/health/live", 200), ("/health/ready", 503), ("/api/v1/orders", 503)] {
            assert_eq!(status(&slot, path).await, expected, "{path}");
        }
        slot.fill(Router::new().route("/health/ready", get(async || "ready")));
        for (path, expected) in [("/health/ready", 200), ("/nowhere", 404)] {
            assert_eq!(status(&slot, path).await, expected, "{path}");
        }
    }
}
