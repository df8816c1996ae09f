//! The kind of a request: it decides the quota and a few defaults.

use http::Method;

use crate::GatewayConfig;

/// The quota that a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuotaClass {
    /// Static files and health: free, and without identity.
    Static,
    /// Tries a password.
    SignIn,
    /// Tries a refresh token.
    Refresh,
    /// A page rendered by the server.
    Page,
    /// Any other kind of request.
    Request,
    /// Sent by a browser because another site's page made it.
    CrossSite,
    /// The question of a listed site's page whether it may ask.
    Preflight,
}

/// The kind of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RouteKind {
    /// Class for its quota.
    pub(crate) class: QuotaClass,
    /// True if it places, changes or cancels an order.
    pub(crate) is_order: bool,
    /// True if it is for programs: `/api` and its documents.
    pub(crate) is_api: bool,
    /// True if a page's link or form may have sent it for a person.
    pub(crate) is_for_people: bool,
    /// True if it is a health question, which is answered even at capacity.
    pub(crate) is_health: bool,
}

impl RouteKind {
    pub(crate) fn of(method: &Method, path: &str, config: &GatewayConfig) -> Self {
        let among =
            |paths: &[String]| paths.iter().any(|known| known == path.strip_suffix('/').unwrap_or(path));
        let is_read = is_read(method);
        let is_api = is_under(path, "/api");
        let is_health = is_under(path, "/health");
        let class = if is_health || is_static(path) {
            QuotaClass::Static
        } else if !is_read && among(&config.sign_in_paths) {
            QuotaClass::SignIn
        } else if !is_read && among(&config.refresh_paths) {
            QuotaClass::Refresh
        } else if is_read && !is_api && !is_under(path, "/fn") && !is_under(path, "/.well-known") {
            QuotaClass::Page
        } else {
            QuotaClass::Request
        };
        let is_for_people = !is_api && !is_health && !is_under(path, "/.well-known");
        let is_order = !is_read
            && config.order_paths.iter().any(|folder| is_under(path, folder))
            && !among(&config.order_free_paths);
        Self { class, is_order, is_api, is_for_people, is_health }
    }
}

/// Returns true if the method is read-only.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Returns true if the path is the folder or in it.
fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_static(path: &str) -> bool {
    is_under(path, "/pkg")
        || is_under(path, "/icons")
        || matches!(path, "/favicon.ico" | "/favicon.svg" | "/manifest.webmanifest" | "/robots.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_its_quota() {
        let config = GatewayConfig::new("http://localhost:3000");
        for (method, path, class) in [
            (Method::GET, "/pkg/cnop.css", QuotaClass::Static),
            (Method::GET, "/icons/btc.svg", QuotaClass::Static),
            (Method::GET, "/favicon.ico", QuotaClass::Static),
            (Method::GET, "/robots.txt", QuotaClass::Static),
            (Method::GET, "/manifest.webmanifest", QuotaClass::Static),
            (Method::GET, "/health/ready", QuotaClass::Static),
            (Method::GET, "/healthy", QuotaClass::Page),
            (Method::GET, "/pkgs", QuotaClass::Page),
            (Method::GET, "/api/v1/stream", QuotaClass::Request),
            (Method::POST, "/api/v1/auth/login", QuotaClass::SignIn),
            (Method::POST, "/api/v1/auth/login/", QuotaClass::SignIn),
            (Method::POST, "/fn/register", QuotaClass::SignIn),
            (Method::POST, "/api/v1/auth/refresh", QuotaClass::Refresh),
            (Method::POST, "/api/v1/auth/password", QuotaClass::SignIn),
            (Method::POST, "/fn/password", QuotaClass::SignIn),
            (Method::PUT, "/api/v1/auth/profile", QuotaClass::SignIn),
            (Method::GET, "/api/v1/auth/profile", QuotaClass::Request),
            (Method::POST, "/fn/profile/save", QuotaClass::SignIn),
            (Method::GET, "/login", QuotaClass::Page),
            (Method::HEAD, "/market/BTC", QuotaClass::Page),
            (Method::POST, "/market", QuotaClass::Request),
            (Method::GET, "/fn/orders", QuotaClass::Request),
            (Method::GET, "/api/v1/orders", QuotaClass::Request),
            (Method::GET, "/.well-known/jwks.json", QuotaClass::Request),
        ] {
            assert_eq!(RouteKind::of(&method, path, &config).class, class, "{method} {path}");
        }
        assert!(RouteKind::of(&Method::POST, "/api/v1/orders", &config).is_order);
        assert!(RouteKind::of(&Method::POST, "/fn/order/place", &config).is_order);
        assert!(!RouteKind::of(&Method::GET, "/api/v1/orders", &config).is_order);
        assert!(!RouteKind::of(&Method::POST, "/api/v1/orders/preview", &config).is_order);
        assert!(!RouteKind::of(&Method::POST, "/api/v1/order-groups/preview", &config).is_order);
        assert!(RouteKind::of(&Method::DELETE, "/api/v1/orders/ord_1", &config).is_order);
        assert!(RouteKind::of(&Method::PATCH, "/api/v1/orders/ord_1", &config).is_order);
        assert!(RouteKind::of(&Method::POST, "/api/v1/order-groups", &config).is_order);
        assert!(RouteKind::of(&Method::POST, "/api/v1/positions/BTC/close", &config).is_order);
        assert!(RouteKind::of(&Method::POST, "/fn/position/close", &config).is_order);
        assert!(!RouteKind::of(&Method::POST, "/api/v1/ordersx", &config).is_order);
    }
}
