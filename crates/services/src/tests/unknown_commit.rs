//! Commits with an unknown outcome: the books in memory follow the table.

use std::time::Duration;

use cnop_api::trading::{OrderQuery, OrderReplaceRequest, OrderView};
use cnop_api::{Caller, Code};
use cnop_domain::OrderStatus;
use cnop_store::{Condition, Key, StoreError, Write};
use cnop_testkit::{CommitFault, FlakyTable};
use tokio::time::timeout;

use super::{Cluster, Server, order, refused};
use crate::records::account_pk;

impl Server {
    /// Places an order whose commit fails like this.
    async fn place_failing(&self, table: &FlakyTable, fault: CommitFault, caller: &Caller) {
        table.fail_next_commit(fault);
        let request = order("limit_buy", "BTC", "0.01", Some("60000"), None);
        refused(self.orders.place(caller, request, Some("again".parse().unwrap())).await, Code::Unavailable);
    }

    /// The same once more, under the same key.
    async fn place_again(&self, caller: &Caller) -> OrderView {
        let request = order("limit_buy", "BTC", "0.01", Some("60000"), None);
        self.orders.place(caller, request, Some("again".parse().unwrap())).await.unwrap()
    }
}

impl Cluster {
    /// Makes a stored order unreadable.
    pub(super) async fn spoil(&self, caller: &Caller, order: &OrderView) {
        self.spoil_item(Key::new(account_pk(&caller.account_id), format!("O#{}", order.order_id))).await;
    }

    pub(super) async fn spoil_item(&self, key: Key) {
        let spoiled = Write::put(key, vec![0xff, 1, 2, 3], Condition::Present);
        self.table.transact(vec![spoiled]).await.unwrap();
    }
}

/// Found by simulated days: an order with an unknown commit outcome was missing from the book, although the
/// trader's retry returned it. Later it was present, but only after the quotes until the next resolution.
#[tokio::test]
async fn an_order_with_a_lost_answer_rests_after_the_second_attempt() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.place_failing(&table, CommitFault::AnswerLost, &caller).await;
    assert_eq!(server.engine.resting(), 0);
    let placed = server.place_again(&caller).await;
    assert_eq!(server.engine.resting(), 1);

    table.lose_next_answer();
    let change = OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    refused(server.orders.replace(&caller, placed.order_id, change, None, None).await, Code::Unavailable);
    cluster.bitcoin("61499.00", "61500.00", "1");
    assert_eq!(server.engine.tick().await.failed, 0);
    cluster.bitcoin("60899.00", "60900.00", "1");
    table.lose_next_answer();
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (1, 1), "filled, and not announced");
    assert_eq!(server.now(&caller, &placed).await.status, OrderStatus::Completed);
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn an_order_with_a_panicked_commit_rests_after_the_second_attempt() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.place_failing(&table, CommitFault::PanicAfterCommit, &caller).await;
    assert_eq!(server.engine.resting(), 0);
    server.place_again(&caller).await;
    assert_eq!(server.engine.resting(), 1);
    cluster.books_agree().await;
}

/// DynamoDB may commit a transaction after its sender has given up.
#[tokio::test]
async fn a_delayed_commit_conflicts_after_the_outcome_is_settled() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.place_failing(&table, CommitFault::Delayed, &caller).await;
    assert_eq!(server.engine.tick().await.failed, 0);
    assert!(matches!(table.deliver_delayed().await, Err(StoreError::Conflict(_))));
    let placed = server.place_again(&caller).await;
    let listed = server.orders.list(&caller, OrderQuery::default()).await.unwrap();
    assert_eq!((listed.data.len(), &listed.data[0].order_id), (1, &placed.order_id));
    assert_eq!(server.engine.resting(), 1);
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_with_a_lost_answer_is_announced_after_recovery() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let mut subscription = server.ledger.subscribe(&caller.account_id).await.unwrap();
    // It changes nothing in the books.
    table.lose_next_answer();
    refused(server.ledger.deposit(&caller, super::transfer("10"), None).await, Code::Unavailable);
    assert!(timeout(Duration::from_secs(1), subscription.changed()).await.is_err());
    server.engine.tick().await;
    assert!(timeout(Duration::from_secs(1), subscription.changed()).await.unwrap());
    assert_eq!(server.ledger.events_after(&caller.account_id, 1, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_that_cannot_be_settled_holds_up_no_other() {
    let (cluster, table) = Cluster::flaky();
    let server = cluster.server();
    let mut callers = Vec::new();
    for number in 1..=3 {
        let caller = cluster.caller(number).await;
        server.deposit(&caller, "5000").await;
        server.place_failing(&table, CommitFault::AnswerLost, &caller).await;
        callers.push(caller);
    }
    let first = account_pk(&callers[0].account_id);
    table.refuse_partition(first, StoreError::unavailable("this partition is away"));
    let order_of_second =
        server.orders.list(&callers[1], OrderQuery::default()).await.unwrap().data.remove(0);
    cluster.spoil(&callers[1], &order_of_second).await;
    assert_eq!(server.engine.tick().await.failed, 1, "the first one's is not known yet");
    assert_eq!(server.engine.resting(), 1, "the third one's waits, the second one's cannot be read");
    server.deposit(&callers[1], "1").await;
    table.accept_all();
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.engine.resting(), 2);
}

/// Otherwise each quote would find it again, and write the same line into the log.
#[tokio::test]
async fn an_unreadable_order_is_dropped_when_it_triggers() {
    let (cluster, _) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let spoiled = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let sound = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59999"), None)).await;
    cluster.spoil(&caller, &spoiled).await;
    cluster.bitcoin("59989.00", "59990.00", "1");
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (2, 1));
    assert_eq!(server.now(&caller, &sound).await.status, OrderStatus::Completed);
    for _ in 0..3 {
        cluster.bitcoin("59989.00", "59990.00", "1");
        let report = server.engine.tick().await;
        assert_eq!((report.filled, report.failed), (0, 0));
    }
    assert_eq!(server.engine.resting(), 0);
}
