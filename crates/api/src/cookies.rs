//! Cookies of the site: names, reading and writing.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// Name of the session cookie: with the prefix that binds it to the host wherever TLS allows that.
#[must_use]
pub const fn session_cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-cnop" } else { "cnop" }
}

/// Name of the cookie of a browser that a user has signed in with.
#[must_use]
pub const fn device_cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-cnop-device" } else { "cnop-device" }
}

/// The device cookie of a request, under either name: a forged one is of no use.
#[must_use]
pub fn device_cookie(headers: &HeaderMap) -> Option<&str> {
    [true, false].into_iter().find_map(|is_https| cookie_value(headers, device_cookie_name(is_https)))
}

/// The first value of this cookie that is not empty.
#[must_use]
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = values.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name && !cookie.value().is_empty())?.value_raw()
}

/// A `Set-Cookie` with the attributes of every cookie of the site: out of reach of scripts, not sent with requests that
/// another site starts, and `Secure` where users come over TLS. An age of zero deletes the cookie; `None` when a part
/// holds a character that no header may have.
#[must_use]
pub fn set_cookie(
    name: &str,
    value: &str,
    path: &str,
    max_age: Duration,
    is_https: bool,
) -> Option<HeaderValue> {
    let seconds = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
    let cookie = Cookie::build((name, value))
        .path(path)
        .max_age(cookie::time::Duration::seconds(seconds))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https);
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_exact_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "xcnop=1; theme=dark; cnopx=2; flag".parse().unwrap());
        assert_eq!(cookie_value(&headers, "cnop"), None);
        headers.append(header::COOKIE, "cnop=; cnop=a=b ;cnop=c".parse().unwrap());
        assert_eq!(cookie_value(&headers, "cnop"), Some("a=b"));
        assert_eq!(cookie_value(&headers, "theme"), Some("dark"));
    }

    #[test]
    fn a_cookie_is_secure_exactly_where_users_come_over_tls() {
        let written = |is_https| {
            let cookie = set_cookie("theme", "dark", "/", Duration::from_secs(60), is_https).unwrap();
            let mut attributes: Vec<_> =
                cookie.to_str().unwrap().split("; ").map(ToOwned::to_owned).collect();
            attributes.sort_unstable();
            attributes
        };
        assert_eq!(written(false), ["HttpOnly", "Max-Age=60", "Path=/", "SameSite=Lax", "theme=dark"]);
        assert_eq!(
            written(true),
            ["HttpOnly", "Max-Age=60", "Path=/", "SameSite=Lax", "Secure", "theme=dark"]
        );
        assert_eq!(set_cookie("theme", "a\nb", "/", Duration::ZERO, false), None);
    }
}
