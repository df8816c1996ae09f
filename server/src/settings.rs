//! The kinds of values that settings have.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use zeroize::Zeroizing;

/// Where the venue is reached, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

/// The age at which a price is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceAge(u64);

impl PriceAge {
    /// Of the simulator, which makes prices several times a second.
    pub(crate) const SIMULATOR: Self = Self(15_000);
    /// Of CoinGecko, which is asked once a minute and may fail to answer twice.
    pub(crate) const COINGECKO: Self = Self(180_000);

    /// In ms.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

/// Oldest age that can be set, in ms: one day.
const PRICE_AGE_MS_MAX: u64 = 86_400_000;

impl FromStr for PriceAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match millis_of(text) {
            Some(millis @ 1..=PRICE_AGE_MS_MAX) => Ok(Self(millis)),
            _ => Err("it is a time of at most a day such as 15s or 1500ms".to_owned()),
        }
    }
}

/// How long a server that ends still takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainGrace(u64);

impl DrainGrace {
    /// As a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// Longest grace, in ms: whoever waits longer is killed by what started the server.
const DRAIN_GRACE_MS_MAX: u64 = 60_000;

impl FromStr for DrainGrace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match millis_of(text) {
            Some(millis @ 0..=DRAIN_GRACE_MS_MAX) => Ok(Self(millis)),
            _ => Err("it is a time of at most a minute such as 5s or 500ms".to_owned()),
        }
    }
}

/// `15s`, `1500ms` or `15` in ms.
fn millis_of(text: &str) -> Option<u64> {
    let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1_000),
        (None, None) => (text, 1_000),
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(factor)
}

/// Scheme and host as people give them, without slashes at the end; `None` for anything that is no address.
fn origin_of(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_fits =
        port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0 && !port.starts_with('+')));
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let host_fits = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    (port_fits && host_fits).then_some(text)
}

/// An origin whose pages may call the API.
///
/// # Errors
/// A sentence for what is no origin.
pub(crate) fn cors_origin(text: &str) -> Result<String, String> {
    origin_of(text).ok_or_else(|| "an origin is a scheme and a host such as https://example.com".to_owned())
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

/// How servers work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinationChoice {
    /// One server, alone.
    Local,
}

impl FromStr for CoordinationChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(Self::Local),
            text if text.starts_with("redis") => {
                Err("this version runs as one server: only `local` is offered, not Redis".to_owned())
            }
            _ => Err("only `local` is offered".to_owned()),
        }
    }
}

/// A filter that `tracing-subscriber` understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The text.
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

    #[test]
    fn reads_ages() {
        for (text, millis) in [("15s", 15_000), ("1500ms", 1_500), ("2", 2_000)] {
            assert_eq!(text.parse::<PriceAge>().unwrap().as_millis(), millis);
        }
        for text in ["", "s", "0s", "-1s", "99999999999999999999s", "1.5s", "2d"] {
            assert!(text.parse::<PriceAge>().is_err(), "{text}");
        }
    }

    #[test]
    fn reads_public_urls() {
        for (text, url) in [
            ("https://Venue.example/", "https://venue.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
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
        assert_eq!("0".parse::<DrainGrace>().unwrap().as_duration(), Duration::ZERO);
        assert_eq!("500ms".parse::<DrainGrace>().unwrap().as_duration(), Duration::from_millis(500));
        for text in ["61s", "-1s", "+1s", "", "soon"] {
            assert!(text.parse::<DrainGrace>().is_err(), "{text}");
        }
    }
}
