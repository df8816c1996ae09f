//! Prices from a server that speaks CoinGecko's HTTP API.
//!
//! One request a minute asks for all assets of the catalog, by their `coingecko_id` and nothing else: another coin
//! with the same symbol changes nothing. Prices are read from the digits of the answer, never through a float. An
//! asset whose price is missing, zero or absurd keeps its last quote, which grows old in the open. When the server
//! is slow, overloaded or broken the feed waits longer each time, and as long as the server asks it to.

mod charts;
mod client;
mod decode;
mod guard;
mod merge;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::{Clock, QuoteSource};
use tokio_util::sync::CancellationToken;

use self::charts::Charts;
use self::client::{CoingeckoClient, FetchError, RETRY_AFTER_MAX};
pub use self::guard::{Call, CallGuard};
pub use self::settings::{BASE_URL, CoingeckoSettings, POLL_INTERVAL, StartError};
use crate::snapshot::Snapshot;
use crate::{Catalogue, Market, random};

/// Longest pause of our own choice.
const BACK_OFF_MAX: Duration = Duration::from_secs(600);

/// Starts polling in a task that ends with `shutdown`. The market has no prices until the first answer is there.
///
/// Must be called inside a tokio runtime.
///
/// # Errors
/// [`StartError`] when the settings make no sense. An unreachable server is no error: the feed keeps trying.
pub fn start(
    settings: CoingeckoSettings,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> Result<Market, StartError> {
    let catalogue = Catalogue::bundled();
    let client = Arc::new(CoingeckoClient::new(&settings, Arc::clone(&clock))?);
    let charts = Charts::new(catalogue.clone(), Arc::clone(&client), Arc::clone(&clock));
    let first = Snapshot::empty(catalogue, QuoteSource::CoinGecko, clock.now_us());
    let market = Market::new(first, Arc::new(charts));
    tokio::spawn(run(client, market.clone(), settings, clock, shutdown));
    Ok(market)
}

async fn run(
    client: Arc<CoingeckoClient>,
    market: Market,
    settings: CoingeckoSettings,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let ids: Vec<&str> = market.catalogue().iter().map(|asset| asset.coingecko_id).collect();
    let ids = ids.join(",");
    let mut failures = 0;
    loop {
        let outcome = tokio::select! {
            () = shutdown.cancelled() => return,
            outcome = poll(&client, &market, &ids, clock.as_ref()) => outcome,
        };
        let pause = match outcome {
            Ok(()) => {
                failures = 0;
                settings.poll_interval
            }
            Err(error) => {
                failures += 1;
                let noise = random::unit(random::mix(clock.now_us().cast_unsigned()));
                let pause = pause_after(failures, error.retry_after(), settings.back_off, noise);
                tracing::warn!(failures, pause_ms = pause.as_millis(), error = %error, "Prices could not be fetched");
                pause
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Asks once for all prices and shows them.
async fn poll(
    client: &CoingeckoClient,
    market: &Market,
    ids: &str,
    clock: &dyn Clock,
) -> Result<(), FetchError> {
    let body = client.markets(ids).await?;
    let rows = decode::rows(&body).ok_or(FetchError::Malformed)?;
    market.publish(merge::merge(&market.snapshot(), &rows, clock.now_us()));
    Ok(())
}

/// How long to wait after so many failures in a row: doubled each time, a quarter more or less by `noise` (0 to 1)
/// so that many servers do not come back together, and never less than the server asked for.
fn pause_after(failures: u32, retry_after: Option<Duration>, back_off: Duration, noise: f64) -> Duration {
    let doubled = back_off.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACK_OFF_MAX);
    let pause = doubled.mul_f64(0.75 + 0.5 * noise.clamp(0.0, 1.0));
    pause.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_heed_the_server() {
        let second = Duration::from_secs(1);
        assert_eq!(pause_after(1, None, second, 0.5), second);
        assert_eq!(pause_after(4, None, second, 0.5), second * 8);
        assert_eq!(pause_after(4, None, second, 0.0), second * 6);
        assert_eq!(pause_after(4, None, second, 1.0), second * 10);
        assert_eq!(pause_after(99, None, second, 0.5), BACK_OFF_MAX);
        assert_eq!(pause_after(1, Some(second * 30), second, 1.0), second * 30);
        assert_eq!(pause_after(8, Some(second * 30), second, 0.5), second * 128);
        assert_eq!(pause_after(1, Some(Duration::MAX), second, 0.5), RETRY_AFTER_MAX);
    }

    #[test]
    fn the_key_is_not_shown() {
        let settings =
            CoingeckoSettings { api_key: Some("CG-hidden".to_owned()), ..CoingeckoSettings::default() };
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
