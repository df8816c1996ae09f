//! What kind of request it is: decides its quota and a few defaults.

use http::Method;

use crate::GatewayConfig;

/// The quota that a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Static files and health: free, and without identity.
    Static,
    /// Tries a password or a token.
    SignIn,
    /// A rendered page.
    Page,
    /// Everything else.
    Request,
}

/// A request's kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Its quota.
    pub(crate) class: Class,
    /// Whether it places, changes or cancels an order.
    pub(crate) is_order: bool,
    /// Whether it is for programs: `/api` and its documents.
    pub(crate) is_api: bool,
    /// Whether a person may have asked for it, with a page's link or form.
    pub(crate) is_for_people: bool,
    /// Whether it is a health question, which is answered even at capacity.
    pub(crate) is_health: bool,
}

impl Kind {
    pub(crate) fn of(method: &Method, path: &str, config: &GatewayConfig) -> Self {
        let among =
            |paths: &[String]| paths.iter().any(|known| known == path.strip_suffix('/').unwrap_or(path));
        let is_post = *method == Method::POST;
        let is_read = is_read(method);
        let is_api = is_under(path, "/api");
        let is_health = is_under(path, "/health");
        let class = if is_health || is_static(path) {
            Class::Static
        } else if is_post && among(&config.sign_in_paths) {
            Class::SignIn
        } else if is_read && !is_api && !is_under(path, "/fn") && !is_under(path, "/.well-known") {
            Class::Page
        } else {
            Class::Request
        };
        let is_for_people = !is_api && !is_health && !is_under(path, "/.well-known");
        let is_order = !is_read
            && config.order_paths.iter().any(|folder| is_under(path, folder))
            && !among(&config.order_free_paths);
        Self { class, is_order, is_api, is_for_people, is_health }
    }
}

/// Whether the method changes nothing.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether the path is the folder or in it.
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
            (Method::GET, "/pkg/cnop.css", Class::Static),
            (Method::GET, "/icons/btc.svg", Class::Static),
            (Method::GET, "/favicon.ico", Class::Static),
            (Method::GET, "/robots.txt", Class::Static),
            (Method::GET, "/manifest.webmanifest", Class::Static),
            (Method::GET, "/health/ready", Class::Static),
            (Method::GET, "/healthy", Class::Page),
            (Method::GET, "/pkgs", Class::Page),
            (Method::GET, "/api/v1/stream", Class::Request),
            (Method::POST, "/api/v1/auth/login", Class::SignIn),
            (Method::POST, "/api/v1/auth/login/", Class::SignIn),
            (Method::POST, "/fn/register", Class::SignIn),
            (Method::POST, "/api/v1/auth/password", Class::SignIn),
            (Method::POST, "/fn/password", Class::SignIn),
            (Method::GET, "/login", Class::Page),
            (Method::HEAD, "/market/BTC", Class::Page),
            (Method::POST, "/market", Class::Request),
            (Method::GET, "/fn/orders", Class::Request),
            (Method::GET, "/api/v1/orders", Class::Request),
            (Method::GET, "/.well-known/jwks.json", Class::Request),
        ] {
            assert_eq!(Kind::of(&method, path, &config).class, class, "{method} {path}");
        }
        assert!(Kind::of(&Method::POST, "/api/v1/orders", &config).is_order);
        assert!(Kind::of(&Method::POST, "/fn/order/place", &config).is_order);
        assert!(!Kind::of(&Method::GET, "/api/v1/orders", &config).is_order);
        assert!(!Kind::of(&Method::POST, "/api/v1/orders/preview", &config).is_order);
        assert!(!Kind::of(&Method::POST, "/api/v1/order-groups/preview", &config).is_order);
        assert!(Kind::of(&Method::DELETE, "/api/v1/orders/ord_1", &config).is_order);
        assert!(Kind::of(&Method::PATCH, "/api/v1/orders/ord_1", &config).is_order);
        assert!(Kind::of(&Method::POST, "/api/v1/order-groups", &config).is_order);
        assert!(Kind::of(&Method::POST, "/api/v1/positions/BTC/close", &config).is_order);
        assert!(Kind::of(&Method::POST, "/fn/position/close", &config).is_order);
        assert!(!Kind::of(&Method::POST, "/api/v1/ordersx", &config).is_order);
    }
}
