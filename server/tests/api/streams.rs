//! Server-sent events of the streams.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{PATIENCE, RequestExt, TestApp, Trader, text};

/// Names of implied events.
const VIEWS: [&str; 3] = ["order.accepted", "balance.changed", "position.changed"];

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
        let answer = request.open().await;
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

    /// The next message about the account, with an id or without.
    async fn account(&mut self) -> Message {
        loop {
            let message = self.next().await.expect("the stream ended");
            if message.name != "prices" && message.name != "system" {
                return message;
            }
        }
    }

    /// The next numbered event of the account; events without an id are implied.
    async fn logged(&mut self) -> Message {
        loop {
            let message = self.account().await;
            if message.id.is_some() {
                return message;
            }
            assert!(VIEWS.contains(&message.name.as_str()), "{message:?}");
        }
    }

    /// Every message about the account until one with this name, which is the last.
    async fn until(&mut self, name: &str) -> Vec<Message> {
        let mut messages = vec![self.account().await];
        while messages.last().is_some_and(|message| message.name != name) {
            messages.push(self.account().await);
        }
        messages
    }

    /// The names of those messages.
    async fn names_until(&mut self, name: &str) -> Vec<String> {
        self.until(name).await.into_iter().map(|message| message.name).collect()
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
    assert_eq!(reader.account().await.name, "balance.changed");
    let event = reader.account().await;
    seq += 1;
    assert_eq!(
        (event.name.as_str(), event.id, &event.data["seq"]),
        ("transfer.settled", Some(seq), &json!(seq))
    );
    let accepted = reader.account().await;
    assert_eq!((accepted.name.as_str(), accepted.id), ("order.accepted", None));
    assert_eq!((&accepted.data["seq"], &accepted.data["name"]), (&json!(seq), &json!("order.accepted")));
    assert_eq!(
        (&accepted.data["order"]["status"], &accepted.data["order"]["filled_quantity"]),
        (&json!("working"), &json!("0"))
    );
    for name in ["balance.changed", "position.changed"] {
        let view = reader.account().await;
        assert_eq!((view.name.as_str(), view.id), (name, None));
    }
    let event = reader.account().await;
    seq += 1;
    assert_eq!((event.name.as_str(), event.id, &event.data["seq"]), ("order.filled", Some(seq), &json!(seq)));
    assert_eq!(event.data["order"]["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_an_order_has_its_name_and_its_place() {
    let rich = ["--order-notional-max", "1000000", "--daily-deposit-limit", "1000000"];
    let app = TestApp::start_with(&rich).await;
    let trader = app.trader("all_names").await;
    let mut reader = Reader::open(&trader, "account", None).await;
    assert_eq!(reader.account().await.name, "snapshot");
    trader.deposit("900000").await;
    assert_eq!(reader.names_until("transfer.settled").await, ["balance.changed", "transfer.settled"]);

    // It rests, changes and ends, each in its own event.
    let resting = json!({ "order_type": "limit_buy", "asset_id": "BTC", "quantity": "0.01",
        "price": trader.price_near("BTC", 90.0).await });
    let order = trader.create("/orders", &resting).await;
    let messages = reader.until("order.accepted").await;
    assert_eq!((messages[0].name.as_str(), messages.len()), ("balance.changed", 2));
    assert!(messages[1].id.is_some(), "an order that rests is an event of the log");
    let path = format!("/orders/{}", text(&order, "order_id"));
    trader.patch(&path, &json!({ "quantity": "0.02" })).await.expect(StatusCode::OK);
    assert_eq!(reader.names_until("order.replaced").await, ["balance.changed", "order.replaced"]);
    trader.delete(&path).await.expect(StatusCode::OK);
    let canceled = reader.until("order.canceled").await;
    assert_eq!((canceled.len(), &canceled[1].data["reason"]), (2, &json!("user")));

    // The part that does not fill at once expires.
    let mut now_or_never = resting;
    now_or_never["time_in_force"] = json!("ioc");
    trader.create("/orders", &now_or_never).await;
    assert_eq!(
        reader.names_until("order.expired").await,
        ["balance.changed", "order.accepted", "balance.changed", "order.expired"]
    );

    // A purchase over many quotes: its exits become active with its first part, and grow.
    let last: f64 = trader.price_near("UMA", 100.0).await.parse().unwrap();
    let purchase = json!({ "order_type": "limit_buy", "asset_id": "UMA",
        "quantity": format!("{:.0}", 100_000.0 / last), "price": trader.price_near("UMA", 110.0).await,
        "take_profit": { "price": trader.price_near("UMA", 200.0).await },
        "stop_loss": { "stop_price": trader.price_near("UMA", 50.0).await } });
    let entry = text(&trader.create("/orders", &purchase).await, "order_id");
    let messages = reader.until("order.partially_filled").await;
    let names: Vec<&str> = messages.iter().map(|message| message.name.as_str()).collect();
    assert_eq!(names, ["order.accepted", "balance.changed", "position.changed", "order.partially_filled"]);
    assert_eq!(messages[0].id, None);
    let messages = reader.until("order.filled").await;
    assert_eq!(messages.last().unwrap().data["order"]["order_id"], entry.as_str());
    let first = |name: &str, reason: &str| {
        messages.iter().position(|it| it.name == name && it.data["reason"] == reason)
    };
    let (sized, active) = (first("order.replaced", "entry_fill"), first("order.triggered", "parent_filled"));
    assert!(sized.is_some() && sized < active, "{messages:?}");

    // A price triggers one of the two; the fill of the third activates its exit.
    trader.buy("BTC", "5000").await;
    for (kind, percent) in [("stop", 99.99), ("take_profit", 100.01)] {
        loop {
            let body = json!({ "side": "sell", "type": kind, "asset_id": "BTC", "quantity": "0.01",
                "stop_price": trader.price_near("BTC", percent).await });
            let answer = trader.post("/orders", &body).await;
            if answer.status() == StatusCode::CREATED {
                break;
            }
            assert_eq!(answer.refusal().1, "order.would_trigger");
        }
    }
    let messages = reader.until("order.triggered").await;
    let triggered = messages.last().unwrap();
    assert!(triggered.id.is_some() && triggered.data.get("reason").is_none(), "{triggered:?}");
    let filled = reader.until("order.filled").await;
    assert_eq!(filled.last().unwrap().data["order"]["order_id"], triggered.data["order"]["order_id"]);
    let with_exit = json!({ "order_type": "market_buy", "asset_id": "ETH", "quote_quantity": "500",
        "stop_loss": { "trail_bps": 500 } });
    trader.create("/orders", &with_exit).await;
    let messages = reader.until("order.triggered").await;
    assert_eq!(messages.last().unwrap().data["reason"], "parent_filled");
    assert_eq!(messages.last().unwrap().data["order"]["type"], "trailing_stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_has_the_time_of_its_last_fill() {
    let rich = ["--order-notional-max", "1000000", "--daily-deposit-limit", "1000000"];
    let app = TestApp::start_with(&rich).await;
    let trader = app.trader("historian").await;
    trader.deposit("900000").await;
    let last: f64 = trader.price_near("UMA", 100.0).await.parse().unwrap();
    let body = json!({ "order_type": "limit_buy", "asset_id": "UMA",
        "quantity": format!("{:.0}", 500_000.0 / last), "price": trader.price_near("UMA", 110.0).await });
    let path = format!("/orders/{}", text(&trader.create("/orders", &body).await, "order_id"));
    // Far from the market it does not fill.
    let change = json!({ "price": trader.price_near("UMA", 50.0).await });
    let order = trader.patch(&path, &change).await.expect(StatusCode::OK)["data"].clone();
    assert_eq!(order["status"], "partially_filled");
    let rows = trader.get("/assets/UMA/transactions").await["data"].clone();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["quantity"]), (1, &order["filled_quantity"]));
    assert!(text(&rows[0], "timestamp") < text(&order, "updated_at"), "{rows} {order}");
    trader.delete(&path).await.expect(StatusCode::OK);
    assert_eq!(trader.get("/assets/UMA/transactions").await["data"], rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_missed_events_are_replayed() {
    let app = TestApp::start().await;
    let trader = app.trader("traveller").await;
    let mut reader = Reader::open(&trader, "account", None).await;
    let seen = reader.account().await.id.unwrap();
    drop(reader);
    for _ in 0..21 {
        futures::future::join_all((0..50).map(|_| trader.deposit("1"))).await;
    }
    let mut reader = Reader::open(&trader, "account", Some(&seen.to_string())).await;
    for number in 1..=1_050 {
        assert_eq!(reader.logged().await.id, Some(seen + number));
    }
    trader.deposit("1").await;
    assert_eq!(reader.logged().await.id, Some(seen + 1_051));
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_a_stream_loses_no_event() {
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
        let event = reader.logged().await;
        assert_eq!((event.id, event.name.as_str()), (Some(seen + number), "transfer.settled"));
    }
    trader.deposit("1").await;
    assert_eq!(reader.logged().await.id, Some(seen + 26));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_last_event_id_starts_with_a_new_snapshot() {
    let app = TestApp::start().await;
    let trader = app.trader("resyncer").await;
    for unknown in ["999999", "-1", "yesterday"] {
        let mut reader = Reader::open(&trader, "account", Some(unknown)).await;
        assert_eq!(reader.account().await.name, "resync");
        assert_eq!(reader.account().await.name, "snapshot");
    }
}

/// The number of one account's event means another event in the next account: a tab that reconnected after somebody
/// else had signed in would go on with their events, and show their money as its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_names_its_account_and_is_refused_to_another() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.trader("stream_ada").await, app.trader("stream_grace").await);
    let mut accounts = Vec::new();
    for trader in [&ada, &grace] {
        let mut reader = Reader::open(trader, "account", None).await;
        let snapshot = reader.account().await;
        accounts.push((snapshot.data["account"].as_str().unwrap().to_owned(), snapshot.id.unwrap()));
    }
    assert_ne!(accounts[0].0, accounts[1].0);
    let (account, seq) = &accounts[0];
    let topics = format!("account&account={account}");
    let request = grace.request(reqwest::Method::GET, &format!("/stream?topics={topics}"));
    let refusal = request.header("last-event-id", seq.to_string()).answer().await.refusal();
    assert_eq!(refusal, (409, "auth.other_account".to_owned(), None));
    ada.deposit("1").await;
    let mut reader = Reader::open(&ada, &topics, Some(&seq.to_string())).await;
    assert_eq!(reader.logged().await.name, "transfer.settled");
    // A number beyond the other account's log is none of its events.
    let beyond = (accounts[0].1.max(accounts[1].1) + 1).to_string();
    let mut reader = Reader::open(&grace, "account", Some(&beyond)).await;
    assert_eq!(reader.account().await.name, "resync");
    assert_eq!(reader.account().await.data["account"].as_str(), Some(accounts[1].0.as_str()));
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
            assert_eq!(reader.logged().await.id, Some(first + number));
        }
    };
    tokio::join!(deposits, read);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_stream_begins_with_all_requested_assets() {
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
    trader.sign_out().await.expect(StatusCode::OK);
    assert_eq!(timeout(std::time::Duration::from_secs(1), reader.next()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_sends_an_event_and_ends_the_stream() {
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
    let answer = trader.try_get("/stream?topics=system").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
}
