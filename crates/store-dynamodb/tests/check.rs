//! Properties of a table that an operator made, against a server that describes it by script.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use cnop_store_dynamodb::{DynamoOptions, DynamoTable, TableError, TableFaultKind};
use cnop_testkit::{ManualClock, SeededEntropy};

/// Answers by operation: status and body.
type Script = HashMap<&'static str, (u16, String)>;

fn error(code: &str) -> (u16, String) {
    (400, format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"told to"}}"#))
}

fn described(pk: &str, billing: &str) -> (u16, String) {
    let body = format!(
        r#"{{"Table":{{"TableName":"test","TableStatus":"ACTIVE",
        "KeySchema":[{{"AttributeName":"{pk}","KeyType":"HASH"}},{{"AttributeName":"sk","KeyType":"RANGE"}}],
        "AttributeDefinitions":[{{"AttributeName":"{pk}","AttributeType":"S"}},{{"AttributeName":"sk","AttributeType":"S"}}],
        "BillingModeSummary":{{"BillingMode":"{billing}"}}}}}}"#
    );
    (200, body)
}

fn expiry(status: &str, attribute: &str) -> (u16, String) {
    let attribute =
        if attribute.is_empty() { String::new() } else { format!(r#","AttributeName":"{attribute}""#) };
    (200, format!(r#"{{"TimeToLiveDescription":{{"TimeToLiveStatus":"{status}"{attribute}}}}}"#))
}

fn recovery(status: &str) -> (u16, String) {
    let body = format!(
        r#"{{"ContinuousBackupsDescription":{{"ContinuousBackupsStatus":"ENABLED",
        "PointInTimeRecoveryDescription":{{"PointInTimeRecoveryStatus":"{status}"}}}}}}"#
    );
    (200, body)
}

/// A table as the venue needs it.
fn sound() -> Script {
    HashMap::from([
        ("DescribeTable", described("pk", "PAY_PER_REQUEST")),
        ("DescribeTimeToLive", expiry("ENABLED", "x")),
        ("DescribeContinuousBackups", recovery("ENABLED")),
        ("TransactWriteItems", (200, "{}".to_owned())),
        ("GetItem", (200, "{}".to_owned())),
        ("BatchGetItem", (200, r#"{"Responses":{},"UnprocessedKeys":{}}"#.to_owned())),
        ("Query", (200, r#"{"Items":[],"Count":0}"#.to_owned())),
    ])
}

fn answer(stream: &mut TcpStream, script: &Script) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut length, mut operation) = (0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim();
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "x-amz-target" => operation = value.rsplit('.').next().unwrap().to_owned(),
                _ => {}
            }
            if line.is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let (status, body) =
            script.get(operation.as_str()).cloned().unwrap_or_else(|| error("UnknownOperationException"));
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n");
        let rest = format!("content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(format!("{head}{rest}").as_bytes()).ok()?;
    }
}

async fn table(script: Script) -> DynamoTable {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let script = Arc::new(script);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let script = Arc::clone(&script);
            thread::spawn(move || answer(&mut stream.unwrap(), &script));
        }
    });
    let options =
        DynamoOptions { table: "test".to_owned(), endpoint: Some(endpoint), ..DynamoOptions::default() };
    DynamoTable::connect(options, Arc::new(ManualClock::default()), Arc::new(SeededEntropy::new(1)))
        .await
        .unwrap()
}

async fn kinds(script: Script) -> Vec<TableFaultKind> {
    table(script).await.table_faults().await.unwrap().into_iter().map(|fault| fault.kind).collect()
}

#[tokio::test]
async fn a_sound_table_has_no_fault_and_serves() {
    assert_eq!(kinds(sound()).await, []);
    table(sound()).await.table_check_for_serving().await.unwrap();
    // DynamoDB Local knows no backups, and the policy of a server may not let it ask.
    for code in ["UnknownOperationException", "AccessDeniedException"] {
        let mut script = sound();
        script.insert("DescribeContinuousBackups", error(code));
        assert_eq!(kinds(script).await, [], "{code}");
    }
}

/// On an operator's table without time to live, answers of idempotency keys were never removed, and nothing said so.
#[tokio::test]
async fn each_fault_is_named_with_its_remedy() {
    use TableFaultKind::{Billing, Expiry, OtherExpiry, Recovery};
    for (operation, answer, kind, is_severe) in [
        ("DescribeTimeToLive", expiry("DISABLED", ""), Expiry, true),
        ("DescribeTimeToLive", expiry("ENABLED", "ttl"), OtherExpiry, true),
        ("DescribeContinuousBackups", recovery("DISABLED"), Recovery, false),
        ("DescribeTable", described("pk", "PROVISIONED"), Billing, false),
    ] {
        let mut script = sound();
        script.insert(operation, answer);
        let table = table(script).await;
        let faults = table.table_faults().await.unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].kind, kind);
        assert!(faults[0].sentence.contains("`test`") && faults[0].sentence.contains(';'), "{faults:?}");
        let served = table.table_check_for_serving().await;
        assert_eq!(served.is_err(), is_severe, "{served:?}");
    }
}

#[tokio::test]
async fn other_keys_and_a_missing_table_are_refused() {
    let mut script = sound();
    script.insert("DescribeTable", described("id", "PAY_PER_REQUEST"));
    assert!(matches!(table(script).await.table_check_for_serving().await, Err(TableError::OtherKeys(_))));
    let mut script = sound();
    script.insert("DescribeTable", error("ResourceNotFoundException"));
    assert!(matches!(table(script).await.table_check_for_serving().await, Err(TableError::Missing(_))));
}

/// A server without the right to write started, and refused every command of its traders.
#[tokio::test]
async fn credentials_that_may_not_write_or_read_are_refused_in_one_sentence() {
    for operation in ["TransactWriteItems", "GetItem", "BatchGetItem", "Query"] {
        let mut script = sound();
        script.insert(operation, error("AccessDeniedException"));
        let refused = table(script).await.table_check_for_serving().await.unwrap_err();
        assert!(matches!(refused, TableError::Denied { .. }), "{refused:?}");
        let sentence = refused.to_string();
        assert!(sentence.contains("allow") && !sentence.contains('\n'), "{sentence}");
    }
}
