//! Value types of settings.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use cnop_coordination_redis::{AddressError, RedisAddress};
use url::{Host, Url};
use zeroize::Zeroizing;

/// Address of the venue, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PublicUrl {
    /// Returns true if only programs on the same machine reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match Url::parse(&self.0).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        origin_of(text)
            .map(Self)
            .ok_or_else(|| "the public URL is a scheme and a host such as https://venue.example".to_owned())
    }
}

/// Oldest age of a price that can be set: one day.
const PRICE_AGE_MAX: Duration = Duration::from_secs(86_400);
/// Maximum drain time: a service manager would kill the server after that.
const DRAIN_GRACE_MAX: Duration = Duration::from_secs(60);

/// Parses the maximum age of a price.
///
/// # Errors
/// A sentence for an invalid duration.
pub(crate) fn price_age(text: &str) -> Result<Duration, String> {
    duration_of(text)
        .filter(|age| (Duration::from_millis(1)..=PRICE_AGE_MAX).contains(age))
        .ok_or_else(|| "it is a time of at most a day such as 15s or 1500ms".to_owned())
}

/// Parses the time in which a stopping server still accepts connections.
///
/// # Errors
/// A sentence for an invalid duration.
pub(crate) fn drain_grace(text: &str) -> Result<Duration, String> {
    duration_of(text)
        .filter(|grace| *grace <= DRAIN_GRACE_MAX)
        .ok_or_else(|| "it is a time of at most a minute such as 5s or 500ms".to_owned())
}

/// `15s`, `1500ms`, or a bare number of seconds.
fn duration_of(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        return text.parse().ok().map(Duration::from_secs);
    }
    humantime::parse_duration(text).ok()
}

/// The origin of an address that is only a scheme and a host; `None` for anything else.
fn origin_of(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let url = Url::parse(text).ok().filter(|_| text.is_ascii() && !text.ends_with(':'))?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    let host_fits = match url.host()? {
        // A browser sends no other letters in `Origin`, and a wildcard is no host.
        Host::Domain(name) => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    let fits = matches!(url.scheme(), "http" | "https") && url.port() != Some(0);
    (fits && is_bare && is_anonymous && host_fits).then(|| url.origin().ascii_serialization())
}

/// An origin whose pages may call the API.
///
/// # Errors
/// A sentence for text that is no origin.
pub(crate) fn cors_origin(text: &str) -> Result<String, String> {
    origin_of(text).ok_or_else(|| "an origin is a scheme and a host such as https://example.com".to_owned())
}

/// Parses a contact for security researchers.
///
/// # Errors
/// A sentence for text that is no contact.
pub(crate) fn contact(text: &str) -> Result<String, String> {
    let is_contact = text.starts_with("mailto:") || text.starts_with("https://");
    let is_line = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_contact && is_line {
        return Ok(text.to_owned());
    }
    Err("a contact begins with mailto: or https://".to_owned())
}

/// A setting that is never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Fewest characters of a seed that is not easily guessed.
const SEED_CHARACTERS_MIN: usize = 20;
/// Longest seed in bytes.
const SEED_BYTES_MAX: usize = 1_024;

/// Text from which the secret of the simulated market is derived. It is never printed.
#[derive(Debug, Clone)]
pub struct MarketSeed(Secret);

impl MarketSeed {
    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Returns true if trying likely texts would find it: it is short, or a number such as a date.
    #[must_use]
    pub fn is_guessable(&self) -> bool {
        let text = self.expose();
        text.chars().count() < SEED_CHARACTERS_MIN || text.chars().all(|character| character.is_ascii_digit())
    }
}

impl FromStr for MarketSeed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_text = !text.is_empty() && text.len() <= SEED_BYTES_MAX && !text.chars().any(char::is_control);
        if !is_text {
            return Err("it is a text of 1 to 1024 bytes, best made with: openssl rand -hex 32".to_owned());
        }
        text.parse().map(Self).map_err(|never: std::convert::Infallible| match never {})
    }
}

/// Cooperation of servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoordinationChoice {
    /// One server, in process.
    Local,
    /// Many servers that share a Redis.
    Redis(Box<RedisAddress>),
    /// A wrong address, which may contain a password. It is refused later, by a sentence that does not repeat it.
    Unreadable(AddressError),
}

impl FromStr for CoordinationChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "local" => Ok(Self::Local),
            text => Ok(text.parse().map_or_else(Self::Unreadable, |address| Self::Redis(Box::new(address)))),
        }
    }
}

/// A filter that `tracing-subscriber` understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        tracing_subscriber::EnvFilter::builder()
            .parse(text)
            .map(|_| Self(text.to_owned()))
            .map_err(|_| "it is no log filter such as info or warn,cnop_server=debug".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret: Secret = "hunter2".parse().unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(secret.expose(), "hunter2");
    }

    /// The refusal of a wrong address repeated it with its password.
    #[test]
    fn a_coordination_address_does_not_print() {
        for (text, shown) in [
            ("local", "Local"),
            ("redis://:hunter2@cache.example/1", "Redis(RedisAddress(cache.example:6379/1))"),
            ("redis://:hunter2@cache.example:port", "Unreadable(AddressError)"),
            ("http://:hunter2@cache.example", "Unreadable(AddressError)"),
        ] {
            assert_eq!(format!("{:?}", text.parse::<CoordinationChoice>().unwrap()), shown);
        }
    }

    #[test]
    fn reads_contacts() {
        for good in ["mailto:security@venue.example", "https://venue.example/report"] {
            assert_eq!(contact(good).as_deref(), Ok(good));
        }
        for bad in ["", "security@venue.example", "http://venue.example", "mailto:a@b.co\nPolicy: x"] {
            assert!(contact(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_seed_is_guessable_when_it_is_short_or_a_number() {
        let seed = |text: &str| text.parse::<MarketSeed>().unwrap();
        for text in ["7", "20261129", "correct horse", "31415926535897932384626433832795"] {
            assert!(seed(text).is_guessable(), "{text}");
        }
        assert!(!seed("5f0c9a61d2e84b7f90e1c3a5").is_guessable());
        assert!(!format!("{:?}", seed("hunter2")).contains("hunter2"));
        for text in ["", "a\nb", &"x".repeat(1_025)] {
            assert!(text.parse::<MarketSeed>().is_err());
        }
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        let is_loopback = |text: &str| text.parse::<PublicUrl>().unwrap().is_loopback();
        for text in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080"] {
            assert!(is_loopback(text), "{text}");
        }
        for text in ["https://venue.example", "http://localhost.example", "http://10.0.0.1"] {
            assert!(!is_loopback(text), "{text}");
        }
    }

    #[test]
    fn reads_ages() {
        for (text, millis) in [("15s", 15_000), ("1500ms", 1_500), ("2", 2_000), ("1day", 86_400_000)] {
            assert_eq!(price_age(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "0s", "-1s", "+1", "99999999999999999999s", "2d", "1us", "15 000"] {
            assert!(price_age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_public_urls() {
        for (text, url) in [
            ("https://Venue.example/", "https://venue.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
            ("https://venue.example:443", "https://venue.example"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), url);
        }
        for text in [
            "",
            "venue.example",
            "ftp://x",
            "http://",
            "http://a/b",
            "http://u@h",
            "http://u:p@h",
            "http://a?b",
            "http://a#b",
            "http://:80",
            "http://a:99999",
            "http://a:x",
            "http://a:",
            "http://a:0",
            "http://a:+1",
            "http://a\"b",
            "http://a b",
            "http://[zz]",
            "http://é",
            "https://*",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
            assert!(cors_origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_graces() {
        assert_eq!(drain_grace("0"), Ok(Duration::ZERO));
        assert_eq!(drain_grace("500ms"), Ok(Duration::from_millis(500)));
        for text in ["61s", "-1s", "+1s", "", "soon"] {
            assert!(drain_grace(text).is_err(), "{text}");
        }
    }
}
