//! The audit finds tampered records.

use cnop_store::{Condition, Item, Key, TableQuery, Write};

use super::Cluster;
use crate::ledger::audit;

async fn traded() -> (Cluster, String) {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    server.sell(&caller, "BTC", "0.004").await;
    server.buy(&caller, "ETH", "0.5").await;
    let report = audit::run(cluster.table.as_ref()).await.unwrap();
    assert!(report.agrees());
    assert_eq!((report.accounts, report.events, report.orders), (1, 5, 3));
    (cluster, format!("A#{}", caller.account_id))
}

async fn items(cluster: &Cluster, pk: &str) -> Vec<Item> {
    cluster.table.query(&TableQuery::prefix(pk, "", 1_000)).await.unwrap().items
}

#[tokio::test]
async fn every_changed_byte_is_found() {
    let (cluster, pk) = traded().await;
    for item in items(&cluster, &pk).await {
        for position in 0..item.body.len() {
            let mut body = item.body.to_vec();
            body[position] ^= 1;
            let put = |body| Write::put(item.key.clone(), body, Condition::Any);
            cluster.table.transact(vec![put(body)]).await.unwrap();
            let report = audit::run(cluster.table.as_ref()).await.unwrap();
            let order_only = item.key.sk.starts_with("O#");
            // An order also contains data that no posting shows (its quote, its client id).
            assert!(order_only || !report.agrees(), "{} byte {position}", item.key.sk);
            cluster.table.transact(vec![put(item.body.to_vec())]).await.unwrap();
        }
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn every_missing_item_is_found() {
    let (cluster, pk) = traded().await;
    for item in items(&cluster, &pk).await {
        cluster.table.transact(vec![Write::delete(item.key.clone(), Condition::Present)]).await.unwrap();
        let report = audit::run(cluster.table.as_ref()).await.unwrap();
        // The list of transactions reads an event that the index of movements lacks.
        assert_eq!(report.agrees(), item.key.sk.starts_with("T#"), "without {}", item.key.sk);
        cluster.table.transact(vec![Write::put(item.key, item.body, Condition::Absent)]).await.unwrap();
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn an_order_without_an_event_is_found() {
    let (cluster, pk) = traded().await;
    let order = items(&cluster, &pk).await.into_iter().find(|item| item.key.sk.starts_with("O#")).unwrap();
    for id in ["ord_00000000000000000000000000", "ord_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "ord_nonsense00"] {
        let key = Key::new(pk.clone(), format!("O#{id}"));
        cluster
            .table
            .transact(vec![Write::put(key.clone(), order.body.clone(), Condition::Absent)])
            .await
            .unwrap();
        let report = audit::run(cluster.table.as_ref()).await.unwrap();
        assert!(!report.agrees(), "{id}");
        cluster.table.transact(vec![Write::delete(key, Condition::Present)]).await.unwrap();
    }
}
