//! Settings of the feed, and why it cannot start with them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::guard::CallGuard;

/// Base URL of CoinGecko's public API.
pub const BASE_URL: &str = "https://api.coingecko.com/api/v3";
/// Time between two polls: CoinGecko's public prices are no fresher than this.
pub const POLL_INTERVAL: Duration = Duration::from_secs(60);
/// Longest that one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after the first failure; it doubles with each further one.
const BACK_OFF: Duration = Duration::from_secs(5);

/// Address and request rate of the source.
#[derive(Clone)]
pub struct CoingeckoSettings {
    /// Address of the API without a slash at the end.
    pub base_url: String,
    /// API key, sent as `x-cg-demo-api-key`.
    pub api_key: Option<String>,
    /// Time between two polls.
    pub poll_interval: Duration,
    /// Longest that one request may take.
    pub request_timeout: Duration,
    /// Pause after the first failure.
    pub back_off: Duration,
    /// Guard around every call, such as a circuit breaker.
    pub guard: Option<Arc<dyn CallGuard>>,
}

impl Default for CoingeckoSettings {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            api_key: None,
            poll_interval: POLL_INTERVAL,
            request_timeout: REQUEST_TIMEOUT,
            back_off: BACK_OFF,
            guard: None,
        }
    }
}

impl fmt::Debug for CoingeckoSettings {
    /// Everything but the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("has_api_key", &self.api_key.is_some())
            .field("poll_interval", &self.poll_interval)
            .field("request_timeout", &self.request_timeout)
            .field("back_off", &self.back_off)
            .field("guard", &self.guard)
            .finish()
    }
}

/// Error that keeps the feed from starting.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is no HTTP URL.
    #[error("the CoinGecko address must be an http or https URL")]
    Address,
    /// The key cannot be sent in a header.
    #[error("the CoinGecko key contains characters that no HTTP header can carry")]
    Key,
    /// The HTTP client cannot be built.
    #[error("the HTTP client could not be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
