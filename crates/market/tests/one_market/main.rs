//! One market for several servers: a leader, and followers that show exactly what it publishes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod outage;
mod venue;

use std::sync::Arc;

use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_domain::Clock;
use cnop_market::simulator::SimulatedFeed;
use cnop_testkit::{CoordinatorFaultRates, FlakyCoordinator, ManualClock, SeededRng};

use crate::venue::{NOW_US, STEP_US, Venue, Watcher, shown};

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

/// Prices of another simulated market, from a server with another secret or from an older venue's cache, would keep the
/// present ones out for as long as their numbers are higher.
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

/// Lost, late and doubled messages, calls without an answer, servers that are cut off and come back: nothing ever goes
/// back on any server, and as soon as the coordinator works all show the same.
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
