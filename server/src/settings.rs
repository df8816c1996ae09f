//! The kinds of values that settings have.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::command_line::Settings;

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
        let text = text.trim_end_matches('/');
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) || !host.is_ascii() {
            return Err("the public URL is a scheme and a host such as https://venue.example".to_owned());
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// The age at which a price is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceAge(u64);

impl PriceAge {
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
        let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(number), _) => (number, 1),
            (None, Some(number)) => (number, 1_000),
            (None, None) => (text, 1_000),
        };
        let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        match millis {
            Some(millis @ 1..=PRICE_AGE_MS_MAX) => Ok(Self(millis)),
            _ => Err("it is a time of at most a day such as 15s or 1500ms".to_owned()),
        }
    }
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

/// Writes what is in force to the log, without secrets.
pub(crate) fn effective_log(settings: &Settings) {
    tracing::info!(
        listen = %settings.listen,
        data_dir = %settings.data_dir.display(),
        public_url = settings.public_url.as_str(),
        store = ?settings.store,
        dynamodb_table = settings.dynamodb_table.as_deref(),
        dynamodb_endpoint = settings.dynamodb_endpoint.as_deref(),
        coordination = ?settings.coordination,
        feed = ?settings.feed,
        coingecko_url = settings.coingecko_url,
        coingecko_key_given = settings.coingecko_key.is_some(),
        price_max_age_ms = settings.price_max_age.as_millis(),
        fee_bps = settings.fee_bps,
        daily_deposit_limit = %settings.daily_deposit_limit,
        daily_withdraw_limit = %settings.daily_withdraw_limit,
        order_notional_max = %settings.order_notional_max,
        quota_multiplier = settings.quota_multiplier,
        trusted_proxies = ?settings.trusted_proxies,
        cors_origins = ?settings.cors_origins,
        metrics_listen = settings.metrics_listen.map(|address| address.to_string()),
        log = settings.log.as_str(),
        "configuration"
    );
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
        assert_eq!("https://Venue.example/".parse::<PublicUrl>().unwrap().as_str(), "https://venue.example");
        for text in ["", "venue.example", "ftp://x", "http://", "http://a/b", "http://u@h"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
