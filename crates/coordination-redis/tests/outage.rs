//! A real Redis that ends, freezes and comes back.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code"
)]

use std::time::{Duration, Instant};

use cnop_coordination::{CoordinationError, Coordinator, Quota, SubscriptionError};
use cnop_coordination_redis::{LinkState, RedisConnectError, RedisCoordinator};
use cnop_testkit::RedisServer;

/// Deadline of a call with some room for a busy machine.
const CALL_BOUND: Duration = Duration::from_millis(1_000);
/// Longest wait for something that happens by itself.
const WAIT: Duration = Duration::from_secs(20);

async fn connect(server: &RedisServer) -> RedisCoordinator {
    RedisCoordinator::connect(server.url().parse().unwrap(), "venue").await.unwrap()
}

async fn reach(coordinator: &RedisCoordinator, wanted: LinkState) {
    let mut state = coordinator.state();
    tokio::time::timeout(WAIT, state.wait_for(|state| *state == wanted)).await.expect("the state").unwrap();
}

async fn is_refused_in_time(coordinator: &RedisCoordinator) {
    let begin = Instant::now();
    let taken = coordinator.quota_take("key", Quota::per_second(1_000), 1).await;
    assert!(matches!(taken, Err(CoordinationError::Unavailable(_))), "{taken:?}");
    assert!(begin.elapsed() < CALL_BOUND, "{:?}", begin.elapsed());
}

/// Hears a loss, then a message again.
async fn recovers(coordinator: &RedisCoordinator, subscription: &mut cnop_coordination::Subscription) {
    reach(coordinator, LinkState::Connected).await;
    let lost = tokio::time::timeout(WAIT, subscription.recv()).await.unwrap();
    assert!(matches!(lost, Err(SubscriptionError::Lagged(_))), "{lost:?}");
    coordinator.publish("topic", "again".into()).await.unwrap();
    assert_eq!(tokio::time::timeout(WAIT, subscription.recv()).await.unwrap().unwrap(), "again");
    assert_eq!(subscription.position(), coordinator.position("topic").await.unwrap());
    assert!(coordinator.quota_take("key", Quota::per_second(1_000), 1).await.unwrap().allowed);
}

/// A call waited for a new connection as long as Redis was away.
#[tokio::test]
async fn a_killed_redis_is_refused_at_once_and_comes_back() {
    let mut server = RedisServer::start();
    let coordinator = connect(&server).await;
    let mut subscription = coordinator.subscribe("topic").await.unwrap();
    server.kill();
    is_refused_in_time(&coordinator).await;
    while *coordinator.state().borrow() == LinkState::Connected {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        let begin = Instant::now();
        assert!(coordinator.cache_get("key").await.is_err());
        assert!(begin.elapsed() < Duration::from_millis(50), "{:?}", begin.elapsed());
    }
    // A listener hears this server also now, and all of them later.
    let mut late = coordinator.subscribe("topic").await.unwrap();
    for listener in [&mut subscription, &mut late] {
        assert!(coordinator.publish("topic", "alone".into()).await.is_err());
        assert_eq!(listener.recv().await.unwrap(), "alone");
    }
    assert_eq!(subscription.recv().await.unwrap(), "alone");
    server.restart();
    recovers(&coordinator, &mut subscription).await;
    assert!(matches!(late.recv().await, Err(SubscriptionError::Lagged(_))));
    assert_eq!(late.recv().await.unwrap(), "again");
}

/// A frozen Redis keeps its connections open: each call waited for its deadline, without end.
#[tokio::test]
async fn a_frozen_redis_costs_a_few_deadlines_and_comes_back() {
    let server = RedisServer::start();
    let coordinator = connect(&server).await;
    let mut subscription = coordinator.subscribe("topic").await.unwrap();
    server.freeze();
    for _ in 0..3 {
        is_refused_in_time(&coordinator).await;
    }
    assert_ne!(*coordinator.state().borrow(), LinkState::Connected);
    for _ in 0..100 {
        let begin = Instant::now();
        assert!(coordinator.cache_get("key").await.is_err());
        assert!(begin.elapsed() < Duration::from_millis(50), "{:?}", begin.elapsed());
    }
    server.thaw();
    recovers(&coordinator, &mut subscription).await;
}

/// Nobody called while Redis was frozen, so nobody noticed that messages stopped.
#[tokio::test]
async fn silence_is_noticed_without_a_call() {
    let server = RedisServer::start();
    let coordinator = connect(&server).await;
    let mut subscription = coordinator.subscribe("topic").await.unwrap();
    server.freeze();
    let mut state = coordinator.state();
    tokio::time::timeout(WAIT, state.wait_for(|state| *state != LinkState::Connected))
        .await
        .unwrap()
        .unwrap();
    server.thaw();
    recovers(&coordinator, &mut subscription).await;
}

#[tokio::test]
async fn a_topic_is_left_with_its_last_listener_and_can_be_joined_again() {
    let server = RedisServer::start();
    let coordinator = connect(&server).await;
    for round in 0..50 {
        let mut subscription = coordinator.subscribe("topic").await.unwrap();
        coordinator.publish("topic", round.to_string().into()).await.unwrap();
        // The end of the subscription before may overtake this one, which then learns of a gap.
        match tokio::time::timeout(WAIT, subscription.recv()).await.unwrap() {
            Ok(heard) => assert_eq!(heard, round.to_string()),
            Err(error) => assert!(matches!(error, SubscriptionError::Lagged(_))),
        }
    }
}

/// A password in a refusal would be in the log.
#[tokio::test]
async fn a_start_with_a_wrong_redis_is_refused_in_one_sentence() {
    let server = RedisServer::start_with(&["--requirepass", "secret"]);
    let host = format!("127.0.0.1:{}", server.port());
    let start = async |url: String| match RedisCoordinator::connect(url.parse().unwrap(), "venue").await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    };
    for url in
        [format!("redis://{host}"), format!("redis://:guessed@{host}"), format!("redis://ada:guessed@{host}")]
    {
        let error = start(url).await;
        assert!(matches!(error, RedisConnectError::Credentials { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("the Redis at {host} refuses the user or the password"));
        assert!(!format!("{error:?}").contains("guessed"));
    }
    let url = format!("redis://:secret@{host}");
    RedisCoordinator::connect(url.parse().unwrap(), "venue").await.unwrap();
    let reader = ["--user", "default", "on", "nopass", "~*", "&*", "-@all", "+@read", "+@connection"];
    let reader = RedisServer::start_with(&reader);
    let error = start(reader.url()).await;
    assert!(matches!(error, RedisConnectError::Refused { .. }), "{error:?}");
    let nobody = RedisServer::start();
    nobody.freeze();
    let frozen = start(nobody.url()).await;
    nobody.thaw();
    assert!(matches!(frozen, RedisConnectError::Unreachable { .. }), "{frozen:?}");
    let url = nobody.url();
    drop(nobody);
    let gone = start(url).await;
    assert!(matches!(gone, RedisConnectError::Unreachable { .. }), "{gone:?}");
}

/// Three servers at once: the number let through stays within 1 % of the quota.
#[tokio::test(flavor = "multi_thread")]
async fn three_servers_let_through_what_one_would() {
    let server = RedisServer::start();
    let quota = Quota { limit: 1_000, window: Duration::from_secs(1), burst: 100 };
    let first = connect(&server).await;
    let begin_us = first.time_us().await.unwrap();
    let mut servers = Vec::new();
    for _ in 0..3 {
        let coordinator = connect(&server).await;
        servers.push(tokio::spawn(async move {
            let mut allowed = 0_u64;
            loop {
                let decision = coordinator.quota_take("key", quota, 1).await.unwrap();
                allowed += u64::from(decision.allowed);
                if coordinator.time_us().await.unwrap() - begin_us > 1_500_000 {
                    return allowed;
                }
            }
        }));
    }
    let mut allowed = 0;
    for server in servers {
        allowed += server.await.unwrap();
    }
    let passed_us = u64::try_from(first.time_us().await.unwrap() - begin_us).unwrap();
    assert!(allowed <= 100 + passed_us / 1_000, "{allowed} in {passed_us} µs");
    // The last look of each server is later than its last take.
    assert!(allowed * 101 / 100 >= 100 + 1_500, "{allowed} in {passed_us} µs");
}
