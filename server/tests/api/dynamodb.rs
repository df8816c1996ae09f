//! The venue on a real DynamoDB Local that is frozen and continued. Runs where `scripts/dynamodb-local.sh` has
//! installed it: with `CNOP_TEST_DYNAMODB`, or where `CNOP_REQUIRE_DYNAMODB` is set.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, PATIENCE, RequestExt, TestApp, Trader, text};

/// Time within which a client must hear, with room for a machine that is busy with other tests.
const HEARD: Duration = Duration::from_millis(2_500);
/// Time of a refusal by an open breaker, with the same room; the refusal itself takes a millisecond.
const REFUSED: Duration = Duration::from_millis(500);

/// An emulator of this test alone, since it is frozen. Killed when dropped.
pub(crate) struct Emulator {
    child: Child,
    pub(crate) endpoint: String,
}

impl Emulator {
    /// Starts one; `None` where none is installed and none is required.
    pub(crate) fn start() -> Option<Self> {
        let names = ["CNOP_TEST_DYNAMODB", "CNOP_REQUIRE_DYNAMODB"];
        if names.iter().all(|name| std::env::var_os(name).is_none()) {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/dynamodb-local.sh");
        let mut command = Command::new(script);
        command.args(["start", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let emulator = Self { child: command.spawn().unwrap(), endpoint: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < 3 * PATIENCE, "DynamoDB Local does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(emulator)
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server on the emulator. Its signing key is that of an embedded venue.
async fn start(emulator: &Emulator, table: &str) -> TestApp {
    let directory = TestApp::start().await.stop().await;
    let key = directory.path().join("data/signing-key.pem");
    let arguments = [
        "--store",
        "dynamodb",
        "--dynamodb-table",
        table,
        "--dynamodb-endpoint",
        &emulator.endpoint,
        "--signing-key-file",
        key.to_str().unwrap(),
    ];
    TestApp::start_in(directory, &arguments).await
}

async fn deposit(trader: &Trader<'_>, key: usize) -> (Answer, Duration) {
    let begun = Instant::now();
    let request = trader.request(Method::POST, "/balance/deposit").json(&json!({ "amount": "1.00" }));
    let answer = request.header("idempotency-key", format!("deposit-{key}")).answer().await;
    (answer, begun.elapsed())
}

fn is_refused_at_once(answer: &Answer) -> bool {
    answer.status() == StatusCode::SERVICE_UNAVAILABLE && answer.text().contains("Nothing was done")
}

/// With DynamoDB hung, each write waited for 6 s, the eighth as long as the first. Deposits of an unknown outcome must count
/// once when they are repeated.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_dynamodb_is_refused_at_once_and_nothing_is_half_done() {
    let Some(emulator) = Emulator::start() else { return };
    let app = start(&emulator, "frozen").await;
    let trader = app.trader("ada_lovelace").await;
    deposit(&trader, 0).await.0.expect(StatusCode::CREATED);
    let mut stream = app.api(Method::GET, "/stream?topics=prices:*").open().await;
    assert_eq!(stream.status(), StatusCode::OK);

    emulator.signal("-STOP");
    let mut sent = 0;
    loop {
        sent += 1;
        let (answer, waited) = deposit(&trader, sent).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert!(answer.headers().contains_key("retry-after"), "{}", answer.text());
        assert!(waited < HEARD, "{waited:?}");
        if is_refused_at_once(&answer) {
            break;
        }
        assert!(sent < 10, "the breaker does not open");
    }
    for _ in 0..5 {
        sent += 1;
        let (answer, waited) = deposit(&trader, sent).await;
        assert!(is_refused_at_once(&answer), "{}", answer.text());
        assert!(waited < REFUSED, "{waited:?}");
    }
    // What needs no account goes on.
    for path in ["/api/v1/inventory/quotes?assets=BTC", "/market", "/health/live"] {
        assert_eq!(app.get(path).await.status(), StatusCode::OK, "{path}");
    }
    for _ in 0..3 {
        let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("the stream is silent");
        assert!(chunk.unwrap().is_some(), "the stream ended");
    }
    let ready: Value = app.get("/health/ready").await.json();
    assert_eq!(text(&ready, "store"), "unavailable");

    emulator.signal("-CONT");
    let begun = Instant::now();
    for key in 1..=sent {
        while deposit(&trader, key).await.0.status() != StatusCode::CREATED {
            assert!(begun.elapsed() < PATIENCE, "the breaker does not close");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let balance = trader.get("/balance").await;
    assert_eq!(balance["current_balance"], format!("{}.00", sent + 1));
}

fn command(emulator: &Emulator, table: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnop"));
    command.env_clear().current_dir(directory.path()).args(arguments).args(["--log", "error"]);
    command.args([
        "--store",
        "dynamodb",
        "--dynamodb-table",
        table,
        "--dynamodb-endpoint",
        &emulator.endpoint,
    ]);
    outcome(&mut command)
}

fn outcome(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn migrate_creates_a_table_once_and_checks_an_existing_one() {
    let Some(emulator) = Emulator::start() else { return };
    let (code, stdout, stderr) = command(&emulator, "fresh", &["migrate"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.contains("created") && stdout.contains("as the venue needs it"), "{stdout}");
    let (code, stdout, _) = command(&emulator, "fresh", &["migrate"]);
    assert_eq!(code, Some(0));
    assert!(!stdout.contains("created"), "{stdout}");
    let (code, _, stderr) = command(&emulator, "ab", &["migrate"]);
    assert_eq!(code, Some(1), "{stderr}");
}

/// Runs `cnop` on a data directory.
fn embedded(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnop"));
    command.env_clear().current_dir(directory).args(arguments).args(["--log", "error", "--data-dir", "data"]);
    outcome(&mut command)
}

/// A venue that moves to DynamoDB and back is the same: to the audit, and byte for byte. A server refuses what is half there.
#[tokio::test(flavor = "multi_thread")]
async fn a_venue_moves_into_dynamodb_and_back() {
    let Some(emulator) = Emulator::start() else { return };
    let app = TestApp::start().await;
    let trader = app.trader("grace_hopper").await;
    trader.deposit("5000").await;
    trader.buy("BTC", "1000").await;
    for percent in [50.0, 60.0, 70.0] {
        let price = trader.price_near("BTC", percent).await;
        let body =
            json!({ "order_type": "limit_buy", "asset_id": "BTC", "quantity": "0.001", "price": price });
        trader.create("/orders", &body).await;
    }
    let directory = app.stop().await;
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (first, second, third) = (path("first.cnop"), path("second.cnop"), path("third.cnop"));

    let audited = embedded(directory.path(), &["audit"]);
    assert_eq!(audited.0, Some(0), "{audited:?}");
    let (code, stdout, stderr) = embedded(directory.path(), &["export", &first]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert_eq!(embedded(directory.path(), &["export", &first]).0, Some(2), "a file is not overwritten");

    assert_eq!(command(&emulator, "moved", &["migrate"]).0, Some(0));
    let (code, _, stderr) = command(&emulator, "moved", &["import", &first]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(command(&emulator, "moved", &["audit"]), audited);
    let (code, _, stderr) = command(&emulator, "moved", &["import", &first]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("not empty"), "{stderr}");
    assert_eq!(command(&emulator, "moved", &["export", &second]).0, Some(0));

    let back = tempfile::tempdir().unwrap();
    let (code, _, stderr) = embedded(back.path(), &["import", &second]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(embedded(back.path(), &["audit"]), audited);
    assert_eq!(embedded(back.path(), &["export", &third]).0, Some(0));
    assert!(std::fs::read(&first).unwrap() == std::fs::read(&third).unwrap(), "an item has changed");
}
