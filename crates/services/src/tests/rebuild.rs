//! The rebuild of the order books at a start, and its reads.

use cnop_api::Caller;
use cnop_api::trading::{
    OrderGroupRequest, OrderReplaceRequest, OrderRequest, StopLossRequest, TakeProfitRequest,
};
use cnop_domain::OrderStatus;
use cnop_store::{Condition, Item, Key, StoreError, TableQuery, Write};

use super::{Cluster, Server, order};
use crate::ledger::audit;

/// Waiting orders of every kind, after every kind of change.
async fn changed_orders(cluster: &Cluster) -> (Server, Caller) {
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.06").await;
    let now_us = cnop_domain::Clock::now_us(cluster.clock.as_ref());
    server.place(&caller, order("limit_buy", "ETH", "0.1", Some("2000"), None)).await;
    let ending = OrderRequest {
        expires_at: Some(cnop_api::Timestamp(now_us + 90_000_000)),
        ..order("limit_buy", "BTC", "0.01", Some("50000"), None)
    };
    server.place(&caller, ending).await;
    let replaced = server.place(&caller, order("stop_sell", "BTC", "0.005", None, Some("40000"))).await;
    let trailing =
        OrderRequest { trail_bps: Some(3_000), ..order("trailing_stop_sell", "BTC", "0.005", None, None) };
    server.place(&caller, trailing).await;
    server.place(&caller, order("stop_limit_sell", "BTC", "0.01", Some("61200"), Some("61500"))).await;
    let oco = OrderGroupRequest {
        kind: "oco".to_owned(),
        asset_id: "BTC".to_owned(),
        side: Some("sell".to_owned()),
        quantity: Some("0.03".into()),
        take_profit: Some(TakeProfitRequest { price: "63000".into() }),
        stop_loss: Some(StopLossRequest { stop_price: Some("45000".into()), ..StopLossRequest::default() }),
        ..OrderGroupRequest::default()
    };
    server.orders.place_group(&caller, oco, None).await.unwrap();
    cluster.pass_seconds(1);
    let change = OrderReplaceRequest { stop_price: Some("41000".into()), ..OrderReplaceRequest::default() };
    server.orders.replace(&caller, replaced.order_id, change, None, None).await.unwrap();
    // The take-profit fills in part, which shrinks the stop-loss; then the stop-limit is triggered and rests.
    cluster.bitcoin("63000.00", "63001.00", "0.01");
    assert_eq!(server.engine.tick().await.filled, 1);
    cluster.pass_seconds(1);
    cluster.bitcoin("61100.00", "61101.00", "9");
    assert_eq!(server.engine.tick().await.triggered, 1);
    server.engine.marks_store().await.unwrap();
    (server, caller)
}

async fn items(cluster: &Cluster, pk: &str, prefix: &str) -> Vec<Item> {
    cluster.table.query(&TableQuery::prefix(pk, prefix, 1_000)).await.unwrap().items
}

/// The orders that wait in the books of Bitcoin and Ether.
async fn live(cluster: &Cluster) -> Vec<Item> {
    [items(cluster, "B#BTC", "O#").await, items(cluster, "B#ETH", "O#").await].concat()
}

async fn put(cluster: &Cluster, key: &Key, body: impl Into<bytes::Bytes>) {
    cluster.table.transact(vec![Write::put(key.clone(), body, Condition::Any)]).await.unwrap();
}

#[tokio::test]
async fn a_new_server_knows_what_the_old_one_knew() {
    let cluster = Cluster::new();
    let (server, _) = changed_orders(&cluster).await;
    cluster.books_agree().await;
    let before = server.engine.waiting();
    assert_eq!(before.len(), 7);
    let next = cluster.server();
    assert_eq!(next.engine.rebuild().await.unwrap(), 7);
    assert_eq!(next.engine.waiting(), before);
}

/// One read for each order would take minutes where the table is on the network.
#[tokio::test]
async fn a_start_reads_no_order() {
    let cluster = Cluster::new();
    let (server, caller) = changed_orders(&cluster).await;
    for item in items(&cluster, &format!("A#{}", caller.account_id), "O#").await {
        cluster.table.transact(vec![Write::delete(item.key, Condition::Present)]).await.unwrap();
    }
    let next = cluster.server();
    next.engine.rebuild().await.unwrap();
    assert_eq!(next.engine.waiting(), server.engine.waiting());
}

#[tokio::test]
async fn an_index_item_of_the_first_schema_is_completed_from_the_order() {
    let cluster = Cluster::new();
    let (server, caller) = changed_orders(&cluster).await;
    let first = [&[1, 30], caller.account_id.as_str().as_bytes()].concat();
    for item in live(&cluster).await {
        put(&cluster, &item.key, first.clone()).await;
    }
    cluster.books_agree().await;
    let next = cluster.server();
    next.engine.rebuild().await.unwrap();
    assert_eq!(next.engine.waiting(), server.engine.waiting());
    // A fill writes the whole entry.
    cluster.bitcoin("61200.00", "61201.00", "0.005");
    assert_eq!(next.engine.tick().await.filled, 1);
    let whole: Vec<_> = live(&cluster).await.into_iter().filter(|item| item.body[0] == 2).collect();
    assert_eq!(whole.len(), 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn the_audit_sees_a_live_order_that_was_changed_lost_or_invented() {
    let cluster = Cluster::new();
    let (_server, _) = changed_orders(&cluster).await;
    let live = live(&cluster).await;
    assert_eq!(live.len(), 7);
    for item in &live {
        for position in 0..item.body.len() {
            let mut body = item.body.to_vec();
            body[position] ^= 1;
            put(&cluster, &item.key, body).await;
            let report = audit::run(cluster.table.as_ref()).await.unwrap();
            assert!(!report.agrees(), "{} byte {position}", item.key.sk);
        }
        cluster.table.transact(vec![Write::delete(item.key.clone(), Condition::Present)]).await.unwrap();
        assert!(!audit::run(cluster.table.as_ref()).await.unwrap().agrees(), "without {}", item.key.sk);
        put(&cluster, &item.key, item.body.clone()).await;
    }
    let stray = Key::new("B#BTC", "O#ord_00000000000000000000000000");
    put(&cluster, &stray, live[0].body.clone()).await;
    let report = audit::run(cluster.table.as_ref()).await.unwrap();
    assert_eq!(report.differences, ["8 orders wait in the books, accounts tell of 7"]);
}

/// One unreadable item of one account once kept the venue closed for all.
#[tokio::test]
async fn an_unreadable_item_does_not_block_the_rebuild() {
    let cluster = Cluster::new();
    let (server, caller) = changed_orders(&cluster).await;
    let (first, second) =
        (server.alert(&caller, "BTC", "70000").await, server.alert(&caller, "BTC", "71000").await);
    let other = cluster.caller(2).await;
    server.deposit(&other, "5000").await;
    server.place(&other, order("limit_buy", "BTC", "0.01", Some("50000"), None)).await;
    let waiting = server.engine.waiting();
    let lost = items(&cluster, "B#BTC", "O#").await.remove(0).key;
    for key in [
        lost.clone(),
        Key::new("B#BTC", format!("P#{}", first.alert_id)),
        Key::new("B#BTC", "MARKS"),
        Key::new(format!("A#{}", caller.account_id), "HEAD"),
    ] {
        cluster.spoil_item(key).await;
    }
    let next = cluster.server();
    assert_eq!(next.engine.rebuild().await.unwrap(), waiting.len() - 2);
    cluster.bitcoin("49999.00", "50000.00", "9");
    next.engine.tick().await;
    let done = next.orders.list(&other, cnop_api::trading::OrderQuery::default()).await.unwrap();
    assert_eq!(done.data[0].status, OrderStatus::Completed, "others trade on");
    assert_ne!(first.alert_id, second.alert_id);
}

#[tokio::test]
async fn a_rebuild_cancels_every_order_under_a_kill_switch_on_a_busy_table() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    for price in ["60000", "59000"] {
        server.place(&caller, order("limit_buy", "BTC", "0.01", Some(price), None)).await;
    }
    // The switch is committed without an answer, and the server crashes.
    table.lose_next_answer();
    let switch = cnop_api::trading::GuardRailsUpdate {
        kill_switch: Some(true),
        ..cnop_api::trading::GuardRailsUpdate::default()
    };
    server.guards.update(&caller, switch, None).await.unwrap_err();
    let next = cluster.server();
    table.fail_next_commit(cnop_testkit::CommitFault::Busy);
    assert_eq!(next.engine.rebuild().await.unwrap(), 0);
    assert!(items(&cluster, &format!("A#{}", caller.account_id), "W#").await.is_empty());
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_a_kill_switch_cannot_cancel_does_not_block_the_rebuild() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    let mut placed = Vec::new();
    for owner in [&caller, &other] {
        server.deposit(owner, "5000").await;
        placed.push(server.place(owner, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await);
    }
    let fail = |error| table.refuse_partition("B#BTC".to_owned(), error);
    fail(StoreError::Busy);
    let switch = cnop_api::trading::GuardRailsUpdate {
        kill_switch: Some(true),
        ..cnop_api::trading::GuardRailsUpdate::default()
    };
    server.guards.update(&caller, switch, None).await.unwrap_err();

    cluster.server().engine.rebuild().await.unwrap_err();
    fail(cnop_store::Invalid::BodyTooLong.into());
    let next = cluster.server();
    assert_eq!(next.engine.rebuild().await.unwrap(), 2, "it stays open, and the log names it");
    table.accept_all();
    cluster.bitcoin("58999.00", "59000.00", "9");
    next.engine.tick().await;
    assert_eq!(next.now(&other, &placed[1]).await.status, OrderStatus::Completed, "others trade on");
    assert_eq!(next.now(&caller, &placed[0]).await.status, OrderStatus::Canceled, "and no quote fills it");
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_waits_a_while_for_a_table_that_is_busy() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    table.refuse_partition("B#BTC".to_owned(), StoreError::Busy);
    let switch = cnop_api::trading::GuardRailsUpdate {
        kill_switch: Some(true),
        ..cnop_api::trading::GuardRailsUpdate::default()
    };
    server.guards.update(&caller, switch, None).await.unwrap_err();
    let next = cluster.server();
    let later = async {
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        table.accept_all();
    };
    let (rebuilt, ()) = tokio::join!(next.engine.rebuild(), later);
    assert_eq!(rebuilt.unwrap(), 0);
}

#[tokio::test]
async fn unstorable_marks_of_one_asset_do_not_block_other_assets() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    for (asset, quantity, price) in [("BTC", "0.01", "63000"), ("ETH", "0.1", "4000")] {
        server.buy(&caller, asset, quantity).await;
        let trailing = OrderRequest {
            trail_bps: Some(4_000),
            ..order("trailing_stop_sell", asset, quantity, None, None)
        };
        server.place(&caller, trailing).await;
        cluster.price_set(asset, price);
    }
    server.engine.tick().await;
    let too_long = cnop_store::Invalid::BodyTooLong.into();
    table.refuse_partition("B#BTC".to_owned(), too_long);
    assert!(server.engine.marks_store().await.is_err());
    let stored = async |pk: &str| items(&cluster, pk, "MARKS").await.len();
    assert_eq!((stored("B#BTC").await, stored("B#ETH").await), (0, 1));
    table.accept_all();
    server.engine.marks_store().await.unwrap();
    assert_eq!(stored("B#BTC").await, 1);
}
