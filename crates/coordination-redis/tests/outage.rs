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

/// Deadline of a call with much room for a busy machine. Without a deadline the call would never end.
const CALL_BOUND: Duration = Duration::from_secs(5);
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

/// Calls that wait for their deadlines take longer than this in sum.
async fn are_refused_at_once(coordinator: &RedisCoordinator) {
    let begin = Instant::now();
    for _ in 0..100 {
        assert!(coordinator.cache_get("key").await.is_err());
    }
    assert!(begin.elapsed() < WAIT, "{:?}", begin.elapsed());
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
    are_refused_at_once(&coordinator).await;
    // A listener hears this server also now, and all of them later.
    let mut late = coordinator.subscribe("topic").await.unwrap();
    for listener in [&mut subscription, &mut late] {
        assert!(coordinator.publish("topic", "alone".into()).await.is_err());
        assert_eq!(listener.recv().await.unwrap(), "alone");
    }
    for listener in [&mut subscription, &mut late] {
        // Each message reached both.
        assert_eq!(listener.recv().await.unwrap(), "alone");
    }
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
    are_refused_at_once(&coordinator).await;
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

/// Three servers at once: the number let through is that of one quota. The burst lasts longer than any pause of this
/// machine, so that no unit is lost because nobody came for it.
#[tokio::test(flavor = "multi_thread")]
async fn three_servers_let_through_what_one_would() {
    const RATE: u64 = 50;
    const BURST: u64 = 1_000;
    let server = RedisServer::start();
    let quota = Quota { limit: 50, window: Duration::from_secs(1), burst: 1_000 };
    let first = connect(&server).await;
    let before_us = first.time_us().await.unwrap();
    assert!(first.quota_take("key", quota, 1).await.unwrap().allowed);
    let begin_us = first.time_us().await.unwrap();
    let mut servers = Vec::new();
    for _ in 0..3 {
        let coordinator = connect(&server).await;
        servers.push(tokio::spawn(async move {
            let mut allowed = 0_u64;
            loop {
                let now_us = coordinator.time_us().await.unwrap();
                let is_allowed = coordinator.quota_take("key", quota, 1).await.unwrap().allowed;
                allowed += u64::from(is_allowed);
                if !is_allowed && now_us - begin_us > 1_500_000 {
                    return (allowed, now_us);
                }
            }
        }));
    }
    let (mut allowed, mut end_us) = (1, begin_us);
    for server in servers {
        let (taken, refused_us) = server.await.unwrap();
        allowed += taken;
        end_us = end_us.max(refused_us);
    }
    // After the last look of a server its bucket was empty.
    let gained = |from_us: i64, until_us: i64| RATE * u64::try_from(until_us - from_us).unwrap() / 1_000_000;
    let least = BURST + gained(begin_us, end_us) - 1;
    let most = BURST + gained(before_us, first.time_us().await.unwrap());
    assert!((least..=most).contains(&allowed), "{allowed} is not in {least} to {most}");
}
