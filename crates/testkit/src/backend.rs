//! The ports of the use cases, in memory.

use std::sync::Arc;

use cnop_coordination::LocalCoordinator;
use cnop_domain::{AssetId, Clock, Price};
use cnop_market::fixed::FixedMarket;
use cnop_store::Table;

use crate::{FlakyTable, ManualClock, MemoryTable, SeededEntropy};

/// The ports that several servers share: table, coordinator, market, clock and entropy.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Source of the time.
    pub clock: Arc<ManualClock>,
    /// Source of seeded randomness.
    pub entropy: Arc<SeededEntropy>,
    /// Assets with prices set by hand.
    pub market: FixedMarket,
    /// The table under test.
    pub table: Arc<dyn Table>,
    /// Coordinator of this server.
    pub coordinator: Arc<LocalCoordinator>,
}

impl Backend {
    /// A backend with an empty table in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        let clock = Arc::new(ManualClock::default());
        let table = Arc::new(MemoryTable::new(Arc::clone(&clock) as Arc<dyn Clock>));
        Self::on(clock, table)
    }

    /// A backend on an existing table with its clock.
    #[must_use]
    pub fn on(clock: Arc<ManualClock>, table: Arc<dyn Table>) -> Self {
        Self {
            entropy: Arc::new(SeededEntropy::new(1)),
            market: FixedMarket::new(clock.now_us()),
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            table,
            clock,
        }
    }

    /// Puts a flaky table in front of the table.
    pub fn make_flaky(&mut self) -> Arc<FlakyTable> {
        let flaky = Arc::new(FlakyTable::new(Arc::clone(&self.table)));
        self.table = Arc::clone(&flaky) as Arc<dyn Table>;
        flaky
    }

    /// Moves the clock forward and quotes every asset again, so that prices stay fresh.
    pub fn pass_seconds(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.market.time_set(self.clock.now_us());
    }

    /// Sets the last price of an asset, quoted one tick to either side.
    pub fn price_set(&self, asset_id: &str, last: &str) {
        let asset_id: AssetId = asset_id.parse().expect("an asset id");
        let last: Price = last.parse().expect("a price");
        self.market.price_set(asset_id, last, self.clock.now_us());
    }
}
