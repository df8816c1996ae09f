//! Two servers on one table of DynamoDB Local and one Redis.
//!
//! Needs a DynamoDB Local whose address is in `CNOP_TEST_DYNAMODB`. Without it the tests are skipped, or fail where they
//! must run: when `CI` or `CNOP_REQUIRE_DYNAMODB` is set.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cnop_server::{FailureKind, Server};
use cnop_services::auth::SigningKey;
use cnop_testkit::{RedisServer, SeededEntropy};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{PATIENCE, RequestExt as _, TestApp, Trader, settings};

/// Longest time until the end of a session takes effect on another server.
const FELT_MAX: Duration = Duration::from_secs(1);

/// Table, Redis and settings that all servers share.
struct Shared {
    endpoint: String,
    table: String,
    redis: RedisServer,
    folder: tempfile::TempDir,
}

impl Shared {
    fn new() -> Option<Self> {
        let Some(endpoint) = std::env::var("CNOP_TEST_DYNAMODB").ok().filter(|text| !text.is_empty()) else {
            let is_required =
                ["CI", "CNOP_REQUIRE_DYNAMODB"].iter().any(|name| std::env::var_os(name).is_some());
            assert!(!is_required, "CNOP_TEST_DYNAMODB must name a DynamoDB Local, which this run requires");
            eprintln!("skipped: set CNOP_TEST_DYNAMODB to the address of a DynamoDB Local to run this test");
            return None;
        };
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let folder = tempfile::tempdir().unwrap();
        for (seed, name) in [(1, "key.pem"), (2, "other.pem")] {
            SigningKey::generate(&SeededEntropy::new(seed)).to_file(&folder.path().join(name)).unwrap();
        }
        Some(Self { endpoint, table: format!("servers-{nanos:x}"), redis: RedisServer::start(), folder })
    }

    /// Arguments of a server; later ones win.
    fn arguments(&self, more: &[(&str, &str)]) -> Vec<String> {
        let (key, url) = (self.folder.path().join("key.pem"), self.redis.url());
        let mut all = vec![
            ("--store", "dynamodb"),
            ("--dynamodb-table", self.table.as_str()),
            ("--dynamodb-endpoint", self.endpoint.as_str()),
            ("--signing-key-file", key.to_str().unwrap()),
            ("--coordination", url.as_str()),
        ];
        for (name, value) in more {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        all.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]).collect()
    }

    async fn server(&self) -> TestApp {
        let arguments = self.arguments(&[]);
        TestApp::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// The sentence with which a server refuses to start.
    async fn refusal(&self, more: &[(&str, &str)]) -> (FailureKind, String) {
        let mut arguments = self.arguments(more);
        arguments.extend(["--listen", "127.0.0.1:0", "--quota-multiplier", "1000"].map(str::to_owned));
        let settings = settings(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let failure = Server::start(&settings).await.expect_err("it is refused");
        (failure.kind, failure.sentence)
    }
}

async fn status(app: &TestApp, token: &str) -> StatusCode {
    app.api(Method::GET, "/auth/me").bearer_auth(token).answer().await.status()
}

/// Readiness, once its member `coordination` has this value.
async fn coordination(app: &TestApp, wanted: &str) {
    let begin = Instant::now();
    loop {
        let answer = app.get("/health/ready").await;
        let (status, body) = (answer.status(), answer.json());
        if body["coordination"] == wanted && status == StatusCode::OK {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "{status} {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A session that was ended on one server went on for up to ten seconds on another.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_is_felt_on_the_other_server_within_a_second() {
    let Some(shared) = Shared::new() else { return };
    let (first, second) = (shared.server().await, shared.server().await);
    let trader = first.trader("session_user").await;
    assert_eq!(status(&second, &trader.token).await, StatusCode::OK);
    trader.sign_out().await;
    let begin = Instant::now();
    while status(&second, &trader.token).await == StatusCode::OK {
        assert!(begin.elapsed() < FELT_MAX, "{:?}", begin.elapsed());
    }
}

/// Without Redis no order was taken, or nobody learned why requests were refused.
#[tokio::test(flavor = "multi_thread")]
async fn money_moves_while_redis_is_away_and_servers_say_so() {
    let Some(mut shared) = Shared::new() else { return };
    let (first, second) = (shared.server().await, shared.server().await);
    let trader = first.trader("money_user").await;
    trader.deposit("5000").await;
    coordination(&second, "ok").await;
    shared.redis.kill();
    for server in [&first, &second] {
        coordination(server, "degraded").await;
        assert!(server.get("/").await.text().contains("Limited service"));
    }
    trader.deposit("100").await;
    trader.buy("BTC", "100").await;
    let elsewhere = Trader { app: &second, ..trader };
    elsewhere.deposit("100").await;
    shared.redis.restart();
    for server in [&first, &second] {
        coordination(server, "ok").await;
        assert!(!server.get("/").await.text().contains("Limited service"));
    }
    elsewhere.buy("BTC", "100").await;
}

/// A server with another fee or another key started, and filled and signed as no other server did.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_differs_from_the_others_is_refused() {
    let Some(shared) = Shared::new() else { return };
    let first = shared.server().await;
    let other_key = shared.folder.path().join("other.pem");
    let other_key = other_key.to_str().unwrap();
    let password = RedisServer::start_with(&["--requirepass", "secret"]);
    let wrong = format!("redis://:hunter2@127.0.0.1:{}", password.port());
    let gone = { RedisServer::start().url() };
    for (name, value, kind, sentence) in [
        ("--fee-bps", "20", FailureKind::Refused, "CNOP_FEE_BPS is 20 here and 10 on the other servers"),
        (
            "--signing-key-file",
            other_key,
            FailureKind::Refused,
            "CNOP_SIGNING_KEY_FILE does not have the key",
        ),
        (
            "--coordination",
            wrong.as_str(),
            FailureKind::Refused,
            "CNOP_COORDINATION: the Redis at 127.0.0.1:",
        ),
        ("--coordination", gone.as_str(), FailureKind::Failed, "CNOP_COORDINATION: the Redis at 127.0.0.1:"),
    ] {
        let refused = shared.refusal(&[(name, value)]).await;
        assert_eq!(refused.0, kind, "{refused:?}");
        assert!(refused.1.starts_with(sentence) && !refused.1.contains("hunter2"), "{refused:?}");
    }
    assert_eq!(
        first.get("/health/live").await.json(),
        json!({
            "status": "healthy", "service": "cnop", "version": env!("CARGO_PKG_VERSION"), "source": "simulator"
        })
    );
}
