//! Result of a transaction whose attempts fail in different ways, against a server with scripted answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use cnop_store::{Condition, Key, StoreError, Table as _, Write};
use cnop_store_dynamodb::{DynamoOptions, DynamoTable, DynamoTimeouts};
use cnop_testkit::{ManualClock, SeededEntropy};

/// Scripted answer of the server.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Done,
    /// Closes the connection: the outcome is unknown.
    Nothing,
    /// Keeps the connection and never answers, as a frozen process does.
    Silence,
    Throttled,
    Broken,
    Conflict,
}

impl Answer {
    fn text(self) -> Option<(u16, String)> {
        let error = |name: &str, rest: &str| {
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"told to"{rest}}}"#)
        };
        Some(match self {
            Self::Done => (200, "{}".to_owned()),
            Self::Nothing | Self::Silence => return None,
            Self::Throttled => (400, error("ThrottlingException", "")),
            Self::Broken => (500, error("InternalServerError", "")),
            Self::Conflict => {
                let reasons = r#","CancellationReasons":[{"Code":"ConditionalCheckFailed"}]"#;
                (400, error("TransactionCanceledException", reasons))
            }
        })
    }
}

/// Serves one answer a connection, and notes the name of each transaction.
fn serve(answers: Vec<Answer>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let names = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&names);
    thread::spawn(move || {
        let mut kept = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            let name = body.split(r#""ClientRequestToken":""#).nth(1).unwrap_or_default();
            seen.lock().unwrap().push(name.split('"').next().unwrap().to_owned());
            if matches!(answer, Answer::Silence) {
                kept.push(stream);
                continue;
            }
            if let Some((status, text)) = answer.text() {
                let length = text.len();
                let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n");
                let rest = format!("content-length: {length}\r\nconnection: close\r\n\r\n{text}");
                stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
            }
        }
    });
    (endpoint, names)
}

async fn connect(endpoint: String) -> DynamoTable {
    let table = "test".to_owned();
    let options = DynamoOptions { table, endpoint: Some(endpoint), ..DynamoOptions::default() };
    let clock = Arc::new(ManualClock::default());
    DynamoTable::connect(options, clock, Arc::new(SeededEntropy::new(1))).await.unwrap()
}

/// The end of one transaction, and the names of its attempts.
async fn transact(answers: &[Answer]) -> (Result<(), StoreError>, Vec<String>) {
    let (endpoint, names) = serve(answers.to_vec());
    let table = connect(endpoint).await;
    let write = Write::put(Key::new("p", "s"), "body", Condition::Absent);
    let end = table.transact(vec![write]).await;
    let names = names.lock().unwrap().clone();
    (end, names)
}

#[tokio::test]
async fn all_attempts_of_a_transaction_share_one_request_token() {
    use Answer::{Broken, Done, Nothing, Throttled};
    for answers in [
        &[Done][..],
        &[Throttled, Done],
        &[Nothing, Throttled, Done],
        &[Broken, Throttled, Nothing, Throttled, Done],
    ] {
        let (end, names) = transact(answers).await;
        end.unwrap();
        assert_eq!(names.len(), answers.len(), "{answers:?}");
        assert!(names.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}: {names:?}");
    }
}

/// The conflict may be with the transaction's own earlier attempt. A caller that sees "conflict" would decide
/// again and apply it twice.
#[tokio::test]
async fn a_conflict_after_a_possible_commit_has_an_unknown_outcome() {
    use Answer::{Broken, Conflict, Nothing, Throttled};
    for answers in [&[Conflict][..], &[Throttled, Conflict]] {
        let (end, _) = transact(answers).await;
        assert!(matches!(end, Err(StoreError::Conflict(_))), "{answers:?}: {end:?}");
    }
    for answers in [&[Nothing, Conflict][..], &[Broken, Throttled, Conflict]] {
        let (end, _) = transact(answers).await;
        assert!(matches!(end, Err(StoreError::Unavailable(_))), "{answers:?}: {end:?}");
    }
}

#[tokio::test]
async fn attempts_with_unknown_outcome_are_bounded() {
    let (end, names) = transact(&[Answer::Nothing; 4]).await;
    assert!(matches!(end, Err(StoreError::Unavailable(_))), "{end:?}");
    assert_eq!(names.len(), 3);
    let (end, names) = transact(&[Answer::Throttled; 9]).await;
    assert!(matches!(end, Err(StoreError::Busy)), "{end:?}");
    assert_eq!(names.len(), 8);
}

/// A hung DynamoDB let each write wait for 6 s. The outcome of a transaction that was sent is unknown, and all its attempts
/// have one name.
#[tokio::test]
async fn a_silent_server_is_given_up_within_the_time_of_the_operation() {
    let (endpoint, names) = serve(vec![Answer::Silence; 8]);
    let table = connect(endpoint).await;
    table.serve();
    let begun = Instant::now();
    let write = Write::put(Key::new("p", "s"), "body", Condition::Absent);
    let error = table.transact(vec![write]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(begun.elapsed() >= DynamoTimeouts::SERVING.attempt, "it waited for an answer");
    // Twice the time: a busy machine may run the test late, but not for 6 s as it did.
    assert!(begun.elapsed() < 2 * DynamoTimeouts::SERVING.operation, "{:?}", begun.elapsed());
    let sent = names.lock().unwrap().clone();
    assert!(sent.windows(2).all(|pair| pair[0] == pair[1]), "{sent:?}");

    let begun = Instant::now();
    let error = table.get(&Key::new("p", "s")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(begun.elapsed() < 2 * DynamoTimeouts::SERVING.operation, "{:?}", begun.elapsed());
}
