//! Conformance of the DynamoDB adapter.
//!
//! Needs a DynamoDB Local whose address is in `CNOP_TEST_DYNAMODB`, for example `http://127.0.0.1:8000`
//! (`scripts/dynamodb-local.sh start 8000`). Without it the tests are skipped, or fail where they must run:
//! when `CI` or `CNOP_REQUIRE_DYNAMODB` is set.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "this is test code")]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use cnop_store::{Condition, Key, StoreError, Table, TableQuery, Write};
use cnop_store_dynamodb::{AwsCredentials, DynamoOptions, DynamoTable, SPREAD_PARTS, TableError};
use cnop_testkit::conformance::Fixture;
use cnop_testkit::{ManualClock, SeededEntropy};

const ENDPOINT_VARIABLE: &str = "CNOP_TEST_DYNAMODB";

fn endpoint() -> Option<String> {
    if let Some(endpoint) = std::env::var(ENDPOINT_VARIABLE).ok().filter(|endpoint| !endpoint.is_empty()) {
        return Some(endpoint);
    }
    let is_required = ["CI", "CNOP_REQUIRE_DYNAMODB"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!is_required, "{ENDPOINT_VARIABLE} must name a DynamoDB Local, which this run requires");
    eprintln!("skipped: set {ENDPOINT_VARIABLE} to the address of a DynamoDB Local to run this test");
    None
}

/// A name that no other test and no earlier run has.
fn table_name() -> (String, u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = u64::try_from(now.as_nanos()).unwrap() ^ (u64::from(std::process::id()) << 40);
    (format!("test-{seed:016x}"), seed)
}

async fn connect(endpoint: String, table: String, seed: u64, clock: Arc<ManualClock>) -> DynamoTable {
    connect_spread(endpoint, table, seed, clock, &[]).await
}

async fn connect_spread(
    endpoint: String,
    table: String,
    seed: u64,
    clock: Arc<ManualClock>,
    spread_prefixes: &'static [&'static str],
) -> DynamoTable {
    let options =
        DynamoOptions { table, endpoint: Some(endpoint), spread_prefixes, ..DynamoOptions::default() };
    DynamoTable::connect(options, clock, Arc::new(SeededEntropy::new(seed))).await.unwrap()
}

/// 2100-01-01T00:00:00Z, in µs since 1970.
const YEAR_2100_US: i64 = 4_102_444_800_000_000;

async fn fixture() -> Option<Fixture> {
    let endpoint = endpoint()?;
    let (name, seed) = table_name();
    // DynamoDB itself removes items that are expired by its own clock: the test's clock is ahead of it.
    let clock = Arc::new(ManualClock::new(YEAR_2100_US));
    let table = connect(endpoint, name, seed, clock.clone()).await;
    table.table_create_if_missing().await.unwrap();
    Some(Fixture::new(Arc::new(table), clock, ()))
}

cnop_testkit::conformance_tests!(fixture);

/// The same table with every partition spread: the port must not show it.
mod spread {
    use super::*;

    async fn fixture() -> Option<Fixture> {
        let endpoint = endpoint()?;
        let (name, seed) = table_name();
        let clock = Arc::new(ManualClock::new(YEAR_2100_US));
        let table = connect_spread(endpoint, name, seed, clock.clone(), &[""]).await;
        table.table_create_if_missing().await.unwrap();
        table.layout_load().await.unwrap();
        Some(Fixture::new(Arc::new(table), clock, ()))
    }

    cnop_testkit::conformance_tests!(fixture);
}

/// A table that is older than the spread is used as it is. Its items move and move back, and an interrupted move is not
/// served.
#[tokio::test]
async fn items_move_to_another_number_of_parts_and_back() {
    let Some(endpoint) = endpoint() else { return };
    let (name, seed) = table_name();
    let clock = Arc::new(ManualClock::new(YEAR_2100_US));
    let table = connect_spread(endpoint.clone(), name.clone(), seed, clock.clone(), &["B#"]).await;
    table.table_create_if_missing().await.unwrap();
    // As servers do that start at once on an empty table: they agree.
    let (first, second) = tokio::join!(table.layout_settle(), table.layout_settle());
    first.and(second).unwrap();
    assert_eq!(table.layout_move(1).await.unwrap(), 0);
    for number in 0..60 {
        let key = Key::new("B#BTC", format!("O#{number:02}"));
        table.transact(vec![Write::put(key, vec![number], Condition::Absent)]).await.unwrap();
    }
    table.transact(vec![Write::put(Key::new("A#1", "HEAD"), "head", Condition::Absent)]).await.unwrap();
    let query = TableQuery::prefix("B#BTC", "O#", 100);
    let before = table.query(&query).await.unwrap();
    assert_eq!(before.items.len(), 60);
    assert_eq!(table.layout_move(SPREAD_PARTS).await.unwrap(), 60);
    assert_eq!(table.query(&query).await.unwrap(), before);
    assert_eq!(table.layout_move(SPREAD_PARTS).await.unwrap(), 0);
    // An older program, or one that has not read the layout, sees none of them.
    let other = connect_spread(endpoint, name, seed + 1, clock, &["B#"]).await;
    assert_eq!(other.query(&query).await.unwrap().items.len(), 0);
    other.layout_settle().await.unwrap();
    assert_eq!(other.query(&query).await.unwrap(), before);
    // Those whose part has the same number stay.
    assert_eq!(other.layout_move(3).await.unwrap(), 52);
    assert_eq!(other.layout_move(1).await.unwrap(), 60);
    assert_eq!(other.query(&query).await.unwrap(), before);
    assert!(other.get(&Key::new("A#1", "HEAD")).await.unwrap().is_some());
}

/// A missing table is named; creating it twice is creating it once.
#[tokio::test]
async fn table_is_created_once() {
    let Some(endpoint) = endpoint() else { return };
    let (name, seed) = table_name();
    let table = connect(endpoint, name.clone(), seed, Arc::default()).await;
    let error = table.table_check().await.unwrap_err();
    assert!(matches!(&error, TableError::Missing(missing) if *missing == name), "{error}");
    let (first, second) = tokio::join!(table.table_create_if_missing(), table.table_create_if_missing());
    first.unwrap();
    second.unwrap();
    table.table_check().await.unwrap();
    table.transact(vec![Write::put(Key::new("p", "a"), "", Condition::Absent)]).await.unwrap();
    table.table_create_if_missing().await.unwrap();
    assert!(table.get(&Key::new("p", "a")).await.unwrap().is_some());
}

/// An unreachable endpoint gives an error in bounded time, with a reason and without secrets.
#[tokio::test]
async fn unreachable() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = DynamoOptions {
        table: "test".to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        region: Some("eu-central-1".to_owned()),
        credentials: Some(AwsCredentials {
            access_key_id: "id".to_owned(),
            secret_access_key: "hidden".to_owned(),
            session_token: None,
        }),
        ..DynamoOptions::default()
    };
    let clock = Arc::new(ManualClock::default());
    let table = DynamoTable::connect(options, clock, Arc::new(SeededEntropy::new(1))).await.unwrap();
    let error = table.transact(vec![Write::put(Key::new("p", "a"), "", Condition::Any)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hidden"));
    assert!(matches!(table.get(&Key::new("p", "a")).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(table.table_check().await, Err(TableError::Failed(_))));
}
