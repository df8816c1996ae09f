//! Canceling all orders: completely, once, and repeatable under its key.

use std::time::Duration;

use cnop_api::trading::{CancelResult, OrderQuery, OrderView, StatusFilter};
use cnop_api::{Caller, Code, Problem};
use cnop_domain::{AssetId, OrderStatus};
use cnop_testkit::CommitFault;

use super::{Cluster, Server, order, refused};
use crate::idempotency::IdempotencyKey;
use crate::records::order_key;

fn key(text: &str) -> Option<IdempotencyKey> {
    Some(text.parse().unwrap())
}

impl Server {
    /// The orders that are open, newest first.
    pub(super) async fn open(&self, caller: &Caller) -> Vec<OrderView> {
        let mut query = OrderQuery { status: Some(StatusFilter::Open), ..OrderQuery::default() };
        let mut all = Vec::new();
        loop {
            let page = self.orders.list(caller, query.clone()).await.unwrap();
            all.extend(page.data);
            if !page.has_more {
                return all;
            }
            query.cursor = page.next_cursor;
        }
    }

    /// Waits until no order is open.
    pub(super) async fn none_is_open_soon(&self, caller: &Caller) {
        for _ in 0..2_000 {
            if self.open(caller).await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("orders are still open");
    }

    /// Places small purchases far below the price.
    pub(super) async fn rest(&self, caller: &Caller, asset: &str, orders: usize) {
        for number in 0..orders {
            let price = (50_000 - number).to_string();
            let (quantity, price) =
                if asset == "BTC" { ("0.0002", price.as_str()) } else { ("0.01", "2000") };
            self.place(caller, order("limit_buy", asset, quantity, Some(price), None)).await;
        }
    }
}

/// All answers together are far larger than an item may be.
#[tokio::test]
async fn canceling_two_hundred_orders_is_repeatable_under_one_key() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let bitcoin: AssetId = "BTC".parse().unwrap();
    let long = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("61000"), None)).await;
    let mut quote = cluster.market.market().snapshot().get(bitcoin).unwrap().quote;
    quote.ask_size = "0.0001".parse().unwrap();
    (quote.last, quote.bid, quote.ask) =
        ("60999".parse().unwrap(), "60998".parse().unwrap(), "61000".parse().unwrap());
    for _ in 0..60 {
        quote.seq += 1;
        cluster.market.quote_set(bitcoin, quote);
        server.engine.tick().await;
    }
    assert_eq!(server.now(&caller, &long).await.fills.len(), 60);
    server.rest(&caller, "BTC", 199).await;

    let canceled = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!(canceled.len(), 200);
    assert!(canceled.iter().all(|result| result.status == 200));
    assert!(serde_json::to_vec(&canceled).unwrap().len() > 128 * 1_024);
    assert!(server.open(&caller).await.is_empty());
    server.rest(&caller, "BTC", 1).await;
    let again = cluster.server().orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!(again, canceled, "another server knows it too");
    assert_eq!(server.open(&caller).await.len(), 1, "what came later is not meant");
    assert_eq!(server.orders.cancel_all(&caller, None, key("more")).await.unwrap().len(), 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn cancel_all_of_one_asset_leaves_other_assets_open() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 120).await;
    server.rest(&caller, "ETH", 80).await;
    let ether = || Some("ETH".parse().unwrap());
    let canceled = server.orders.cancel_all(&caller, ether(), key("all")).await.unwrap();
    assert_eq!(canceled.len(), 80);
    assert_eq!(server.orders.cancel_all(&caller, ether(), key("all")).await.unwrap(), canceled);
    let open = server.open(&caller).await;
    assert_eq!(open.len(), 120);
    assert!(open.iter().all(|order| order.asset_id.as_str() == "BTC"));
}

/// A group ends together: its second order returns the same result.
#[tokio::test]
async fn results_of_cancel_all_in_the_first_stored_form_can_be_read() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    let canceled = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    let first = format!(r#"[{{"order_id":"{}","status":200,"order":null}}]"#, canceled[0].order_id);
    let first: Vec<CancelResult> = serde_json::from_str(&first).unwrap();
    assert_eq!(first[0].order, None, "answers as they are kept, and as they once were, can be read");
    let whole = serde_json::to_string(&canceled).unwrap();
    assert_eq!(serde_json::from_str::<Vec<CancelResult>>(&whole).unwrap(), canceled);
}

#[tokio::test]
async fn a_transient_failure_is_not_kept_as_the_answer_of_the_key() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 3).await;
    table.fail_next_commit(CommitFault::Busy);
    let statuses = |results: &[CancelResult]| results.iter().map(|it| it.status).collect::<Vec<_>>();
    let first = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!(statuses(&first), [503, 200, 200]);
    let second = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!((statuses(&second), &second[0].order_id), (vec![200], &first[0].order_id));
    assert_eq!(server.orders.cancel_all(&caller, None, key("all")).await.unwrap(), second);
    assert!(server.open(&caller).await.is_empty());
    cluster.books_agree().await;
}

/// Found by a randomized test: an unreadable order is no temporary failure; each repetition canceled the
/// orders placed since.
#[tokio::test]
async fn an_order_that_cannot_be_read_is_part_of_the_answer_that_is_kept() {
    let (cluster, _) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    let spoiled = &server.open(&caller).await[1];
    let key_of = order_key(&caller.account_id, spoiled.order_id);
    cluster.spoil_item(key_of).await;
    let first = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!(first.iter().map(|it| it.status).collect::<Vec<_>>(), [500, 200]);
    let later = server.place(&caller, order("limit_buy", "BTC", "0.0002", Some("50000"), None)).await;
    assert_eq!(server.orders.cancel_all(&caller, None, key("all")).await.unwrap(), first);
    assert_eq!(
        server.now(&caller, &later).await.status,
        OrderStatus::Working,
        "what came later is not meant"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_or_not_given() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    table.refuse_prefix("I#", 2);
    let first = server.orders.cancel_all(&caller, None, key("all")).await.unwrap();
    assert_eq!(first.len(), 2);
    server.rest(&caller, "BTC", 1).await;
    assert_eq!(server.orders.cancel_all(&caller, None, key("all")).await.unwrap(), first);
    let open = server.open(&caller).await;
    table.refuse_prefix("I#", u32::MAX);
    let unkept = server.orders.cancel_all(&caller, None, key("more")).await.unwrap_err();
    let problem = Problem::from(unkept);
    assert_eq!((problem.code, problem.status()), (Code::Unavailable, 503));
    assert!(problem.detail.starts_with("1 of 1 open orders are canceled"), "{}", problem.detail);
    assert_eq!(problem.facts, [("canceled".to_owned(), open[0].order_id.to_string())]);
    table.refuse_prefix("I#", 0);
    assert!(server.open(&caller).await.is_empty());
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_repeat_waits_for_the_whole_cancel_all() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 20).await;
    table.block_partition("B#BTC".to_owned());
    let first = {
        let (orders, caller) = (server.orders.clone(), caller.clone());
        tokio::spawn(async move { orders.cancel_all(&caller, None, key("all")).await.unwrap() })
    };
    tokio::task::yield_now().await;
    let twin = server.orders.cancel_all(&caller, None, key("all")).await;
    refused(twin, Code::IdempotencyInProgress);
    table.unblock();
    let first = first.await.unwrap();
    assert!(first.len() == 20 && first.iter().all(|result| result.status == 200));
    assert_eq!(server.orders.cancel_all(&caller, None, key("all")).await.unwrap(), first);
    cluster.books_agree().await;
}

#[tokio::test]
async fn cancel_all_finishes_when_the_client_disconnects() {
    for key in [None, key("all")] {
        let (cluster, table) = Cluster::flaky();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, "9000").await;
        server.rest(&caller, "BTC", 5).await;
        table.block_partition("B#BTC".to_owned());
        let request = server.orders.cancel_all(&caller, None, key.clone());
        assert!(tokio::time::timeout(Duration::from_millis(20), request).await.is_err());
        table.unblock();
        server.none_is_open_soon(&caller).await;
        if key.is_some() {
            assert_eq!(server.orders.cancel_all(&caller, None, key).await.unwrap().len(), 5);
        }
        cluster.books_agree().await;
    }
}
