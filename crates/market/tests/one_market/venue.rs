//! Servers that share a market, stepped by hand.

use std::sync::Arc;

use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_market::simulator::{MarketSecret, SimulatedFeed, SimulatorSettings};
use cnop_market::{AssetState, FeedGroup, Market};
use cnop_testkit::ManualClock;

/// A moment in 2026, in µs since 1970.
pub(crate) const NOW_US: i64 = 1_795_230_222_123_456;
pub(crate) const STEP_US: i64 = 250_000;

/// Servers with one coordinator and one clock, stepped by hand.
pub(crate) struct Venue {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) coordinator: Arc<LocalCoordinator>,
    pub(crate) feeds: Vec<SimulatedFeed>,
}

impl Venue {
    pub(crate) fn new(servers: usize) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_US));
        let coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&clock) as _));
        let mut venue = Self { clock, coordinator, feeds: Vec::new() };
        for _ in 0..servers {
            venue.join();
        }
        venue
    }

    pub(crate) fn join(&mut self) {
        let feed = self.feed(Arc::clone(&self.coordinator) as _, Arc::clone(&self.clock));
        self.feeds.push(feed);
    }

    pub(crate) fn feed(&self, coordinator: Arc<dyn Coordinator>, clock: Arc<ManualClock>) -> SimulatedFeed {
        self.feed_of(42, coordinator, clock)
    }

    /// A feed of the simulated market with this secret.
    pub(crate) fn feed_of(
        &self,
        secret: u8,
        coordinator: Arc<dyn Coordinator>,
        clock: Arc<ManualClock>,
    ) -> SimulatedFeed {
        let settings =
            SimulatorSettings { secret: MarketSecret::from_bytes([secret; 32]), started_us: NOW_US };
        let group = FeedGroup { coordinator, server: format!("server-{}", self.feeds.len()) };
        SimulatedFeed::new(&settings, clock as _, group)
    }

    /// A step of these servers, leaders first, then the time of a step.
    pub(crate) async fn step(&self, servers: impl IntoIterator<Item = usize>) {
        let mut servers: Vec<usize> = servers.into_iter().collect();
        servers.sort_by_key(|server| !self.feeds[*server].status().leads());
        for server in servers {
            self.feeds[server].step().await;
            // Messages of a flaky coordinator pass through tasks of their own.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        }
        self.clock.advance_us(STEP_US);
    }

    pub(crate) async fn steps(&self, count: usize, servers: &[usize]) {
        for _ in 0..count {
            self.step(servers.iter().copied()).await;
        }
    }

    pub(crate) fn leaders(&self) -> Vec<usize> {
        (0..self.feeds.len()).filter(|server| self.feeds[*server].status().leads()).collect()
    }

    pub(crate) fn generation(&self, server: usize) -> u64 {
        self.feeds[server].market().snapshot().generation
    }

    /// Time of a server's newest quote.
    pub(crate) fn newest_us(&self, server: usize) -> i64 {
        shown(&self.feeds[server].market()).2.iter().map(|state| state.quote.time_us).max().unwrap()
    }

    /// Asserts that these servers show the same, and that there is something to show.
    pub(crate) fn assert_same(&self, servers: &[usize]) {
        let shown: Vec<_> = servers.iter().map(|server| shown(&self.feeds[*server].market())).collect();
        assert!(!shown[0].2.is_empty(), "no prices");
        for (server, other) in servers.iter().zip(&shown) {
            assert!(*other == shown[0], "server {server} differs: {} {}", other.0, shown[0].0);
        }
    }
}

/// Everything that a market shows.
pub(crate) fn shown(market: &Market) -> (u64, i64, Vec<AssetState>) {
    let snapshot = market.snapshot();
    (snapshot.generation, snapshot.time_us, snapshot.iter().cloned().collect())
}

/// Notes all snapshots of a market, and fails when anything goes back.
pub(crate) struct Watcher {
    market: Market,
    before: (u64, i64, Vec<AssetState>),
}

impl Watcher {
    pub(crate) fn of(feed: &SimulatedFeed) -> Self {
        Self { market: feed.market(), before: shown(&feed.market()) }
    }

    pub(crate) fn look(&mut self) {
        let now = shown(&self.market);
        assert!(now.0 >= self.before.0 && now.1 >= self.before.1, "a snapshot went back");
        assert!(now.0 > self.before.0 || now == self.before, "a generation has two contents");
        assert!(now.2.len() >= self.before.2.len(), "a price went away");
        for (before, now) in self.before.2.iter().zip(&now.2) {
            assert!(now.quote.seq >= before.quote.seq, "{} went back", now.asset_id);
            assert!(now.quote.time_us >= before.quote.time_us, "{} went back", now.asset_id);
            assert!(now.quote.seq > before.quote.seq || now.quote == before.quote, "{}", now.asset_id);
        }
        self.before = now;
    }
}
