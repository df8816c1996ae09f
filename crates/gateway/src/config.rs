//! Configuration of the gateway.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cnop_api::cookies::session_cookie_name;
use cnop_coordination::PlaceLimits;
use http::{Method, Uri};
use ipnet::IpNet;
use url::Url;

/// Requests in flight. Beyond the total, a request would only wait for the deadline. One network gets an eighth, so
/// that slow requests of one client do not refuse everybody else.
const IN_FLIGHT: PlaceLimits = PlaceLimits { all_max: 2_048, network_max: 256 };
/// Bodies on their way: at most 64 KiB each. Nearly every body comes with its head and needs no such place.
const BODIES_WAITING: PlaceLimits = PlaceLimits { all_max: 2_048, network_max: 64 };
/// Longest time to the head of an answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The cost of a request by its head, in units of a cheap request of its class; 0 counts as 1. It is asked before any
/// work is done, so it must be cheap itself.
#[derive(Clone)]
pub struct RequestCost(Arc<CostFunction>);

/// The cost of a request by its method and address.
type CostFunction = dyn Fn(&Method, &Uri) -> u32 + Send + Sync;

impl RequestCost {
    /// The cost by this function.
    pub fn new(cost: impl Fn(&Method, &Uri) -> u32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(cost))
    }

    /// The cost of a request with this head.
    pub(crate) fn of(&self, method: &Method, uri: &Uri) -> u32 {
        (self.0)(method, uri)
    }
}

impl fmt::Debug for RequestCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCost").finish_non_exhaustive()
    }
}

/// Everything that an operator can choose.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Address of the venue for browsers (`https://example.org`): origin of writes, cookie name, problem types.
    pub public_url: String,
    /// Proxies with a trusted `X-Forwarded-For`.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that may call the API from a browser (`https://example.org`). Exact; there is no wildcard.
    pub cors_origins: Vec<String>,
    /// Every quota times this, and every bound per network. 0 counts as 1.
    pub quota_multiplier: u32,
    /// The cost of each request.
    pub request_cost: RequestCost,
    /// Most requests being answered at once; more are refused.
    pub in_flight: PlaceLimits,
    /// Most bodies that are waited for at once; more are refused.
    pub bodies_waiting: PlaceLimits,
    /// Longest time to the head of an answer. Bodies, and so streams, may take longer.
    pub deadline: Duration,
    /// Paths that check a password: these have the small quota.
    pub sign_in_paths: Vec<String>,
    /// Paths that check a refresh token.
    pub refresh_paths: Vec<String>,
    /// Under which paths orders are placed, changed and canceled: writes there have the account quota.
    pub order_paths: Vec<String>,
    /// Read-only paths below those.
    pub order_free_paths: Vec<String>,
}

impl GatewayConfig {
    /// The defaults of a venue at this address.
    pub fn new(public_url: impl Into<String>) -> Self {
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        Self {
            public_url: public_url.into(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            quota_multiplier: 1,
            request_cost: RequestCost::new(|_, _| 1),
            in_flight: IN_FLIGHT,
            bodies_waiting: BODIES_WAITING,
            deadline: DEADLINE,
            sign_in_paths: paths(&[
                "/api/v1/auth/login",
                "/api/v1/auth/register",
                "/api/v1/auth/password",
                "/api/v1/auth/profile",
                "/fn/login",
                "/fn/register",
                "/fn/password",
                "/fn/profile/save",
            ]),
            refresh_paths: paths(&["/api/v1/auth/refresh"]),
            order_paths: paths(&[
                "/api/v1/orders",
                "/api/v1/order-groups",
                "/api/v1/positions",
                "/fn/order",
                "/fn/orders",
                "/fn/position",
            ]),
            order_free_paths: paths(&["/api/v1/orders/preview", "/api/v1/order-groups/preview"]),
        }
    }

    /// Places with the multiplier for each network.
    pub(crate) const fn multiplied(&self, limits: PlaceLimits) -> PlaceLimits {
        let multiplier = if self.quota_multiplier == 0 { 1 } else { self.quota_multiplier };
        PlaceLimits { network_max: limits.network_max.saturating_mul(multiplier), ..limits }
    }

    /// Returns true if browsers reach the venue over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }

    /// Name of the session cookie.
    #[must_use]
    pub fn session_cookie_name(&self) -> &'static str {
        session_cookie_name(self.is_https())
    }
}

/// The origin of a URL as browsers write it; `None` for a URL that has none.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        for (url, origin) in [
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://CNOP.example/", "https://cnop.example"),
            ("https://cnop.example:443/path?x", "https://cnop.example"),
            ("http://cnop.example:80", "http://cnop.example"),
            ("http://[::1]:3000/", "http://[::1]:3000"),
        ] {
            assert_eq!(origin_of(url).as_deref(), Some(origin));
        }
        for url in ["null", "*", "data:text/html,x", ""] {
            assert_eq!(origin_of(url), None, "{url}");
        }
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_under_tls() {
        assert_eq!(GatewayConfig::new("HTTPS://cnop.example").session_cookie_name(), "__Host-cnop");
        assert_eq!(GatewayConfig::new("http://localhost:3000").session_cookie_name(), "cnop");
    }
}
