//! A price feed from a server with CoinGecko's HTTP API.
//!
//! One request per minute fetches all assets of the catalog by their `coingecko_id`, so another coin with
//! the same symbol has no effect. Prices are parsed from the digits of the response, never through a float.
//! An asset with a missing, zero or absurd price keeps its last quote, whose age stays visible. When the
//! server is slow, overloaded or broken, the feed backs off, and for at least as long as the server requests.

mod chart_cache;
mod charts;
mod client;
mod decode;
mod guard;
mod merge;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::{Clock, QuoteSource};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use self::charts::Charts;
use self::client::{CoingeckoClient, FetchError, RETRY_AFTER_MAX};
pub use self::guard::{Call, CallGuard};
pub use self::settings::{BASE_URL, CoingeckoSettings, POLL_INTERVAL, StartError};
use crate::leadership::{FeedGroup, FeedIdentity, FeedStatus, Leadership, STEP_INTERVAL};
use crate::snapshot::Snapshot;
use crate::{Catalogue, Market};

/// Maximum back-off of our own choice: a server that is back is noticed within this time.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);

/// The running feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CoingeckoFeed {
    client: Arc<CoingeckoClient>,
    market: Market,
    settings: CoingeckoSettings,
    clock: Arc<dyn Clock>,
    leadership: Arc<Mutex<Leadership>>,
    status: Arc<FeedStatus>,
}

impl CoingeckoFeed {
    /// A market without prices, until [`CoingeckoFeed::run`] has the first response or hears the leader.
    ///
    /// # Errors
    /// [`StartError`] when the settings are invalid. An unreachable server is no error: the feed keeps trying.
    pub fn new(
        settings: CoingeckoSettings,
        clock: Arc<dyn Clock>,
        group: FeedGroup,
    ) -> Result<Self, StartError> {
        let catalogue = Catalogue::bundled();
        let client = Arc::new(CoingeckoClient::new(&settings, Arc::clone(&clock))?);
        let coordinator = Arc::clone(&group.coordinator);
        let charts = Charts::new(catalogue.clone(), Arc::clone(&client), Arc::clone(&clock), coordinator);
        let first = Snapshot::empty(catalogue, QuoteSource::CoinGecko, clock.now_us());
        let market = Market::new(first, Arc::new(charts));
        let feed = FeedIdentity { source: QuoteSource::CoinGecko, fingerprint: 0 };
        let leadership = Leadership::new(group, feed, market.clone(), Arc::clone(&clock));
        let status = leadership.status();
        Ok(Self { client, market, settings, clock, leadership: Arc::new(Mutex::new(leadership)), status })
    }

    /// The market that it feeds.
    #[must_use]
    pub fn market(&self) -> Market {
        self.market.clone()
    }

    /// Role of this server in the feed.
    #[must_use]
    pub fn status(&self) -> Arc<FeedStatus> {
        Arc::clone(&self.status)
    }

    /// Polls until `shutdown` while this server leads or feeds itself, and follows the leader otherwise. Gives the feed away when `leaving`
    /// says so. It can be run again after an early end.
    pub async fn run(self, leaving: CancellationToken, shutdown: CancellationToken) {
        let mut steps = tokio::time::interval(STEP_INTERVAL);
        steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut leadership = self.leadership.lock().await;
        let (leads, leads_seen) = watch::channel(false);
        let (merged, mut snapshots) = mpsc::channel(1);
        // Beside the steps, so that a slow response does not cost the lease.
        let polls = self.polls(leads_seen, merged);
        tokio::pin!(polls);
        let mut has_left = false;
        loop {
            leads
                .send_if_modified(|leads| std::mem::replace(leads, leadership.feeds()) != leadership.feeds());
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = &mut polls => break,
                () = leaving.cancelled(), if !has_left => {
                    has_left = true;
                    leadership.leave().await;
                }
                _ = steps.tick() => leadership.step().await,
                heard = leadership.heard() => leadership.take(heard).await,
                Some(next) = snapshots.recv() => leadership.lead(next).await,
            }
        }
        leadership.leave().await;
    }

    /// Polls while this server leads or feeds itself. It ends with the receiver of the snapshots.
    async fn polls(&self, mut leads: watch::Receiver<bool>, merged: mpsc::Sender<Snapshot>) {
        let ids: Vec<&str> = self.market.catalogue().iter().map(|asset| asset.coingecko_id).collect();
        let ids = ids.join(",");
        while leads.wait_for(|leads| *leads).await.is_ok() {
            let mut failures = 0;
            let mut pause = self.first_pause();
            loop {
                tokio::time::sleep(pause).await;
                if !*leads.borrow() {
                    break;
                }
                pause = match self.poll(&ids).await {
                    Ok(next) => {
                        failures = 0;
                        if merged.send(next).await.is_err() {
                            return;
                        }
                        self.settings.poll_interval
                    }
                    Err(error) => {
                        failures += 1;
                        self.pause_after_error(failures, &error)
                    }
                };
            }
        }
    }

    /// Time until the first poll of a new leader: the others together have polled as often as one server.
    fn first_pause(&self) -> Duration {
        let snapshot = self.market.snapshot();
        if snapshot.iter().next().is_none() {
            return Duration::ZERO;
        }
        let age_us = u64::try_from(self.clock.now_us() - snapshot.time_us).unwrap_or(0);
        self.settings.poll_interval.saturating_sub(Duration::from_micros(age_us))
    }

    /// Fetches all prices once, and merges them into the newest snapshot.
    async fn poll(&self, ids: &str) -> Result<Snapshot, FetchError> {
        let body = self.client.markets(ids).await?;
        let rows = decode::rows(&body).ok_or(FetchError::Malformed)?;
        Ok(merge::merge(&self.market.snapshot(), &rows, self.clock.now_us()))
    }

    fn pause_after_error(&self, failures: u32, error: &FetchError) -> Duration {
        let noise = jitter(self.clock.now_us());
        let pause = pause_after(failures, error.retry_after(), self.settings.back_off, noise);
        tracing::warn!(failures, pause_ms = pause.as_millis(), error = %error, "Prices could not be fetched");
        pause
    }
}

/// Back-off after a number of consecutive failures. It doubles each time, ± 25 % by `noise` (0 to 1) so that
/// many servers do not return together. It is never shorter than the server requests.
fn pause_after(failures: u32, retry_after: Option<Duration>, back_off: Duration, noise: f64) -> Duration {
    let doubled = back_off.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACK_OFF_MAX);
    let pause = doubled.mul_f64(0.75 + 0.5 * noise.clamp(0.0, 1.0)).min(BACK_OFF_MAX);
    pause.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

/// 0 to 1, from the last microseconds of a moment. It only keeps servers apart, so it need not be secret.
fn jitter(now_us: i64) -> f64 {
    let microsecond = u32::try_from(now_us.rem_euclid(1_000)).unwrap_or(0);
    f64::from(microsecond) / 1_000.0
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
        assert_eq!(pause_after(6, Some(second * 30), second, 0.5), second * 32);
        assert_eq!(
            pause_after(99, None, second, 1.0),
            BACK_OFF_MAX,
            "a server that is back waited 10 minutes"
        );
        assert_eq!(pause_after(1, Some(Duration::MAX), second, 0.5), RETRY_AFTER_MAX);
    }

    #[test]
    fn the_key_is_not_shown() {
        let settings =
            CoingeckoSettings { api_key: Some("CG-hidden".to_owned()), ..CoingeckoSettings::default() };
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
