//! Live streams.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{PATIENCE, TestApp, Trader, expect};

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    id: Option<u64>,
    name: String,
    data: Value,
}

/// Reads an open stream event by event.
struct Reader {
    answer: Response,
    text: String,
}

impl Reader {
    async fn open(trader: &Trader<'_>, topics: &str, last_event_id: Option<&str>) -> Self {
        let mut request = trader.request(reqwest::Method::GET, &format!("/stream?topics={topics}"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new() }
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let frame = frame.to_owned();
                self.text = rest.to_owned();
                if frame.starts_with(':') {
                    continue;
                }
                let field = |name: &str| {
                    frame.lines().find_map(|line| line.strip_prefix(name)).map(ToOwned::to_owned)
                };
                return Some(Message {
                    id: field("id: ").map(|id| id.parse().unwrap()),
                    name: field("event: ").unwrap(),
                    data: serde_json::from_str(&field("data: ").unwrap()).unwrap(),
                });
            }
            let chunk = timeout(PATIENCE, self.answer.chunk()).await.expect("the stream is silent");
            self.text.push_str(std::str::from_utf8(&chunk.ok()??).unwrap());
        }
    }

    /// The next event of the account.
    async fn account(&mut self) -> Message {
        loop {
            let message = self.next().await.expect("the stream ended");
            if message.id.is_some() || message.name == "resync" {
                return message;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_then_every_event_in_order() {
    let app = TestApp::start().await;
    let trader = app.trader("streamer").await;
    let mut reader = Reader::open(&trader, "account,prices:BTC", None).await;
    let snapshot = reader.account().await;
    assert_eq!(
        (snapshot.name.as_str(), snapshot.data["balance"]["available"].as_str()),
        ("snapshot", Some("0.00"))
    );
    let mut seq = snapshot.id.unwrap();
    trader.deposit("100").await;
    trader.buy("BTC", "50").await;
    for name in ["transfer.settled", "order.filled"] {
        let event = reader.account().await;
        seq += 1;
        assert_eq!((event.name.as_str(), event.id, &event.data["seq"]), (name, Some(seq), &json!(seq)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_loses_nothing() {
    let app = TestApp::start().await;
    let trader = app.trader("resumer").await;
    let mut reader = Reader::open(&trader, "account", None).await;
    let seen = reader.account().await.id.unwrap();
    drop(reader);
    for _ in 0..25 {
        trader.deposit("1").await;
    }
    let mut reader = Reader::open(&trader, "account", Some(&seen.to_string())).await;
    for number in 1..=25 {
        let event = reader.account().await;
        assert_eq!((event.id, event.name.as_str()), (Some(seen + number), "transfer.settled"));
    }
    trader.deposit("1").await;
    assert_eq!(reader.account().await.id, Some(seen + 26));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_starts_anew() {
    let app = TestApp::start().await;
    let trader = app.trader("resyncer").await;
    for unknown in ["999999", "-1", "yesterday"] {
        let mut reader = Reader::open(&trader, "account", Some(unknown)).await;
        assert_eq!(reader.account().await.name, "resync");
        assert_eq!(reader.account().await.name, "snapshot");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_under_load_have_no_gap() {
    let app = TestApp::start().await;
    let trader = app.trader("gapless").await;
    let mut reader = Reader::open(&trader, "account", None).await;
    let first = reader.account().await.id.unwrap();
    let deposits = futures::future::join_all((0..100).map(|_| trader.deposit("1")));
    let read = async {
        for number in 1..=100 {
            assert_eq!(reader.account().await.id, Some(first + number));
        }
    };
    tokio::join!(deposits, read);
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_begin_with_all_that_was_asked() {
    let app = TestApp::start().await;
    let trader = app.trader("watcher").await;
    let mut all = Reader::open(&trader, "prices:*", None).await;
    let first = all.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.id), ("prices", None));
    assert!(first.data["prices"].as_array().unwrap().len() >= 120);
    assert_eq!(all.next().await.unwrap().name, "prices");
    let mut some = Reader::open(&trader, "prices:BTC,ETH,system", None).await;
    let mut names = Vec::new();
    for _ in 0..2 {
        let message = some.next().await.unwrap();
        if message.name == "prices" {
            let assets: Vec<&str> = message.data["prices"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tick| tick["a"].as_str().unwrap())
                .collect();
            assert_eq!(assets, ["BTC", "ETH"]);
        }
        names.push(message.name);
    }
    assert!(names.contains(&"prices".to_owned()) && names.contains(&"system".to_owned()), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_ends_the_stream() {
    let app = TestApp::start().await;
    let trader = app.trader("leaver_1").await;
    let mut reader = Reader::open(&trader, "account", None).await;
    reader.account().await;
    let answer = trader.request(reqwest::Method::POST, "/auth/logout").send().await.unwrap();
    expect(answer, StatusCode::OK).await;
    assert_eq!(timeout(std::time::Duration::from_secs(1), reader.next()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_is_told_and_ends_the_stream() {
    let mut app = TestApp::start().await;
    let mut reader = {
        let trader = app.trader("drained_1").await;
        Reader::open(&trader, "account,prices:BTC,system", None).await
    };
    assert_eq!(reader.account().await.name, "snapshot");
    app.drain();
    let mut last = String::new();
    while let Some(message) = reader.next().await {
        last = message.name;
    }
    assert_eq!(last, "server.draining");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_an_account_are_bounded() {
    let app = TestApp::start().await;
    let trader = app.trader("hoarder_1").await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Reader::open(&trader, "system", None).await);
    }
    let answer = trader.request(reqwest::Method::GET, "/stream?topics=system").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
}
