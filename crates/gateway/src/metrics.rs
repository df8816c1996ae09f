//! Metrics in Prometheus format. Labels come from routes and constants, never from user input.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

use crate::Drain;

/// Upper bounds of the histograms in seconds: from a cached answer to the deadline.
const SECONDS_BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Period after which raw samples are folded into buckets: until then they take memory.
const UPKEEP_PERIOD: Duration = Duration::from_secs(5);

/// The route of requests that no route took.
const UNMATCHED: &str = "unmatched";

/// Metrics could not be set up.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// The histogram's bounds were refused.
    #[error("the bounds of the histograms are not valid")]
    Bounds,
    /// Something else in this process has taken the place.
    #[error("another recorder of metrics is installed already")]
    Taken,
}

/// Reads all metrics of the process. Cheap to clone.
#[derive(Clone)]
pub struct MetricsHandle {
    prometheus: PrometheusHandle,
}

impl fmt::Debug for MetricsHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsHandle").finish_non_exhaustive()
    }
}

impl MetricsHandle {
    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.prometheus.render()
    }

    /// Keeps the memory of the metrics bounded until the server drains. Spawn it once.
    pub async fn upkeep(self, drain: Drain) {
        let mut ticks = tokio::time::interval(UPKEEP_PERIOD);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.prometheus.run_upkeep(),
                () = drain.started() => return,
            }
        }
    }
}

/// Installs the metrics recorder of this process. Call it before the first request; a second call returns the
/// same handle.
///
/// # Errors
/// Another recorder is installed.
pub fn metrics_install() -> Result<MetricsHandle, MetricsError> {
    static HANDLE: OnceLock<MetricsHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets(&SECONDS_BUCKETS)
        .map_err(|_| MetricsError::Bounds)?
        .build_recorder();
    let handle = MetricsHandle { prometheus: recorder.handle() };
    match metrics::set_global_recorder(recorder) {
        Ok(()) => Ok(HANDLE.get_or_init(|| handle).clone()),
        Err(_) => HANDLE.get().cloned().ok_or(MetricsError::Taken),
    }
}

/// The series of one route.
type ByMethodAndStatus = HashMap<(&'static str, u16), Series>;

/// Counters of the requests.
#[derive(Default)]
pub(crate) struct Requests {
    /// By route; as many as the router has, and one for the rest.
    by_route: RwLock<HashMap<Box<str>, ByMethodAndStatus>>,
    in_flight: OnceLock<Gauge>,
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

/// The series of one method, route and status.
#[derive(Clone)]
struct Series {
    count: Counter,
    seconds: Histogram,
}

/// A request being measured. If it is dropped before its response, the client has disconnected.
#[derive(Debug)]
pub(crate) struct Measure {
    requests: Arc<Requests>,
    method: &'static str,
    route: Option<axum::extract::MatchedPath>,
    is_answered: bool,
}

impl Measure {
    pub(crate) fn start(
        requests: &Arc<Requests>,
        method: &Method,
        route: Option<axum::extract::MatchedPath>,
    ) -> Self {
        requests.in_flight().increment(1.0);
        Self { requests: Arc::clone(requests), method: method_label(method), route, is_answered: false }
    }

    /// Template of the matched route.
    pub(crate) fn route(&self) -> &str {
        self.route.as_ref().map_or(UNMATCHED, |route| route.as_str())
    }

    /// Records the response with its duration.
    pub(crate) fn answered(&mut self, status: StatusCode, elapsed: Duration) {
        self.is_answered = true;
        let series = self.requests.series(self.method, self.route(), status.as_u16());
        series.count.increment(1);
        series.seconds.record(elapsed.as_secs_f64());
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        self.requests.in_flight().decrement(1.0);
        if !self.is_answered {
            let (method, route) = (self.method, self.route().to_owned());
            metrics::counter!("cnop_http_requests_canceled_total", "method" => method, "route" => route)
                .increment(1);
        }
    }
}

impl Requests {
    fn in_flight(&self) -> &Gauge {
        self.in_flight.get_or_init(|| metrics::gauge!("cnop_http_requests_in_flight"))
    }

    fn series(&self, method: &'static str, route: &str, status: u16) -> Series {
        let known = self.by_route.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(route).and_then(|route| route.get(&(method, status))) {
            return series.clone();
        }
        drop(known);
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        let series = Series {
            count: metrics::counter!("cnop_http_requests_total", &labels),
            seconds: metrics::histogram!("cnop_http_request_duration_seconds", &labels),
        };
        let mut known = self.by_route.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(route.into()).or_default().insert((method, status), series.clone());
        series
    }
}

/// The method if it is a usual one: a client can make up others.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
