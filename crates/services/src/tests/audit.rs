//! The audit sees what was tampered with.

use cnop_store::{Condition, Item, Key, Query, Write};

use super::Desk;
use crate::ledger::audit;

async fn traded() -> (Desk, String) {
    let desk = Desk::new();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    server.sell(&caller, "BTC", "0.004").await;
    server.buy(&caller, "ETH", "0.5").await;
    let report = audit::run(desk.table.as_ref()).await.unwrap();
    assert!(report.agrees());
    assert_eq!((report.accounts, report.events, report.orders), (1, 5, 3));
    (desk, format!("A#{}", caller.account_id))
}

async fn items(desk: &Desk, pk: &str) -> Vec<Item> {
    desk.table.query(&Query::prefix(pk, "", 1_000)).await.unwrap().items
}

#[tokio::test]
async fn every_changed_byte_is_found() {
    let (desk, pk) = traded().await;
    for item in items(&desk, &pk).await {
        for position in 0..item.body.len() {
            let mut body = item.body.to_vec();
            body[position] ^= 1;
            let put = |body| Write::put(item.key.clone(), body, Condition::Any);
            desk.table.transact(vec![put(body)]).await.unwrap();
            let report = audit::run(desk.table.as_ref()).await.unwrap();
            let order_only = item.key.sk.starts_with("O#");
            // An order also says things that no posting can tell (its quote, its client id).
            assert!(order_only || !report.agrees(), "{} byte {position}", item.key.sk);
            desk.table.transact(vec![put(item.body.to_vec())]).await.unwrap();
        }
    }
    desk.books_agree().await;
}

#[tokio::test]
async fn every_missing_item_is_found() {
    let (desk, pk) = traded().await;
    for item in items(&desk, &pk).await {
        desk.table.transact(vec![Write::delete(item.key.clone(), Condition::Present)]).await.unwrap();
        let report = audit::run(desk.table.as_ref()).await.unwrap();
        assert!(!report.agrees(), "without {}", item.key.sk);
        desk.table.transact(vec![Write::put(item.key, item.body, Condition::Absent)]).await.unwrap();
    }
    desk.books_agree().await;
}

#[tokio::test]
async fn an_order_without_an_event_is_found() {
    let (desk, pk) = traded().await;
    let order = items(&desk, &pk).await.into_iter().find(|item| item.key.sk.starts_with("O#")).unwrap();
    for id in ["ord_00000000000000000000000000", "ord_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "ord_nonsense00"] {
        let key = Key::new(pk.clone(), format!("O#{id}"));
        desk.table
            .transact(vec![Write::put(key.clone(), order.body.clone(), Condition::Absent)])
            .await
            .unwrap();
        let report = audit::run(desk.table.as_ref()).await.unwrap();
        assert!(!report.agrees(), "{id}");
        desk.table.transact(vec![Write::delete(key, Condition::Present)]).await.unwrap();
    }
}
