//! The feed of the simulator: a task that publishes a snapshot at a fixed interval.

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::Clock;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::candles::SimulatedCandles;
use super::{Simulator, SimulatorSettings};
use crate::{Catalogue, Market};

/// Time between two snapshots. About half of all assets have a new quote in each.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(250);

/// The running feed of a simulated market. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SimulatedFeed {
    simulator: Arc<Simulator>,
    market: Market,
    clock: Arc<dyn Clock>,
}

impl SimulatedFeed {
    /// A market that has its first snapshot when this returns. [`SimulatedFeed::run`] publishes the next ones.
    #[must_use]
    pub fn new(settings: &SimulatorSettings, clock: Arc<dyn Clock>) -> Self {
        let simulator = Arc::new(Simulator::new(Catalogue::bundled(), settings));
        let first = simulator.snapshot(clock.now_us());
        let candles = SimulatedCandles::new(Arc::clone(&simulator), Arc::clone(&clock));
        let market = Market::new(first, Arc::new(candles));
        Self { simulator, market, clock }
    }

    /// The market that it feeds.
    #[must_use]
    pub fn market(&self) -> Market {
        self.market.clone()
    }

    /// Publishes snapshots until `shutdown`. It can be run again after an early end.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut interval = tokio::time::interval(PUBLISH_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = interval.tick() => {}
            }
            let next = self.simulator.advance(&self.market.snapshot(), self.clock.now_us());
            self.market.publish(next);
        }
    }
}

/// Starts the simulated market with a task that publishes its snapshots until `shutdown`.
///
/// Must be called inside a tokio runtime.
pub fn start(settings: &SimulatorSettings, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Market {
    let feed = SimulatedFeed::new(settings, clock);
    let market = feed.market();
    tokio::spawn(feed.run(shutdown));
    market
}
