//! Servers that lose the coordinator.

use std::sync::Arc;

use cnop_domain::{Clock, Quote};
use cnop_testkit::{FlakyCoordinator, ManualClock};

use crate::venue::{NOW_US, STEP_US, Venue, Watcher, shown};

/// A venue whose second server has a way of its own to the coordinator, which can be cut, and this clock.
fn with_way(clock: Option<&Arc<ManualClock>>) -> (Venue, Arc<FlakyCoordinator>) {
    let mut venue = Venue::new(1);
    let way = Arc::new(FlakyCoordinator::new(Arc::clone(&venue.coordinator) as _, 1, "follower"));
    let feed = venue.feed(Arc::clone(&way) as _, Arc::clone(clock.unwrap_or(&venue.clock)));
    venue.feeds.push(feed);
    (venue, way)
}

fn quotes(venue: &Venue, server: usize) -> Vec<Quote> {
    shown(&venue.feeds[server].market()).2.iter().map(|state| state.quote).collect()
}

/// The quotes of a follower that had lost the coordinator got too old to trade on. It stayed the owner of its books, so no
/// stop of theirs was acted on for the whole outage, market orders were refused, and it was not ready.
#[tokio::test(start_paused = true)]
async fn a_follower_that_is_cut_off_feeds_itself_with_the_prices_of_all() {
    let (venue, way) = with_way(None);
    venue.steps(10, &[0, 1]).await;
    venue.assert_same(&[0, 1]);
    way.cut(true);
    let mut watcher = Watcher::of(&venue.feeds[1]);
    for round in 0..80 {
        venue.step([0, 1]).await;
        watcher.look();
        assert!(venue.clock.now_us() - venue.newest_us(1) <= 6_000_000, "round {round}");
        assert!(round < 20 || quotes(&venue, 0) == quotes(&venue, 1), "round {round}");
    }
    assert_eq!(venue.leaders(), [0], "the other one leads nobody");
    assert_eq!(venue.feeds[1].status().take_overs(), 0);
    way.cut(false);
    for _ in 0..8 {
        venue.step([0, 1]).await;
        watcher.look();
    }
    venue.assert_same(&[0, 1]);
    assert_eq!(venue.leaders(), [0]);
}

/// A follower that hears no leader for a moment must not go on with prices of its own: it is about to hear the next one.
#[tokio::test(start_paused = true)]
async fn a_short_cut_makes_no_prices() {
    let (venue, way) = with_way(None);
    venue.steps(10, &[0, 1]).await;
    way.cut(true);
    let newest_us = venue.newest_us(1);
    venue.steps(12, &[0, 1]).await;
    assert_eq!(venue.newest_us(1), newest_us);
    way.cut(false);
    venue.steps(8, &[0, 1]).await;
    venue.assert_same(&[0, 1]);
}

/// A follower that had fed itself faster than the leader made prices would ignore the leader until it had caught up.
#[tokio::test(start_paused = true)]
async fn a_server_that_fed_itself_follows_a_leader_that_was_slower() {
    let (venue, way) = with_way(None);
    venue.steps(10, &[0, 1]).await;
    way.cut(true);
    let mut watcher = Watcher::of(&venue.feeds[1]);
    for _ in 0..60 {
        venue.step([0, 1]).await;
        venue.step([1]).await;
        watcher.look();
    }
    assert!(venue.generation(1) > venue.generation(0));
    way.cut(false);
    for _ in 0..8 {
        venue.step([0, 1]).await;
        watcher.look();
    }
    assert_eq!(venue.leaders(), [0]);
    venue.assert_same(&[0, 1]);
}

/// The leader dies during the outage: a server that fed itself leads afterwards, and takes nothing back.
#[tokio::test(start_paused = true)]
async fn a_server_that_fed_itself_leads_when_nobody_else_does() {
    let (mut venue, way) = with_way(None);
    venue.steps(10, &[0, 1]).await;
    way.cut(true);
    venue.steps(40, &[1]).await;
    let mut watcher = Watcher::of(&venue.feeds[1]);
    way.cut(false);
    venue.join();
    for _ in 0..12 {
        venue.step([1, 2]).await;
        watcher.look();
    }
    assert!(venue.feeds[1].status().leads());
    venue.assert_same(&[1, 2]);
}

/// The quotes of a server whose clock is ahead would keep the leader's out for as long after the outage.
#[tokio::test(start_paused = true)]
async fn a_server_with_a_wrong_clock_does_not_feed_itself() {
    let ahead = Arc::new(ManualClock::new(NOW_US + 60_000_000));
    let (venue, way) = with_way(Some(&ahead));
    for _ in 0..10 {
        venue.step([0, 1]).await;
        ahead.advance_us(STEP_US);
    }
    venue.assert_same(&[0, 1]);
    way.cut(true);
    let newest_us = venue.newest_us(1);
    for _ in 0..40 {
        venue.step([0, 1]).await;
        ahead.advance_us(STEP_US);
    }
    assert_eq!(venue.newest_us(1), newest_us);
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
