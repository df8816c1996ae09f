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

/// Starts the simulated market. The first snapshot exists when this returns; a task publishes the next ones
/// until `shutdown`.
///
/// Must be called inside a tokio runtime.
pub fn start(settings: SimulatorSettings, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Market {
    let simulator = Arc::new(Simulator::new(Catalogue::bundled(), settings));
    let first = simulator.snapshot(clock.now_us());
    let candles = SimulatedCandles::new(Arc::clone(&simulator), Arc::clone(&clock));
    let market = Market::new(first, Arc::new(candles));
    tokio::spawn(run(simulator, market.clone(), clock, shutdown));
    market
}

async fn run(simulator: Arc<Simulator>, market: Market, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    let mut interval = tokio::time::interval(PUBLISH_INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = interval.tick() => {}
        }
        market.publish(simulator.advance(&market.snapshot(), clock.now_us()));
    }
}
