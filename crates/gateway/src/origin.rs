//! Cross-site request checks for writes. A browser sends a person's cookie also when another site makes it
//! post. It marks such requests with headers that a page cannot forge.

use cnop_api::{Code, Problem};
use http::{HeaderMap, HeaderName, Method, header};
use url::{Host, Url};

use crate::config::origin_of;
use crate::identity::PresentedCredentials;
use crate::route::is_read;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Checks the origin of writes.
#[derive(Debug)]
pub(crate) struct Origins {
    /// The venue's own origin.
    own: Option<String>,
    /// Origins that may call the API from a browser, without cookies.
    allowed: Vec<String>,
}

impl Origins {
    pub(crate) fn new(public_url: &str, allowed: &[String]) -> Self {
        Self {
            own: origin_of(public_url),
            allowed: allowed.iter().filter_map(|url| origin_of(url)).collect(),
        }
    }

    /// The `Origin` of a page that may call the API.
    pub(crate) fn allowed<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let origin = single(headers, &header::ORIGIN)?.ok()?;
        self.allowed.iter().any(|allowed| allowed == origin).then_some(origin)
    }

    /// Returns true if this is the venue's own origin, under any of its host names. A page of the same host without TLS may
    /// be anybody's on the way, so it is foreign to a venue with TLS; only this machine itself needs none.
    pub(crate) fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        if self.own.as_deref() == Some(origin) {
            return true;
        }
        let is_secure = self.own.as_deref().is_none_or(|own| own.starts_with("http://"))
            || origin.starts_with("https://")
            || is_loopback(origin);
        is_secure && is_host(origin, headers)
    }

    /// Returns true if another site's page makes the browser ask, other than by a link that a person followed.
    pub(crate) fn is_foreign_read(&self, headers: &HeaderMap) -> bool {
        let is = |name: &HeaderName, value: &str| single(headers, name) == Some(Ok(value));
        let is_foreign = is(&FETCH_SITE, "cross-site") || is(&FETCH_SITE, "same-site");
        let is_followed = is(&FETCH_MODE, "navigate") && is(&FETCH_DEST, "document");
        is_foreign && !is_followed && self.allowed(headers).is_none()
    }

    /// Returns true if any other site may call the API.
    pub(crate) const fn any_allowed(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Allows reads, and writes from programs, from our own pages and, without a session, from allowed sites.
    ///
    /// # Errors
    /// `auth.cross_site`.
    pub(crate) fn write_check(
        &self,
        method: &Method,
        headers: &HeaderMap,
        credentials: PresentedCredentials<'_>,
        is_api: bool,
    ) -> Result<(), Problem> {
        if is_read(method) || matches!(*method, Method::OPTIONS | Method::TRACE) {
            return Ok(());
        }
        let is_listed = is_api && self.allowed(headers).is_some();
        if !credentials.has_session() && (credentials.has_authorization() || is_listed) {
            return Ok(());
        }
        let is_own = match single(headers, &FETCH_SITE) {
            Some(site) => matches!(site, Ok("same-origin" | "none")),
            None => match single(headers, &header::ORIGIN) {
                Some(Ok(origin)) => self.is_own(origin, headers),
                Some(Err(())) => false,
                None => true,
            },
        };
        if is_own {
            return Ok(());
        }
        Err(Problem::new(Code::AuthCrossSite, "Nothing was done: the request came from another site's page."))
    }
}

/// Returns true if the origin equals the requested host, whatever name the client used for it.
fn is_host(origin: &str, headers: &HeaderMap) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    match (authority, single(headers, &header::HOST)) {
        (Some(authority), Some(Ok(host))) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// Returns true if the origin is on this machine.
fn is_loopback(origin: &str) -> bool {
    let url = Url::parse(origin).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The value of a field that must not come twice.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(()));
    }
    Some(value.to_str().map_err(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(fields: &[(&str, &str)]) -> bool {
        let origins =
            Origins::new("https://cnop.example/", &["https://partner.example".to_owned(), "*".to_owned()]);
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let credentials = PresentedCredentials::of(&headers, "cnop");
        origins.write_check(&Method::POST, &headers, credentials, true).is_ok()
    }

    #[test]
    fn own_pages_and_programs_pass() {
        assert!(passes(&[]));
        assert!(passes(&[("cookie", "cnop=s")]));
        assert!(passes(&[("cookie", "cnop=s"), ("origin", "https://cnop.example")]));
        assert!(passes(&[("cookie", "cnop=s"), ("sec-fetch-site", "same-origin")]));
        assert!(passes(&[("cookie", "cnop=s"), ("sec-fetch-site", "none")]));
        assert!(passes(&[("host", "10.1.1.1:3000"), ("origin", "https://10.1.1.1:3000")]));
        assert!(passes(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")]));
        assert!(passes(&[("host", "localhost:3000"), ("origin", "http://localhost:3000")]));
        assert!(passes(&[("authorization", "Bearer t"), ("origin", "https://evil.example")]));
        assert!(passes(&[("sec-fetch-site", "cross-site"), ("origin", "https://partner.example")]));
    }

    #[test]
    fn unlisted_sites_may_not_call_the_api() {
        for fields in [
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("origin", "http://cnop.example")],
            vec![("host", "cnop.example"), ("origin", "http://cnop.example")],
            vec![("origin", "https://cnop.example.evil.example")],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site"), ("origin", "https://cnop.example")],
            vec![("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            vec![("origin", "https://cnop.example"), ("origin", "https://evil.example")],
            vec![("cookie", "cnop=s"), ("authorization", "Bearer t"), ("origin", "https://evil.example")],
            vec![("cookie", "cnop=s"), ("origin", "https://partner.example")],
        ] {
            assert!(!passes(&fields), "{fields:?}");
        }
    }

    /// Without TLS the scheme tells nothing: a venue behind an undeclared proxy is still reached by its own pages.
    #[test]
    fn a_venue_without_tls_is_reached_under_any_host() {
        let origins = Origins::new("http://localhost:3000", &[]);
        let headers = HeaderMap::from_iter([(header::HOST, "cnop.example".parse().unwrap())]);
        assert!(origins.is_own("https://cnop.example", &headers));
        assert!(origins.is_own("http://cnop.example", &headers));
        assert!(!origins.is_own("http://evil.example", &headers));
    }

    #[test]
    fn a_link_that_a_person_follows_is_theirs() {
        let origins = Origins::new("https://cnop.example/", &["https://partner.example".to_owned()]);
        let foreign = |fields: &[(&'static str, &str)]| {
            let fields =
                fields.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            origins.is_foreign_read(&fields.collect())
        };
        let cross = ("sec-fetch-site", "cross-site");
        assert!(foreign(&[cross, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]));
        assert!(foreign(&[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]));
        assert!(foreign(&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")]));
        assert!(!foreign(&[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]));
        assert!(!foreign(&[cross, ("sec-fetch-mode", "cors"), ("origin", "https://partner.example")]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("sec-fetch-site", "none")]));
        assert!(!foreign(&[]));
    }
}
