//! The log: JSON lines on stderr, or text on a terminal; the settings in force are its first line.

use std::io::IsTerminal as _;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing_subscriber::EnvFilter;
use url::Url;

use crate::command_line::Settings;
use crate::settings::LogFilter;

/// Starts logging. A second call in the same process has no effect.
pub(crate) fn start(filter: &LogFilter) {
    let filter = EnvFilter::builder().parse_lossy(filter.as_str());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // It fails if the process logs already, in a test for example.
    let _ = if std::io::stderr().is_terminal() {
        lines.with_target(false).try_init()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_ansi(false)
            .try_init()
    };
}

/// Part of the path of the library that reads the store's file.
const STORE_LIBRARY: &str = "redb-";

/// Number of places that currently catch panics themselves and report them better.
static EXPECTED: AtomicUsize = AtomicUsize::new(0);

/// Makes every panic a log line like any other, instead of several lines in another format.
pub(crate) fn panics_catch() {
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a sentence");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        // The store says once a minute that its file is damaged. redb panics at each read of a damaged page.
        let is_store = location.contains(STORE_LIBRARY);
        if is_store || EXPECTED.load(Ordering::Relaxed) > 0 {
            tracing::debug!(location, panic = text, "an expected panic");
        } else {
            tracing::error!(location, panic = text, "the program panicked");
        }
    }));
}

/// Runs code that may panic on damaged data; the caller turns the panic into an error message.
pub(crate) fn panics_expected<T>(run: impl FnOnce() -> T) -> T {
    struct Expected;
    impl Drop for Expected {
        fn drop(&mut self) {
            EXPECTED.fetch_sub(1, Ordering::Relaxed);
        }
    }
    EXPECTED.fetch_add(1, Ordering::Relaxed);
    let _expected = Expected;
    run()
}

/// Logs the effective settings, without secrets.
pub(crate) fn settings_log(settings: &Settings) {
    tracing::info!(
        listen = %settings.listen,
        data_dir = %settings.data_dir.display(),
        public_url = settings.public_url.as_str(),
        store = ?settings.store,
        dynamodb_table = settings.dynamodb_table.as_deref(),
        dynamodb_endpoint = settings.dynamodb_endpoint.as_deref().map(without_credentials),
        coordination = ?settings.coordination,
        feed = ?settings.feed,
        coingecko_url = without_credentials(&settings.coingecko_url),
        coingecko_key_given = settings.coingecko_key.is_some(),
        price_max_age_ms = settings.price_max_age().as_millis(),
        fee_bps = settings.fee_bps,
        daily_deposit_limit = %settings.daily_deposit_limit,
        daily_withdraw_limit = %settings.daily_withdraw_limit,
        order_notional_max = %settings.order_notional_max,
        quota_multiplier = settings.quota_multiplier,
        drain_grace_ms = settings.drain_grace.as_millis(),
        trusted_proxies = ?settings.trusted_proxies,
        cors_origins = ?settings.cors_origins,
        metrics_listen = settings.metrics_listen.map(|address| address.to_string()),
        log = settings.log.as_str(),
        "configuration"
    );
}

/// A URL as it may be logged: without the name and password that one can carry.
fn without_credentials(text: &str) -> String {
    let Some(mut url) = Url::parse(text).ok().filter(Url::has_host) else { return "(no URL)".to_owned() };
    // Both fail only for a URL that cannot carry them.
    let removed = url.set_username("").and_then(|()| url.set_password(None));
    removed.map_or_else(|()| "(no URL)".to_owned(), |()| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_an_address_are_not_logged() {
        for (url, logged) in [
            ("https://key:hunter2@proxy.example/api/v3", "https://proxy.example/api/v3"),
            ("https://api.example/v3?a=b@c", "https://api.example/v3?a=b@c"),
            ("key:hunter2@host", "(no URL)"),
            ("", "(no URL)"),
        ] {
            assert_eq!(without_credentials(url), logged);
        }
    }
}
