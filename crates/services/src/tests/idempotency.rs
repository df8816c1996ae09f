//! Idempotency of repeated commands.

use cnop_api::Code;
use cnop_api::money::TransferReceipt;
use cnop_api::trading::{OrderQuery, OrderReplaceRequest, OrderRequest, OrderView};

use super::{Cluster, market_order, refused, transfer};
use crate::idempotency::IdempotencyKey;

fn key(text: &str) -> Option<IdempotencyKey> {
    Some(text.parse().unwrap())
}

#[tokio::test]
async fn the_same_key_gives_the_committed_answer_again() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let first = server.ledger.deposit(&caller, transfer("5000"), key("k1")).await.unwrap();
    cluster.pass_seconds(60);
    assert_eq!(server.ledger.deposit(&caller, transfer("5000"), key("\"k1\"")).await.unwrap(), first);
    assert_eq!(server.cash(&caller).await, "5000.00");
    let order = market_order("buy", "BTC", "0.01");
    let placed = server.orders.place(&caller, order.clone(), key("k1")).await.unwrap();
    let replayed = cluster.server().orders.place(&caller, order, key("k1")).await.unwrap();
    assert_eq!(replayed, placed, "the key's scope is the route; another server knows it too");
    assert_eq!(server.orders.list(&caller, OrderQuery::default()).await.unwrap().data.len(), 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let cluster = Cluster::new();
    let (server, caller, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    server.ledger.deposit(&caller, transfer("50"), key("k1")).await.unwrap();
    let reused = server.ledger.deposit(&caller, transfer("51"), key("k1")).await;
    refused(reused, Code::IdempotencyKeyReused);
    server.ledger.deposit(&other, transfer("51"), key("k1")).await.unwrap();
    server.ledger.withdraw(&caller, transfer("1"), key("k1")).await.unwrap();
    assert_eq!(server.cash(&caller).await, "49.00");
}

#[tokio::test]
async fn a_refused_command_stores_nothing() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let poor = server.ledger.withdraw(&caller, transfer("10"), key("k1")).await;
    refused(poor, Code::BalanceInsufficientFunds);
    server.deposit(&caller, "10").await;
    server.ledger.withdraw(&caller, transfer("10"), key("k1")).await.unwrap();
    assert_eq!(server.cash(&caller).await, "0.00");
}

#[tokio::test]
async fn answers_are_kept_for_thirty_days() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.ledger.deposit(&caller, transfer("10"), key("k1")).await.unwrap();
    cluster.clock.advance_seconds(30 * 86_400 - 1);
    server.ledger.deposit(&caller, transfer("10"), key("k1")).await.unwrap();
    assert_eq!(server.cash(&caller).await, "10.00");
    cluster.clock.advance_seconds(1);
    server.ledger.deposit(&caller, transfer("10"), key("k1")).await.unwrap();
    assert_eq!(server.cash(&caller).await, "20.00");
}

#[tokio::test]
async fn twins_at_the_same_time_do_one_thing() {
    let cluster = Cluster::new();
    let (server, second, caller) = (cluster.server(), cluster.server(), cluster.caller(1).await);
    let deposit = |server: &super::Server| {
        let (ledger, caller) = (server.ledger.clone(), caller.clone());
        tokio::spawn(async move { ledger.deposit(&caller, transfer("10"), key("k1")).await.unwrap() })
    };
    let tasks: Vec<_> =
        (0..20).map(|number| deposit(if number % 2 == 0 { &server } else { &second })).collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.unwrap());
    }
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(server.cash(&caller).await, "10.00");
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_client_order_id_stays_with_one_order() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let order = |quantity| OrderRequest {
        client_order_id: Some("mine-1".to_owned()),
        ..market_order("buy", "BTC", quantity)
    };
    let first = server.orders.place(&caller, order("0.01"), None).await.unwrap();
    cluster.pass_seconds(400 * 86_400);
    assert_eq!(server.orders.place(&caller, order("0.01"), key("k9")).await.unwrap(), first);
    refused(server.orders.place(&caller, order("0.02"), None).await, Code::OrderClientIdReused);
    assert_eq!(server.orders.list(&caller, OrderQuery::default()).await.unwrap().data.len(), 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_key_is_known_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let order =
        || OrderRequest { client_order_id: Some("mine-1".to_owned()), ..market_order("buy", "BTC", "0.01") };
    let (caller, deposited, placed) = {
        let cluster = super::concurrent::embedded(&directory);
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        let deposited = server.ledger.deposit(&caller, transfer("5000"), key("k1")).await.unwrap();
        let placed = server.orders.place(&caller, order(), key("k2")).await.unwrap();
        (caller, deposited, placed)
    };
    let cluster = super::concurrent::embedded(&directory);
    let server = cluster.server();
    assert_eq!(server.ledger.deposit(&caller, transfer("5000"), key("k1")).await.unwrap(), deposited);
    assert_eq!(server.orders.place(&caller, order(), key("k2")).await.unwrap(), placed);
    assert_eq!(server.orders.place(&caller, order(), None).await.unwrap(), placed);
    refused(server.ledger.deposit(&caller, transfer("1"), key("k1")).await, Code::IdempotencyKeyReused);
    assert_eq!(server.orders.list(&caller, OrderQuery::default()).await.unwrap().data.len(), 1);
    cluster.books_agree().await;
}

/// Kept answers outlive the program that wrote them: a member that comes later must have a default.
#[test]
fn idempotency_records_of_the_first_schema_can_be_read() {
    let receipt = r#"{"success":true,"message":"Successfully deposited $5000",
        "transaction_id":"txn_7HXB5Q58DQCP6YFS6PD3QT33XM","timestamp":"2026-11-21T10:00:00.000000Z"}"#;
    let receipt: TransferReceipt = serde_json::from_str(receipt).unwrap();
    assert_eq!(receipt.transaction_id, "txn_7HXB5Q58DQCP6YFS6PD3QT33XM");
    let order = r#"{"order_id":"ord_01M7YRRT80V7XF4VT652DF0BYX","order_type":"market_buy","side":"buy",
        "type":"market","asset_id":"BTC","quote_asset":"USD","quantity":"0.01","price":"62000.10",
        "status":"completed","total_amount":"620.001","filled_quantity":"0.01","average_price":"62000.10",
        "fees":"0.620001","realised_profit":null,"client_order_id":"mine","fills":[{"price":"62000.10",
        "quantity":"0.01","notional":"620.001","fee":"0.620001","fill_model":"v1","quote_seq":1,
        "quote_bid":"61999.90","quote_ask":"62000.10","quote_time":"2026-11-21T10:00:00.000000Z",
        "quote_source":"simulator"}],"created_at":"2026-11-21T10:00:00.000000Z",
        "updated_at":"2026-11-21T10:00:00.000000Z"}"#;
    let order: OrderView = serde_json::from_str(order).unwrap();
    assert_eq!((order.fees.to_string().as_str(), order.fills.len()), ("0.620001", 1));
}

#[tokio::test]
async fn every_change_answers_its_key_again() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let key = || Some("again".parse::<IdempotencyKey>().unwrap());
    server.place(&caller, super::order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let canceled = server.orders.cancel_all(&caller, None, key()).await.unwrap();
    assert_eq!(canceled.len(), 1);
    server.place(&caller, super::order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    assert_eq!(server.orders.cancel_all(&caller, None, key()).await.unwrap(), canceled);
    let other = server.orders.cancel_all(&caller, Some("BTC".parse().unwrap()), key()).await;
    refused(other, Code::IdempotencyKeyReused);

    let limit = |text: &str| cnop_api::trading::GuardRailsUpdate {
        largest_order: Some(Some(text.into())),
        ..cnop_api::trading::GuardRailsUpdate::default()
    };
    let first = server.guards.update(&caller, limit("100"), key()).await.unwrap();
    assert_eq!(server.guards.update(&caller, limit("100"), key()).await.unwrap(), first);
    refused(server.guards.update(&caller, limit("50"), key()).await, Code::IdempotencyKeyReused);
    cluster.books_agree().await;
}

/// Found by a randomized test: one version of a list was chosen before the key was checked, so the first
/// change made its own repetition a different request.
#[tokio::test]
async fn a_change_of_one_of_several_versions_answers_its_key_again() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let placed = server.place(&caller, super::order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let id = placed.order_id;
    let change = || OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    let several = || Some(vec![1, 2]);
    let changed = server.orders.replace(&caller, id, change(), several(), key("k1")).await.unwrap();
    assert_eq!(changed.version, 2);
    let replace = async |versions, key| server.orders.replace(&caller, id, change(), versions, key).await;
    assert_eq!(replace(several(), key("k1")).await.unwrap(), changed);
    for other in [None, Some(vec![1]), Some(vec![2]), Some(Vec::new())] {
        refused(replace(other, key("k1")).await, Code::IdempotencyKeyReused);
    }
    refused(replace(Some(vec![1, 3]), key("k2")).await, Code::OrderVersion);
    refused(replace(Some(Vec::new()), None).await, Code::OrderVersion);
    let canceled = server.orders.cancel(&caller, id, several(), key("k3")).await.unwrap();
    assert_eq!(server.orders.cancel(&caller, id, several(), key("k3")).await.unwrap(), canceled);
    refused(server.orders.cancel(&caller, id, several(), key("k4")).await, Code::OrderClosed);
    cluster.books_agree().await;
}
