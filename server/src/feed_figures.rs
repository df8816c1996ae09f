//! Metrics of the feed: its leader, take-overs, and the age of the newest quote.

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::Clock;
use cnop_market::{FeedStatus, Market};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Time between two updates.
const INTERVAL: Duration = Duration::from_secs(1);

/// Keeps the metrics of the feed up to date.
#[derive(Debug, Clone)]
pub(crate) struct FeedFigures {
    pub(crate) market: Market,
    pub(crate) status: Arc<FeedStatus>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl FeedFigures {
    /// Updates until the token ends it.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let mut interval = tokio::time::interval(INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = interval.tick() => self.update(),
            }
        }
    }

    fn update(&self) {
        metrics::gauge!("cnop_feed_leader").set(if self.status.leads() { 1.0 } else { 0.0 });
        metrics::counter!("cnop_feed_take_overs_total").absolute(self.status.take_overs());
        if let Some(age) = self.newest_age() {
            metrics::gauge!("cnop_quote_age_seconds").set(age.as_secs_f64());
        }
    }

    /// Age of the newest quote; `None` before the first.
    fn newest_age(&self) -> Option<Duration> {
        let newest_us = self.market.snapshot().iter().map(|state| state.quote.time_us).max()?;
        Some(Duration::from_micros(u64::try_from(self.clock.now_us() - newest_us).unwrap_or(0)))
    }
}
