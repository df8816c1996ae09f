//! Conformance of the coordinator on a real Redis.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cnop_coordination::conformance::{self, Harness};
use cnop_coordination::{Coordinator, Meter, Quota, QuotaTake};
use cnop_coordination_redis::RedisCoordinator;
use cnop_testkit::RedisServer;

struct RedisHarness {
    first: RedisCoordinator,
    second: RedisCoordinator,
    _server: RedisServer,
}

impl RedisHarness {
    async fn new() -> Self {
        let server = RedisServer::start();
        let connect =
            async || RedisCoordinator::connect(server.url().parse().unwrap(), "venue").await.unwrap();
        Self { first: connect().await, second: connect().await, _server: server }
    }
}

#[async_trait]
impl Harness for RedisHarness {
    fn coordinators(&self) -> (Arc<dyn Coordinator>, Arc<dyn Coordinator>) {
        (Arc::new(self.first.clone()), Arc::new(self.second.clone()))
    }

    fn prefix(&self) -> String {
        "test:".to_owned()
    }

    async fn advance(&self, time: Duration) {
        // Redis has a clock of its own.
        tokio::time::sleep(time + Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn the_whole_suite_passes_on_a_real_redis() {
    conformance::all(&RedisHarness::new().await).await.unwrap();
}

/// Two venues on one Redis shared their quotas and their messages.
#[tokio::test]
async fn venues_on_one_redis_do_not_meet() {
    let server = RedisServer::start();
    let url = server.url();
    let quota = Quota { limit: 1, window: Duration::from_secs(3_600), burst: 1 };
    let mut coordinators = Vec::new();
    for (url, venue) in [(url.clone(), "one"), (url.clone(), "two"), (format!("{url}/3"), "one")] {
        coordinators.push(RedisCoordinator::connect(url.parse().unwrap(), venue).await.unwrap());
    }
    let mut subscription = coordinators[0].subscribe("topic").await.unwrap();
    for (coordinator, text) in coordinators.iter().zip(["first", "second", "third"]).rev() {
        assert!(coordinator.quota_take("key", quota, 1).await.unwrap().allowed);
        coordinator.publish("topic", text.into()).await.unwrap();
    }
    assert_eq!(subscription.recv().await.unwrap(), "first");
}

/// An epoch that began anew with a Redis that lost its data passed for an older one, and the fence let a stale owner in.
#[tokio::test]
async fn epochs_and_numbers_do_not_go_back_when_redis_loses_its_data() {
    let mut server = RedisServer::start();
    let connect = async |url: String| RedisCoordinator::connect(url.parse().unwrap(), "venue").await.unwrap();
    let hour = Duration::from_secs(3_600);
    let before = connect(server.url()).await;
    let lease = before.lease_acquire("key", "owner", hour).await.unwrap().unwrap();
    before.publish("topic", "one".into()).await.unwrap();
    let position = before.position("topic").await.unwrap();
    server.restart();
    let after = connect(server.url()).await;
    assert!(after.lease_acquire("key", "owner", hour).await.unwrap().unwrap().epoch > lease.epoch);
    after.publish("topic", "two".into()).await.unwrap();
    assert!(after.position("topic").await.unwrap() > position);
}

/// A bucket in Redis and one in memory that differ would let a client through on one server and not on another.
#[tokio::test]
async fn redis_counts_as_the_meter_does() {
    let server = RedisServer::start();
    let redis = RedisCoordinator::connect(server.url().parse().unwrap(), "venue").await.unwrap();
    // Windows so long that the time that passes during the test changes no whole unit.
    for (index, (limit, days, burst)) in
        [(7, 300, 5), (3, 366, 11), (1_000, 365, 1_000), (999_983, 200, 499_979), (86_413, 1, 2)]
            .into_iter()
            .enumerate()
    {
        let quota = Quota { limit, window: Duration::from_secs(days * 86_400), burst };
        let (key, mut meter) = (format!("key-{index}"), Meter::default());
        for cost in [1, burst / 2, 0, burst, burst / 3, 1, burst] {
            let take = QuotaTake { key: &key, quota, cost };
            let now_us = redis.time_us().await.unwrap();
            let expected = meter.take(quota, cost, now_us).unwrap();
            let counted = redis.quotas_take(&[take]).await.unwrap()[0];
            let (allowed, remaining) = (counted.allowed, counted.remaining);
            assert_eq!((allowed, remaining), (expected.allowed, expected.remaining), "{quota:?} {cost}");
            for (one, two) in
                [(counted.retry_after, expected.retry_after), (counted.reset_after, expected.reset_after)]
            {
                assert!(one.abs_diff(two) < Duration::from_secs(2), "{quota:?} {cost}: {one:?} {two:?}");
            }
        }
    }
}
