//! Price alerts fire once.

use cnop_api::events::{AccountEvent, EventName};
use cnop_api::trading::{AlertDirection, AlertRequest, AlertStatus, AlertView};
use cnop_api::{Caller, Code, Problem};
use cnop_store::{Condition, Key, TableQuery, Write};

use super::{Cluster, Server, refused};
use crate::alerts::ALERTS_MAX;
use crate::error::Error;
use crate::ledger::audit;

pub(super) fn alert(asset: &str, price: &str) -> AlertRequest {
    AlertRequest { asset_id: asset.to_owned(), price: price.into(), direction: None, note: None }
}

impl Server {
    pub(super) async fn alert(&self, caller: &Caller, asset: &str, price: &str) -> AlertView {
        self.alerts.create(caller, alert(asset, price), None).await.unwrap()
    }

    /// The account's events whose name has this prefix.
    pub(super) async fn events_named(&self, caller: &Caller, name: &str) -> Vec<AccountEvent> {
        let mut events = self.ledger.events_after(&caller.account_id, 0, 1_000).await.unwrap();
        events.retain(|event| event.name.as_str().starts_with(name));
        events
    }
}

#[tokio::test]
async fn an_alert_fires_once_on_the_stream_and_is_done() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let request = AlertRequest { note: Some(" sell some ".to_owned()), ..alert("btc", "63000") };
    let above = server.alerts.create(&caller, request, None).await.unwrap();
    assert_eq!((above.direction.as_str(), above.status.as_str()), ("above", "waiting"));
    assert_eq!(above.note.as_deref(), Some("sell some"));
    assert!(above.alert_id.to_string().len() == 30);
    let below = server.alert(&caller, "BTC", "60000").await;
    assert_eq!(below.direction, AlertDirection::Below);
    assert_eq!(server.engine.tick().await.alerts, 0);
    cluster.books_agree().await;

    cluster.price_set("BTC", "62999.90");
    assert_eq!(server.engine.tick().await.alerts, 0);
    cluster.price_set("BTC", "63500");
    assert_eq!(server.engine.tick().await.alerts, 1);
    for price in ["63600", "62000", "64000"] {
        cluster.price_set("BTC", price);
        assert_eq!(server.engine.tick().await.alerts, 0);
    }
    let events = server.events_named(&caller, "alert.fired").await;
    assert_eq!(events.len(), 1);
    let fired = events[0].alert.clone().unwrap();
    assert_eq!((events[0].name.as_str(), fired.status.as_str()), ("alert.fired", "fired"));
    assert_eq!(fired.fired_price.unwrap().to_string(), "63500.00");
    assert_eq!(server.alerts.list(&caller).await.unwrap(), [below.clone(), fired.clone()], "newest first");
    assert_eq!(server.engine.resting(), 1);

    server.alerts.delete(&caller, fired.alert_id, None).await.unwrap();
    server.alerts.delete(&caller, below.alert_id, None).await.unwrap();
    refused(server.alerts.delete(&caller, below.alert_id, None).await, Code::AlertNotFound);
    cluster.price_set("BTC", "59000");
    assert_eq!((server.engine.tick().await.alerts, server.engine.resting()), (0, 0));
    assert_eq!(server.events_named(&caller, "alert.fired").await, events, "the log goes on telling of it");
    cluster.books_agree().await;
}

#[tokio::test]
async fn alerts_wait_again_after_a_restart_and_what_was_missed_fires_at_the_first_quote() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.alert(&caller, "BTC", "63000").await;
    let fired = server.alert(&caller, "BTC", "62500").await;
    cluster.price_set("BTC", "62500");
    server.engine.tick().await;
    let order = super::order("stop_buy", "BTC", "0.01", None, Some("64000"));
    server.place(&caller, order).await;
    drop(server);

    cluster.price_set("BTC", "63200");
    let server = cluster.server();
    assert_eq!(server.engine.rebuild().await.unwrap(), 2);
    assert_eq!(server.engine.rebuild().await.unwrap(), 2, "once more changes nothing");
    let report = server.engine.tick().await;
    assert_eq!((report.alerts, report.triggered, report.failed), (1, 0, 0));
    let events = server.events_named(&caller, "alert.fired").await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].alert.as_ref().unwrap().alert_id, fired.alert_id);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_level_that_is_reached_or_impossible_is_refused_with_the_nearest() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let directed = |price: &str, direction: &str| AlertRequest {
        direction: Some(direction.to_owned()),
        ..alert("BTC", price)
    };
    let faults = |result: Result<AlertView, Error>, code| -> Problem {
        let problem = refused(result, code);
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("#/price"), "{problem:?}");
        problem
    };
    for (request, nearest) in [
        (alert("BTC", "62000"), "62000.10"),
        (directed("61000", "above"), "62000.10"),
        (directed("63000", "below"), "61999.90"),
    ] {
        let problem = faults(server.alerts.create(&caller, request, None).await, Code::OrderWouldTrigger);
        assert_eq!(problem.errors[0].nearest, [nearest]);
        let sentence =
            format!("The last price 62000.00 USD has reached this level already. Nearest: {nearest}.");
        assert_eq!((&problem.detail, &problem.errors[0].detail), (&sentence, &sentence));
    }
    for (price, code) in [
        ("63000.05", Code::OrderTickSize),
        ("620001", Code::OrderPriceBand),
        ("0", Code::RequestInvalid),
        ("-5", Code::RequestInvalid),
        ("1e5", Code::RequestInvalid),
    ] {
        faults(server.alerts.create(&caller, alert("BTC", price), None).await, code);
    }
    let all = AlertRequest {
        direction: Some("up".to_owned()),
        note: Some("n".repeat(201)),
        ..alert("NOSUCH", "a lot")
    };
    let problem = refused(server.alerts.create(&caller, all, None).await, Code::RequestInvalid);
    let named: Vec<_> = problem.errors.iter().filter_map(|error| error.member()).collect();
    assert_eq!(named, ["asset_id", "price", "direction", "note"]);
    cluster.market.tradable_set("BTC".parse().unwrap(), false);
    refused(server.alerts.create(&caller, alert("BTC", "63000"), None).await, Code::AssetNotTradable);
    assert!(server.alerts.list(&caller).await.unwrap().is_empty());
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_full_list_makes_room_by_what_has_fired() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    for number in 0..ALERTS_MAX {
        server.alert(&caller, "BTC", &(70_000 - number).to_string()).await;
    }
    let more = server.alerts.create(&caller, alert("BTC", "63000"), None).await;
    refused(more, Code::AlertTooMany);
    cluster.price_set("BTC", "69902");
    assert_eq!(server.engine.tick().await.alerts, 2);
    let newest = server.alert(&caller, "BTC", "71000").await;
    let list = server.alerts.list(&caller).await.unwrap();
    assert_eq!((list.len(), &list[0]), (ALERTS_MAX, &newest));
    assert_eq!(list.iter().filter(|alert| alert.status == AlertStatus::Fired).count(), 1);
    assert!(list.windows(2).all(|pair| pair[0].alert_id > pair[1].alert_id));
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_repeated_key_makes_one_alert_that_other_accounts_cannot_see() {
    let cluster = Cluster::new();
    let (server, owner, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    let key = || Some("once".parse().unwrap());
    let first = server.alerts.create(&owner, alert("BTC", "63000"), key()).await.unwrap();
    cluster.price_set("BTC", "64000");
    let again = cluster.server().alerts.create(&owner, alert("BTC", "63000"), key()).await.unwrap();
    assert_eq!(first, again);
    let another = server.alerts.create(&owner, alert("BTC", "65000"), key()).await;
    refused(another, Code::IdempotencyKeyReused);
    assert_eq!(server.alerts.list(&owner).await.unwrap().len(), 1);
    assert!(server.alerts.list(&other).await.unwrap().is_empty());
    refused(server.alerts.delete(&other, first.alert_id, None).await, Code::AlertNotFound);
    let unknown = "alr_00000000000000000000000001".parse().unwrap();
    refused(server.alerts.delete(&owner, unknown, None).await, Code::AlertNotFound);
}

#[tokio::test]
async fn the_audit_finds_an_alert_that_is_out_of_step() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let fired = server.alert(&caller, "BTC", "63000").await;
    cluster.price_set("BTC", "63000");
    server.engine.tick().await;
    let waits = server.alert(&caller, "BTC", "70000").await;
    cluster.books_agree().await;
    let account = format!("A#{}", caller.account_id);
    let own = Key::new(account.clone(), format!("P#{}", waits.alert_id));
    let fired_key = Key::new(account, format!("P#{}", fired.alert_id));
    let booked = Key::new("B#BTC", format!("P#{}", waits.alert_id));
    let item = async |key: &Key| cluster.table.get(key).await.unwrap().unwrap();
    let (waiting, done, live) =
        (item(&own).await.body, item(&fired_key).await.body, item(&booked).await.body);
    let stray = Key::new("B#ETH", format!("P#{}", waits.alert_id));
    for (broken, mended) in [
        (
            Write::delete(own.clone(), Condition::Any),
            Write::put(own.clone(), waiting.clone(), Condition::Any),
        ),
        (Write::delete(booked.clone(), Condition::Any), Write::put(booked, live.clone(), Condition::Any)),
        (Write::put(stray.clone(), live, Condition::Any), Write::delete(stray, Condition::Any)),
        (
            Write::put(own.clone(), done.clone(), Condition::Any),
            Write::put(own, waiting.clone(), Condition::Any),
        ),
        (Write::put(fired_key.clone(), waiting, Condition::Any), Write::put(fired_key, done, Condition::Any)),
    ] {
        cluster.table.transact(vec![broken.clone()]).await.unwrap();
        assert!(!audit::run(cluster.table.as_ref()).await.unwrap().agrees(), "{broken:?}");
        cluster.table.transact(vec![mended]).await.unwrap();
        cluster.books_agree().await;
    }
    let shown = cluster.table.query(&TableQuery::prefix("B#BTC", "P#", 10)).await.unwrap().items;
    let shown = crate::inspect(&shown[0]).unwrap().unwrap();
    assert!(shown.get().contains("\"price\""), "{}", shown.get());
}

/// The log did not say when an alert was made or removed: a reader of the stream could not rebuild the alerts.
#[tokio::test]
async fn the_log_alone_tells_of_every_alert() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let first = server.alert(&caller, "BTC", "70000").await;
    for dollars in 1..ALERTS_MAX {
        server.alert(&caller, "BTC", &(70_000 + 10 * dollars).to_string()).await;
    }
    cluster.price_set("BTC", "70000");
    assert_eq!(server.engine.tick().await.alerts, 1);
    // It takes the place of the one that has fired.
    let last = server.alert(&caller, "BTC", "60000").await;
    server.alerts.delete(&caller, last.alert_id, None).await.unwrap();
    let mut rebuilt = std::collections::BTreeMap::new();
    for event in server.events_named(&caller, "alert.").await {
        let alert = event.alert.unwrap();
        if event.name == EventName::AlertRemoved {
            assert!(rebuilt.remove(&alert.alert_id).is_some());
        } else {
            rebuilt.insert(alert.alert_id, alert);
        }
    }
    assert!(!rebuilt.contains_key(&first.alert_id));
    let listed = server.alerts.list(&caller).await.unwrap();
    assert!(rebuilt.into_values().rev().eq(listed));
    cluster.books_agree().await;
    let key = Key::new(
        format!("A#{}", caller.account_id),
        format!("P#{}", server.alerts.list(&caller).await.unwrap()[0].alert_id),
    );
    cluster.table.transact(vec![Write::delete(key, Condition::Present)]).await.unwrap();
    let report = audit::run(cluster.table.as_ref()).await.unwrap();
    assert!(report.differences.iter().any(|sentence| sentence.contains("although an event made it")));
}
