//! The gateway without its coordinator, and its log.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cnop_coordination::{CoordinationError, Coordinator, Decision, Lease, Quota, Subscription};

use crate::support::TestGateway;

/// A dependency that never answers, and that this many servers shared.
#[derive(Debug)]
struct Away(u32);

fn away<T>() -> Result<T, CoordinationError> {
    Err(CoordinationError::Unavailable("connection refused".into()))
}

#[async_trait]
impl Coordinator for Away {
    async fn quota_take(&self, _: &str, _: Quota, _: u32) -> Result<Decision, CoordinationError> {
        away()
    }

    async fn lease_acquire(&self, _: &str, _: &str, _: Duration) -> Result<Option<Lease>, CoordinationError> {
        away()
    }

    async fn lease_renew(&self, _: &Lease, _: Duration) -> Result<Option<Lease>, CoordinationError> {
        away()
    }

    async fn lease_release(&self, _: &Lease) -> Result<bool, CoordinationError> {
        away()
    }

    async fn cache_get(&self, _: &str) -> Result<Option<Bytes>, CoordinationError> {
        away()
    }

    async fn cache_put(&self, _: &str, _: Bytes, _: Duration) -> Result<(), CoordinationError> {
        away()
    }

    async fn cache_remove(&self, _: &str) -> Result<(), CoordinationError> {
        away()
    }

    async fn publish(&self, _: &str, _: Bytes) -> Result<(), CoordinationError> {
        away()
    }

    async fn subscribe(&self, _: &str) -> Result<Subscription, CoordinationError> {
        away()
    }

    async fn position(&self, _: &str) -> Result<u64, CoordinationError> {
        away()
    }

    fn servers(&self) -> u32 {
        self.0
    }

    async fn time_us(&self) -> Result<i64, CoordinationError> {
        away()
    }
}

#[tokio::test]
async fn without_the_coordinator_each_server_counts_its_own_quota() {
    // Three servers let a client through three times as often while they did not count together.
    for (servers, sign_ins) in [(1, 60), (3, 20)] {
        let gateway = TestGateway::counting_with(Arc::new(Away(servers)));
        for _ in 0..sign_ins {
            assert_eq!(gateway.send("POST /fn/login", &[]).await.status, 200);
        }
        assert_eq!(gateway.send("POST /fn/login", &[]).await.code(), "quota.exceeded");
    }
}

/// Captures the log output.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_line_of_the_log_names_its_request() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let logging = tracing::subscriber::set_default(subscriber);
    let gateway = TestGateway::new();
    let token = [("x-request-id", "trade-7"), ("authorization", "Bearer good")];
    gateway.send("GET /api/v1/logs", &token).await;
    gateway.send("GET /api/v1/panics", &[("x-request-id", "trade-8")]).await;
    let faulty = gateway.send("GET /api/v1/faults", &[("x-request-id", "trade-9")]).await;
    drop(logging);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| {
            (line["span"]["request.id"].as_str().unwrap(), line["fields"]["message"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("trade-7", "a handler's line"),
            ("trade-7", "answered"),
            ("trade-8", "answered"),
            ("trade-9", "answered"),
        ]
    );
    assert_eq!(lines[0]["span"]["user.id"], "usr_0000000001");
    assert_eq!(lines[1]["span"]["http.route"], "/api/v1/logs");
    for (line, cause) in
        [(&lines[2], "a handler panicked: a secret of the implementation"), (&lines[3], "odd bytes")]
    {
        assert_eq!((line["level"].as_str(), &line["fields"]["http.status"]), (Some("ERROR"), &500.into()));
        assert_eq!(line["fields"]["cause"], cause);
    }
    assert!(!faulty.body.contains("odd bytes"), "a cause in the answer");
    assert!(!text.contains("Bearer"), "a secret in the log");
}
