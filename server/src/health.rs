//! Liveness and readiness of the server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cnop_domain::QuoteSource;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::state::ApiState;
use crate::stream::price_age_ms;

/// Silence of the trigger engine after which it counts as stopped. It shows every second that it runs.
const ENGINE_SILENCE_MAX: Duration = Duration::from_secs(10);
/// Time for which the answer of the store is remembered. Readiness is asked for without a quota, and each reading
/// of the table has its price.
const ANSWERS_KEPT: Duration = Duration::from_millis(250);

/// The venue in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Status of the server, always `healthy`.
    pub(crate) status: &'static str,
    /// Name of the service, `cnop`.
    pub(crate) service: &'static str,
    /// Version of the program.
    pub(crate) version: &'static str,
    /// Source of prices.
    pub(crate) source: QuoteSource,
}

/// Readiness with its components.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Overall status: `ready`, `not_ready`, or `recovering` while the server starts.
    pub(crate) status: &'static str,
    /// Status of the store: `ok`, `unavailable`, `damaged`, `failed`, or `recovering` while the server starts. Damage of a
    /// few items leaves the server ready.
    pub(crate) store: &'static str,
    /// `ok` or `low`: free space of the store's disk. While it is low the venue serves everything but new orders and
    /// registrations.
    pub(crate) disk: &'static str,
    /// Status of quotas, leases and messages: `ok`, or `degraded` while the Redis of the servers does not answer and this
    /// server goes on alone. Money still moves then.
    pub(crate) coordination: &'static str,
    /// `ok` or `stale`: prices. Without fresh prices the venue serves everything but market orders.
    pub(crate) prices: &'static str,
    /// Status of the trigger engine: `ok`; `stopped` when it shows no sign of life; `waiting` while this server has no
    /// trigger books although it should, because other servers still have them or the coordinator does not answer.
    pub(crate) engine: &'static str,
    /// `ok`, or by how much the system's clock moved or differs from that of the other servers. The venue does not follow
    /// a move at once. A server whose clock differs by more than 2 s takes no requests.
    pub(crate) clock: String,
    /// True if the server is about to end.
    pub(crate) draining: bool,
}

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(find_health))
        .routes(routes!(find_liveness))
        .routes(routes!(find_readiness))
}

/// Liveness of the server.
#[utoipa::path(get, path = "/health", tag = "Operations",
    responses((status = 200, description = "The server is alive.", body = Health)))]
async fn find_health(State(state): State<ApiState>) -> Json<Health> {
    let source = state.streams.market.snapshot().source;
    Json(alive(source))
}

/// Liveness of the process.
#[utoipa::path(get, path = "/health/live", tag = "Operations",
    responses((status = 200, description = "The process answers.", body = Health)))]
async fn find_liveness(state: State<ApiState>) -> Json<Health> {
    find_health(state).await
}

/// Readiness to take requests.
#[utoipa::path(get, path = "/health/ready", tag = "Operations",
    responses((status = 200, description = "The server takes requests.", body = Readiness),
        (status = 503, description = "The server should get no requests; the members give the reason.", body = Readiness)))]
async fn find_readiness(State(state): State<ApiState>) -> Response {
    let services = &state.streams.services;
    let now_us = services.clock().now_us();
    let store = state.store_state.get(now_us, ANSWERS_KEPT, state.store.state()).await;
    let store_ok = store.is_usable();
    let prices_ok = price_age_ms(services, &state.streams.market) <= services.config().price_max_age_ms;
    let engine_ok = services.engine.heartbeat_age() <= ENGINE_SILENCE_MAX;
    let engine = match (engine_ok, services.ownership.is_waiting()) {
        (false, _) => "stopped",
        (true, true) => "waiting",
        (true, false) => "ok",
    };
    let draining = state.streams.drain.is_started();
    let clock_fault = state.coordination.clock_fault();
    let is_ready = store_ok && clock_fault.is_none() && prices_ok && engine == "ok" && !draining;
    let word = |ok: bool, bad: &'static str| if ok { "ok" } else { bad };
    let readiness = Readiness {
        status: if is_ready { "ready" } else { "not_ready" },
        store: store.as_str(),
        disk: word(!services.free_space().is_low(), "low"),
        coordination: word(!state.streams.is_degraded.load(Ordering::Relaxed), "degraded"),
        prices: word(prices_ok, "stale"),
        engine,
        clock: clock_fault.unwrap_or_else(|| clock_word(state.clock.jump_seconds())),
        draining,
    };
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

/// Status of the clock in words.
fn clock_word(jump_seconds: Option<i64>) -> String {
    jump_seconds.map_or_else(|| "ok".to_owned(), |seconds| format!("clock moved by {seconds} s"))
}

/// Readiness of a server that still repairs its store or rebuilds its books.
pub(crate) fn recovering() -> Readiness {
    Readiness {
        status: "recovering",
        store: "recovering",
        disk: "ok",
        coordination: "ok",
        prices: "stale",
        engine: "stopped",
        clock: clock_word(None),
        draining: false,
    }
}

/// Liveness of the server.
pub(crate) const fn alive(source: QuoteSource) -> Health {
    Health { status: "healthy", service: "cnop", version: env!("CARGO_PKG_VERSION"), source }
}
