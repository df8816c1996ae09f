//! One market for several servers: a leader, and followers that show exactly what it publishes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_domain::Clock;
use cnop_market::simulator::{MarketSecret, SimulatedFeed, SimulatorSettings};
use cnop_market::{AssetState, FeedGroup, Market};
use cnop_testkit::{CoordinatorFaultRates, FlakyCoordinator, ManualClock, SeededRng};

/// A moment in 2026, in µs since 1970.
const NOW_US: i64 = 1_795_230_222_123_456;
const STEP_US: i64 = 250_000;

/// Servers with one coordinator and one clock, stepped by hand.
struct Venue {
    clock: Arc<ManualClock>,
    coordinator: Arc<LocalCoordinator>,
    feeds: Vec<SimulatedFeed>,
}

impl Venue {
    fn new(servers: usize) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_US));
        let coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&clock) as _));
        let mut venue = Self { clock, coordinator, feeds: Vec::new() };
        for _ in 0..servers {
            venue.join();
        }
        venue
    }

    fn join(&mut self) {
        let feed = self.feed(Arc::clone(&self.coordinator) as _, Arc::clone(&self.clock));
        self.feeds.push(feed);
    }

    fn feed(&self, coordinator: Arc<dyn Coordinator>, clock: Arc<ManualClock>) -> SimulatedFeed {
        self.feed_of(42, coordinator, clock)
    }

    /// A feed of the simulated market with this secret.
    fn feed_of(
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
    async fn step(&self, servers: impl IntoIterator<Item = usize>) {
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

    async fn steps(&self, count: usize, servers: &[usize]) {
        for _ in 0..count {
            self.step(servers.iter().copied()).await;
        }
    }

    fn leaders(&self) -> Vec<usize> {
        (0..self.feeds.len()).filter(|server| self.feeds[*server].status().leads()).collect()
    }

    fn generation(&self, server: usize) -> u64 {
        self.feeds[server].market().snapshot().generation
    }

    /// Time of a server's newest quote.
    fn newest_us(&self, server: usize) -> i64 {
        shown(&self.feeds[server].market()).2.iter().map(|state| state.quote.time_us).max().unwrap()
    }

    /// Asserts that these servers show the same, and that there is something to show.
    fn assert_same(&self, servers: &[usize]) {
        let shown: Vec<_> = servers.iter().map(|server| shown(&self.feeds[*server].market())).collect();
        assert!(!shown[0].2.is_empty(), "no prices");
        for (server, other) in servers.iter().zip(&shown) {
            assert!(*other == shown[0], "server {server} differs: {} {}", other.0, shown[0].0);
        }
    }
}

/// Everything that a market shows.
fn shown(market: &Market) -> (u64, i64, Vec<AssetState>) {
    let snapshot = market.snapshot();
    (snapshot.generation, snapshot.time_us, snapshot.iter().cloned().collect())
}

/// Notes all snapshots of a market, and fails when anything goes back.
struct Watcher {
    market: Market,
    before: (u64, i64, Vec<AssetState>),
}

impl Watcher {
    fn of(feed: &SimulatedFeed) -> Self {
        Self { market: feed.market(), before: shown(&feed.market()) }
    }

    fn look(&mut self) {
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

/// Two servers would show, and trade, two quotes.
#[tokio::test]
async fn all_servers_show_the_same_snapshots() {
    let venue = Venue::new(3);
    venue.step([0, 1, 2, 1, 2]).await;
    assert_eq!(venue.leaders(), [0]);
    for round in 0..300 {
        venue.step([0, 1, 2]).await;
        if round > 4 {
            venue.assert_same(&[0, 1, 2]);
        }
    }
    assert!(venue.generation(0) > 300);
    assert_eq!(venue.leaders(), [0]);
}

/// Without a take-over all prices would end with one server.
#[tokio::test]
async fn another_server_leads_within_three_seconds() {
    for silent_after in 0..4 {
        let venue = Venue::new(3);
        venue.steps(10 + silent_after, &[0, 1, 2]).await;
        let mut watchers = [Watcher::of(&venue.feeds[1]), Watcher::of(&venue.feeds[2])];
        let died_us = venue.clock.now_us();
        let generation = venue.generation(1);
        while venue.generation(1) == generation {
            venue.step([1, 2]).await;
            watchers.iter_mut().for_each(Watcher::look);
        }
        assert!(venue.clock.now_us() - died_us <= 3_000_000, "{}", venue.clock.now_us() - died_us);
        venue.steps(8, &[1, 2]).await;
        assert_eq!(venue.leaders().len(), 2, "the dead one does not know it");
        venue.assert_same(&[1, 2]);
    }
}

/// A leader that was suspended would publish older quotes than the others have, and two of them would alternate.
#[tokio::test]
async fn a_paused_leader_that_returns_follows_and_nothing_goes_back() {
    let venue = Venue::new(3);
    venue.steps(10, &[0, 1, 2]).await;
    venue.steps(40, &[1, 2]).await;
    let mut watchers: Vec<Watcher> = venue.feeds.iter().map(Watcher::of).collect();
    assert_eq!(venue.feeds[1].status().take_overs() + venue.feeds[2].status().take_overs(), 1);
    for _ in 0..12 {
        venue.step([0, 1, 2]).await;
        watchers.iter_mut().for_each(Watcher::look);
    }
    assert_eq!(venue.leaders().len(), 1);
    assert!(!venue.feeds[0].status().leads());
    venue.assert_same(&[0, 1, 2]);
}

/// A server that is stopped in order gives the feed away at once, and leads again only if nobody else does.
#[tokio::test]
async fn a_leader_that_leaves_is_replaced_in_the_next_step() {
    let venue = Venue::new(2);
    venue.steps(10, &[0, 1]).await;
    venue.feeds[0].leave().await;
    venue.steps(2, &[1, 0]).await;
    assert_eq!(venue.leaders(), [1]);
    venue.steps(20, &[1, 0]).await;
    venue.assert_same(&[0, 1]);

    let alone = Venue::new(1);
    alone.steps(4, &[0]).await;
    alone.feeds[0].leave().await;
    alone.steps(8, &[0]).await;
    assert!(alone.leaders().is_empty());
    alone.steps(8, &[0]).await;
    assert_eq!(alone.leaders(), [0], "prices go on until the end");
}

/// A follower that missed a tick would show a mixture until each of its assets moves again.
#[tokio::test]
async fn a_follower_that_missed_ticks_reads_the_whole_snapshot() {
    let venue = Venue::new(2);
    venue.steps(10, &[0, 1]).await;
    // More messages than the topic keeps.
    venue.steps(60, &[0]).await;
    let mut watcher = Watcher::of(&venue.feeds[1]);
    for _ in 0..6 {
        venue.step([0, 1]).await;
        watcher.look();
    }
    venue.assert_same(&[0, 1]);
    assert_eq!(venue.leaders(), [0]);
}

/// A server that starts later waits for the leader's content, and not for each asset to move.
#[tokio::test]
async fn a_server_that_joins_shows_the_same_within_a_second() {
    let mut venue = Venue::new(1);
    venue.steps(500, &[0]).await;
    venue.join();
    venue.steps(4, &[0, 1]).await;
    venue.assert_same(&[0, 1]);
}

/// A follower that hears nothing must not go on with prices of its own: what it shows gets old, and old prices are not
/// traded on.
#[tokio::test(start_paused = true)]
async fn the_quotes_of_a_follower_that_is_cut_off_age() {
    let mut venue = Venue::new(1);
    let way = Arc::new(FlakyCoordinator::new(Arc::clone(&venue.coordinator) as _, 1, "follower"));
    let feed = venue.feed(Arc::clone(&way) as _, Arc::clone(&venue.clock));
    venue.feeds.push(feed);
    venue.steps(10, &[0, 1]).await;
    venue.assert_same(&[0, 1]);
    way.cut(true);
    let newest_us = venue.newest_us(1);
    venue.steps(80, &[0, 1]).await;
    assert_eq!(venue.newest_us(1), newest_us);
    assert!(venue.newest_us(0) > newest_us + 15_000_000);
    assert_eq!(venue.leaders(), [0]);
    way.cut(false);
    venue.steps(8, &[0, 1]).await;
    venue.assert_same(&[0, 1]);
}

/// Servers that lose the coordinator: the leader must go on for its own traders.
#[tokio::test(start_paused = true)]
async fn a_leader_without_the_coordinator_goes_on_and_follows_a_newer_one_afterwards() {
    let mut venue = Venue::new(0);
    let way = Arc::new(FlakyCoordinator::new(Arc::clone(&venue.coordinator) as _, 1, "leader"));
    let feed = venue.feed(Arc::clone(&way) as _, Arc::clone(&venue.clock));
    venue.feeds.push(feed);
    venue.join();
    venue.steps(10, &[0, 1]).await;
    assert_eq!(venue.leaders(), [0]);
    way.cut(true);
    let mut watcher = Watcher::of(&venue.feeds[0]);
    let (generation, newest_us) = (venue.generation(0), venue.newest_us(0));
    venue.steps(40, &[0, 1]).await;
    watcher.look();
    assert!(venue.generation(0) >= generation + 40 && venue.newest_us(0) > newest_us + 9_000_000);
    assert_eq!(venue.leaders(), [0, 1], "each for its own");
    way.cut(false);
    for _ in 0..12 {
        venue.step([0, 1]).await;
        watcher.look();
    }
    assert_eq!(venue.leaders(), [1]);
    venue.assert_same(&[1, 0]);
}

/// Prices may come from another simulated market: of a server with another secret, or of an older venue's cache. They would
/// keep the present ones out for as long as their numbers are higher.
#[tokio::test]
async fn the_prices_of_another_market_are_ignored() {
    let mut venue = Venue::new(1);
    venue.steps(10, &[0]).await;
    let other = venue.feed_of(43, Arc::clone(&venue.coordinator) as _, Arc::clone(&venue.clock));
    venue.feeds.push(other);
    venue.steps(10, &[0, 1]).await;
    assert_eq!(shown(&venue.feeds[1].market()).2, Vec::new());
    // The leader dies, with its snapshot in the cache; the other server leads its own market.
    venue.steps(20, &[1]).await;
    assert!(venue.feeds[1].status().leads());
    let alone = venue.feed_of(
        43,
        Arc::new(LocalCoordinator::new(Arc::clone(&venue.clock) as _)),
        Arc::clone(&venue.clock),
    );
    alone.begin().await;
    venue.feeds[1].step().await;
    let quotes =
        |feed: &SimulatedFeed| shown(&feed.market()).2.iter().map(|state| state.quote).collect::<Vec<_>>();
    assert_eq!(quotes(&venue.feeds[1]), quotes(&alone));
}

/// The quotes of a leader whose clock is an hour ahead would keep those of all others out for an hour.
#[tokio::test]
async fn a_server_with_a_wrong_clock_does_not_lead() {
    let mut venue = Venue::new(0);
    let ahead = Arc::new(ManualClock::new(NOW_US + 3_600_000_000));
    let wrong = venue.feed(Arc::clone(&venue.coordinator) as _, ahead);
    venue.feeds.push(wrong);
    venue.join();
    venue.steps(12, &[0]).await;
    assert!(venue.leaders().is_empty());
    venue.steps(12, &[0, 1]).await;
    assert_eq!(venue.leaders(), [1]);
    venue.assert_same(&[1, 0]);
}

/// Servers whose clocks differ: the follower takes over with an earlier clock, and its quotes would go back.
#[tokio::test]
async fn a_leader_with_an_earlier_clock_takes_nothing_back() {
    let mut venue = Venue::new(1);
    let behind = Arc::new(ManualClock::new(NOW_US - 1_900_000));
    let late = venue.feed(Arc::clone(&venue.coordinator) as _, Arc::clone(&behind));
    venue.feeds.push(late);
    for _ in 0..20 {
        venue.step([0, 1]).await;
        behind.advance_us(STEP_US);
    }
    let mut watcher = Watcher::of(&venue.feeds[1]);
    let generation = venue.generation(1);
    for _ in 0..40 {
        venue.step([1]).await;
        behind.advance_us(STEP_US);
        watcher.look();
    }
    assert!(venue.generation(1) > generation + 20);
    assert!(venue.feeds[1].status().leads());
}

/// Messages are lost, late and doubled, calls get no answer, and servers are cut off and come back. Nothing ever goes back
/// on any server, and as soon as the coordinator works all show the same.
#[tokio::test(start_paused = true)]
async fn whatever_the_coordinator_does_nothing_goes_back_and_all_agree_again() {
    for seed in 0..6 {
        let mut venue = Venue::new(0);
        let mut ways = Vec::new();
        for server in 0..3 {
            let inner: Arc<dyn Coordinator> = Arc::clone(&venue.coordinator) as _;
            let way = Arc::new(FlakyCoordinator::new(inner, seed, &format!("server-{server}")));
            let feed = venue.feed(Arc::clone(&way) as _, Arc::clone(&venue.clock));
            venue.feeds.push(feed);
            ways.push(way);
        }
        let mut rng = SeededRng::new(seed, "one market");
        let mut watchers: Vec<Watcher> = venue.feeds.iter().map(Watcher::of).collect();
        for round in 0..120 {
            for way in &ways {
                way.rates_set(if round % 40 < 30 {
                    CoordinatorFaultRates::BAD_DAY
                } else {
                    Default::default()
                });
                if rng.below(40) == 0 {
                    way.cut(rng.below(2) == 0);
                }
                way.advance();
            }
            tokio::task::yield_now().await;
            let running: Vec<usize> = (0..3).filter(|_| rng.below(10) > 0).collect();
            venue.step(running).await;
            watchers.iter_mut().for_each(Watcher::look);
        }
        for way in &ways {
            way.rates_set(CoordinatorFaultRates::default());
            way.cut(false);
        }
        for _ in 0..24 {
            ways.iter().for_each(|way| way.advance());
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            venue.step([0, 1, 2]).await;
            watchers.iter_mut().for_each(Watcher::look);
        }
        assert_eq!(venue.leaders().len(), 1, "seed {seed}");
        venue.assert_same(&[0, 1, 2]);
    }
}
