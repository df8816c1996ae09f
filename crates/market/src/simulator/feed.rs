//! The feed of the simulator: a task that publishes a snapshot at a fixed interval while it leads or is cut off, and
//! follows otherwise.

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::{Clock, QuoteSource};
use tokio::sync::Mutex;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::candles::SimulatedCandles;
use super::{Simulator, SimulatorSettings};
use crate::leadership::{FeedGroup, FeedIdentity, FeedStatus, Leadership, STEP_INTERVAL};
use crate::{Catalogue, Market, Snapshot};

/// Longest wait for the first prices: that for a leader which has just died.
const FIRST_PRICES_WAIT: Duration = Duration::from_secs(4);

/// The running feed of a simulated market. About half of all assets have a new quote in each snapshot. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SimulatedFeed {
    simulator: Arc<Simulator>,
    market: Market,
    clock: Arc<dyn Clock>,
    leadership: Arc<Mutex<Leadership>>,
    status: Arc<FeedStatus>,
}

impl SimulatedFeed {
    /// A market without prices, until [`SimulatedFeed::begin`] or [`SimulatedFeed::run`].
    #[must_use]
    pub fn new(settings: &SimulatorSettings, clock: Arc<dyn Clock>, group: FeedGroup) -> Self {
        let simulator = Arc::new(Simulator::new(Catalogue::bundled(), settings));
        let candles = SimulatedCandles::new(Arc::clone(&simulator), Arc::clone(&clock));
        let first = Snapshot::empty(simulator.catalogue.clone(), QuoteSource::Simulator, clock.now_us());
        let market = Market::new(first, Arc::new(candles));
        let feed =
            FeedIdentity { source: QuoteSource::Simulator, fingerprint: settings.market_fingerprint() };
        let leadership = Leadership::new(group, feed, market.clone(), Arc::clone(&clock));
        let status = leadership.status();
        Self { simulator, market, clock, leadership: Arc::new(Mutex::new(leadership)), status }
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

    /// Waits for the first prices: its own if nobody leads, which come at once, otherwise the leader's. Without any it returns
    /// after a few seconds, and the market has no prices yet.
    pub async fn begin(&self) {
        let until = Instant::now() + FIRST_PRICES_WAIT;
        loop {
            self.step().await;
            if self.market.snapshot().iter().next().is_some() || Instant::now() >= until {
                return;
            }
            tokio::time::sleep(STEP_INTERVAL).await;
        }
    }

    /// Does what is due now, as [`SimulatedFeed::run`] does at each interval: takes messages, keeps the lease, and publishes a
    /// snapshot while this server leads or feeds itself.
    pub async fn step(&self) {
        self.step_with(&mut *self.leadership.lock().await).await;
    }

    async fn step_with(&self, leadership: &mut Leadership) {
        leadership.step().await;
        if leadership.feeds() {
            let next = self.simulator.advance(&self.market.snapshot(), self.clock.now_us());
            leadership.lead(next).await;
        }
    }

    /// Gives the feed to another server, as [`SimulatedFeed::run`] does before it ends. While it runs, this waits for its end.
    pub async fn leave(&self) {
        self.leadership.lock().await.leave().await;
    }

    /// Publishes snapshots until `shutdown`, and gives the feed away when `leaving` says so. It can be run again after an early
    /// end.
    pub async fn run(self, leaving: CancellationToken, shutdown: CancellationToken) {
        let mut interval = tokio::time::interval(STEP_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut leadership = self.leadership.lock().await;
        let mut has_left = false;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = leaving.cancelled(), if !has_left => {
                    has_left = true;
                    leadership.leave().await;
                }
                _ = interval.tick() => self.step_with(&mut leadership).await,
                heard = leadership.heard() => leadership.take(heard).await,
            }
        }
        leadership.leave().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use cnop_coordination::LocalCoordinator;
    use cnop_testkit::ManualClock;

    use super::super::MarketSecret;
    use super::*;

    /// Steps of the measurement: 500 seconds of the market.
    const STEPS: u32 = 2_000;

    /// Prints what making a snapshot costs, and what leading with it costs on one machine.
    #[tokio::test]
    #[ignore = "a measurement, see docs/performance.md"]
    async fn cost_of_leading() {
        let clock = Arc::new(ManualClock::default());
        let settings =
            SimulatorSettings { secret: MarketSecret::from_bytes([7; 32]), started_us: clock.now_us() };
        let coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&clock) as _));
        let group = FeedGroup { coordinator, server: "alone".to_owned() };
        let feed = SimulatedFeed::new(&settings, Arc::clone(&clock) as _, group);
        feed.begin().await;
        let mut leadership = feed.leadership.lock().await;
        let (mut making, mut leading) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..STEPS {
            clock.advance(STEP_INTERVAL);
            let started = Instant::now();
            let next = feed.simulator.advance(&feed.market.snapshot(), clock.now_us());
            making += started.elapsed();
            let started = Instant::now();
            leadership.step().await;
            leadership.lead(next).await;
            leading += started.elapsed();
        }
        println!("a snapshot: {:?} to make, {:?} to lead with it", making / STEPS, leading / STEPS);
    }
}
