//! The HTTP client of the feed, with bounds for time, size and rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cnop_domain::Clock;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use super::guard::CallGuard;
use super::settings::{CoingeckoSettings, StartError};

/// Longest pause that a server may ask for.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// Header of CoinGecko's key.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-cg-demo-api-key");
/// Largest answer: all assets with their sparklines are about 700 kB.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pause after "too many requests" without a number of seconds.
const RETRY_AFTER_UNSAID: Duration = Duration::from_secs(60);

/// Error of a request.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    /// The server wants to be left alone.
    #[error("the server asks for fewer requests")]
    Limited(Duration),
    /// Not sent: the guard is open after too many failures.
    #[error("the server is not asked for a while because it failed too often")]
    Guarded(Duration),
    /// Another status than success.
    #[error("the server answered {status}")]
    Status { status: StatusCode, retry_after: Option<Duration> },
    /// No connection, no complete answer, or none in time.
    #[error("the request failed: {0}")]
    Transport(reqwest::Error),
    /// The body exceeds [`BODY_BYTES_MAX`].
    #[error("the answer is too large")]
    TooLarge,
    /// The response does not match CoinGecko's documentation.
    #[error("the answer is malformed")]
    Malformed,
}

impl FetchError {
    /// Pause that the server demanded, if any.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited(pause) | Self::Guarded(pause) => Some(*pause),
            Self::Status { retry_after, .. } => *retry_after,
            Self::Transport(_) | Self::TooLarge | Self::Malformed => None,
        }
    }

    /// Returns true if the server is at fault: timeouts, malformed responses and 5xx, but not its refusals.
    fn is_fault(&self) -> bool {
        match self {
            Self::Transport(_) | Self::TooLarge | Self::Malformed => true,
            Self::Status { status, .. } => status.is_server_error(),
            Self::Limited(_) | Self::Guarded(_) => false,
        }
    }
}

/// Sends requests to the server.
#[derive(Debug)]
pub(super) struct CoingeckoClient {
    http: reqwest::Client,
    base_url: String,
    clock: Arc<dyn Clock>,
    guard: Option<Arc<dyn CallGuard>>,
    /// Time before which no chart is requested (µs since 1970).
    blocked_until_us: AtomicI64,
}

impl CoingeckoClient {
    pub(super) fn new(settings: &CoingeckoSettings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let base_url = settings.base_url.trim_end_matches('/').to_owned();
        let url = Url::parse(&base_url).map_err(|_| StartError::Address)?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(StartError::Address);
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.api_key {
            let mut value = HeaderValue::from_str(key).map_err(|_| StartError::Key)?;
            value.set_sensitive(true);
            headers.insert(KEY_HEADER, value);
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .default_headers(headers)
            .user_agent(concat!("cnop/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(settings.request_timeout)
            .build()
            .map_err(|error| StartError::Client(Box::new(error)))?;
        let guard = settings.guard.clone();
        Ok(Self { http, base_url, clock, guard, blocked_until_us: AtomicI64::new(i64::MIN) })
    }

    /// `/coins/markets` for these coins, as it came.
    pub(super) async fn markets(&self, ids: &str) -> Result<Vec<u8>, FetchError> {
        let query = [
            ("vs_currency", "usd"),
            ("ids", ids),
            ("order", "market_cap_desc"),
            ("per_page", "250"),
            ("page", "1"),
            ("sparkline", "true"),
            ("price_change_percentage", "24h,7d,30d"),
        ];
        self.get(&["coins", "markets"], &query).await
    }

    /// Fetches `/coins/{id}/market_chart` for a number of days, unparsed. Refused while the server asks
    /// clients to back off.
    pub(super) async fn market_chart(&self, coingecko_id: &str, days: u32) -> Result<Vec<u8>, FetchError> {
        let left = self.blocked_until_us.load(Ordering::Relaxed).saturating_sub(self.clock.now_us());
        if let Ok(left @ 1..) = u64::try_from(left) {
            return Err(FetchError::Limited(Duration::from_micros(left)));
        }
        let days = days.to_string();
        self.get(&["coins", coingecko_id, "market_chart"], &[("vs_currency", "usd"), ("days", &days)]).await
    }

    async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<u8>, FetchError> {
        let call = self.guard.as_ref().map(|guard| guard.admit()).transpose().map_err(FetchError::Guarded)?;
        let result = self.ask(path, query).await;
        if let Some(call) = call {
            call.ended(result.as_ref().is_err_and(FetchError::is_fault));
        }
        result
    }

    async fn ask(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<u8>, FetchError> {
        let mut url = Url::parse(&self.base_url).map_err(|_| FetchError::Malformed)?;
        url.path_segments_mut().map_err(|()| FetchError::Malformed)?.pop_if_empty().extend(path);
        url.query_pairs_mut().extend_pairs(query);
        let response = self.http.get(url).send().await.map_err(transport)?;
        let status = response.status();
        if status.is_success() {
            return body(response).await;
        }
        let retry_after = retry_after(&response);
        if status != StatusCode::TOO_MANY_REQUESTS {
            return Err(FetchError::Status { status, retry_after });
        }
        let pause = retry_after.unwrap_or(RETRY_AFTER_UNSAID);
        let pause_us = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
        self.blocked_until_us.fetch_max(self.clock.now_us().saturating_add(pause_us), Ordering::Relaxed);
        Err(FetchError::Limited(pause))
    }
}

/// Reads an answer up to [`BODY_BYTES_MAX`].
async fn body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Pause that the server requests; an HTTP date counts as a minute.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let pause = text.trim().parse().map_or(RETRY_AFTER_UNSAID, Duration::from_secs);
    Some(pause.min(RETRY_AFTER_MAX))
}

/// The address has a long list of ids: it has no place in a log.
fn transport(error: reqwest::Error) -> FetchError {
    FetchError::Transport(error.without_url())
}

/// TLS by rustls with ring, trusting Mozilla's certificate authorities.
fn tls() -> Result<ClientConfig, StartError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StartError::Client(Box::new(error)))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
