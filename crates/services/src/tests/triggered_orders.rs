//! A triggered order fills at the quote that triggered it.

use std::sync::Arc;
use std::time::Duration;

use cnop_api::Caller;
use cnop_api::trading::{
    OrderGroupRequest, OrderReplaceRequest, OrderView, StopLossRequest, TakeProfitRequest,
};
use cnop_domain::{OrderStatus, OrderType};
use cnop_testkit::CommitFault;
use tokio_util::sync::CancellationToken;

use super::{Cluster, Server, order, transfer};
use crate::records::account_pk;

/// Longest time until something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Waits until an order has a status, and answers with it.
    pub(super) async fn until(&self, caller: &Caller, order: &OrderView, status: &str) -> OrderView {
        let mut commits = self.ledger.subscribe(&caller.account_id).await.unwrap();
        loop {
            let now = self.now(caller, order).await;
            if now.status.as_str() == status {
                return now;
            }
            let changed = tokio::time::timeout(PATIENCE, commits.changed()).await;
            assert_eq!(changed, Ok(true), "no commit comes: {now:?}");
        }
    }

    pub(super) async fn stop_of_a_hundredth(&self, caller: &Caller) -> OrderView {
        self.deposit(caller, "5000").await;
        self.buy(caller, "BTC", "0.01").await;
        self.place(caller, order("stop_sell", "BTC", "0.01", None, Some("60000"))).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_quote_that_is_replaced_at_once_still_triggers() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59000"), None)).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    // The engine's first look is over when an order that is reached at once is done.
    cluster.price_set("BTC", "61000");
    let first = server.place(&caller, order("stop_buy", "BTC", "0.001", None, Some("61500"))).await;
    cluster.price_set("BTC", "61600");
    server.until(&caller, &first, "completed").await;

    cluster.price_set("BTC", "58000");
    cluster.price_set("BTC", "62000");
    let done = server.until(&caller, &stop, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "57999.90", "at the bid of the quote that reached it");
    let done = server.until(&caller, &limit, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "59000.00");
    shutdown.cancel();
    running.await.unwrap();
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_failed_trigger_is_done_later_at_the_quote_that_reached_it() {
    for failure in [CommitFault::RequestLost, CommitFault::AnswerLost, CommitFault::Busy] {
        let (cluster, table) = Cluster::flaky();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        let stop = server.stop_of_a_hundredth(&caller).await;
        let limit = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("59000"), None)).await;

        cluster.bitcoin("59900.00", "59900.10", "0.01");
        table.fail_next_commit(failure);
        let report = server.engine.tick().await;
        assert_eq!((report.triggered, report.failed), (1, 1), "{failure:?}");
        cluster.bitcoin("61000.00", "61000.10", "0.01");
        let report = server.engine.tick().await;
        assert_eq!((report.triggered, report.failed), (0, 0), "{failure:?}");
        let done = server.now(&caller, &stop).await;
        assert_eq!((done.status, done.fills.len()), (OrderStatus::Completed, 1), "{failure:?}");
        assert_eq!(done.fills[0].price.to_string(), "59900.00", "{failure:?}");

        cluster.bitcoin("58999.90", "59000.00", "0.015");
        table.fail_next_commit(failure);
        assert_eq!(server.engine.tick().await.failed, 1, "{failure:?}");
        cluster.bitcoin("61000.00", "61000.10", "0.01");
        assert_eq!(server.engine.tick().await.failed, 0, "{failure:?}");
        let part = server.now(&caller, &limit).await;
        assert_eq!(part.filled_quantity.to_string(), "0.015", "{failure:?}: once, and never twice");
        assert_eq!(server.engine.resting(), 1, "{failure:?}");
        cluster.bitcoin("58999.90", "59000.00", "0.015");
        server.engine.tick().await;
        assert_eq!(server.now(&caller, &limit).await.status, OrderStatus::Completed, "{failure:?}");
        assert_eq!(server.engine.resting(), 0, "{failure:?}");
        cluster.books_agree().await;
    }
}

#[tokio::test]
async fn a_replaced_order_is_not_filled_by_an_older_trigger() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    cluster.price_set("BTC", "59000");
    table.fail_next_commit(CommitFault::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    cluster.price_set("BTC", "62000");
    // Also reached by the quote of before, but newer than it.
    let change = OrderReplaceRequest { stop_price: Some("61000".into()), ..OrderReplaceRequest::default() };
    server.orders.replace(&caller, stop.order_id, change, None, None).await.unwrap();
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::WaitingTrigger);
    cluster.price_set("BTC", "60900");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &stop).await.fills[0].price.to_string(), "60899.90");
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_account_delays_no_other_account_and_no_quote() {
    let (cluster, table) = Cluster::flaky();
    let server = cluster.server();
    let (slow, quick) = (cluster.caller(1).await, cluster.caller(2).await);
    let stuck = server.stop_of_a_hundredth(&slow).await;
    let early = server.stop_of_a_hundredth(&quick).await;
    let late = server.place(&quick, order("limit_buy", "BTC", "0.01", Some("58000"), None)).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    tokio::task::yield_now().await;

    table.block_partition(account_pk(&slow.account_id));
    cluster.price_set("BTC", "59900");
    server.until(&quick, &early, "completed").await;
    cluster.price_set("BTC", "57000");
    server.until(&quick, &late, "completed").await;
    assert_eq!(server.now(&slow, &stuck).await.status, OrderStatus::WaitingTrigger);
    table.unblock();
    let done = server.until(&slow, &stuck, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "59899.90");
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_panicked_job_leaves_its_order_in_the_book() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    cluster.price_set("BTC", "59000");
    table.panic_on_next_get();
    assert_eq!(server.engine.tick().await.failed, 1);
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::WaitingTrigger);
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed);
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_finishes_triggered_work() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    tokio::task::yield_now().await;
    table.block_partition(account_pk(&caller.account_id));
    cluster.price_set("BTC", "59000");
    shutdown.cancel();
    tokio::task::yield_now().await;
    table.unblock();
    running.await.unwrap();
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed);
}

/// Lets every task run that waits for no time.
pub(super) async fn turns_pass() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_leg_of_an_oco_that_triggered_first_wins() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    let pair = OrderGroupRequest {
        kind: "oco".to_owned(),
        asset_id: "BTC".to_owned(),
        side: Some("sell".to_owned()),
        quantity: Some("0.01".into()),
        take_profit: Some(TakeProfitRequest { price: "63000".into() }),
        stop_loss: Some(StopLossRequest { stop_price: Some("60000".into()), ..StopLossRequest::default() }),
        ..OrderGroupRequest::default()
    };
    let pair = server.orders.place_group(&caller, pair, None).await.unwrap().orders;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    turns_pass().await;

    table.fail_next_commit(CommitFault::Busy);
    cluster.price_set("BTC", "63100");
    turns_pass().await;
    assert!(!table.has_next_fault(), "the take-profit was tried");
    cluster.price_set("BTC", "59000");
    turns_pass().await;
    for order in &pair {
        server
            .until(&caller, order, if order.kind == OrderType::Limit { "completed" } else { "canceled" })
            .await;
    }
    shutdown.cancel();
    running.await.unwrap();
    cluster.books_agree().await;
}

/// A quote between the decision and the commit was not matched against the new entry.
#[tokio::test(start_paused = true)]
async fn a_quote_during_a_commit_is_checked_again_after_the_commit() {
    let (cluster, table) = Cluster::flaky();
    let server = Arc::new(cluster.server());
    let (trader, watcher) = (cluster.caller(1).await, cluster.caller(2).await);
    server.deposit(&trader, "5000").await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    turns_pass().await;

    table.block_partition("B#BTC".to_owned());
    let placing = {
        let (server, trader) = (Arc::clone(&server), trader.clone());
        let request = order("limit_buy", "BTC", "0.01", Some("60000"), None);
        tokio::spawn(async move { server.place(&trader, request).await })
    };
    let watching = {
        let (server, watcher) = (Arc::clone(&server), watcher.clone());
        tokio::spawn(async move { server.alert(&watcher, "BTC", "60500").await })
    };
    turns_pass().await;
    cluster.price_set("BTC", "59990");
    turns_pass().await;
    table.unblock();
    // No time passes, and no other quote comes.
    turns_pass().await;
    cluster.price_set("BTC", "62000");
    let placed = placing.await.unwrap();
    assert_eq!(server.now(&trader, &placed).await.status, OrderStatus::Completed);
    watching.await.unwrap();
    assert_eq!(server.alerts.list(&watcher).await.unwrap()[0].status.as_str(), "fired");
    shutdown.cancel();
    running.await.unwrap();
    cluster.books_agree().await;
}

/// A triggered stop-limit order rests from then on: the newest quote is matched too.
#[tokio::test]
async fn the_newest_quote_triggers_after_work_of_an_earlier_quote() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    let stop = order("stop_limit_sell", "BTC", "0.01", Some("60500"), Some("60000"));
    let stop = server.place(&caller, stop).await;
    cluster.bitcoin("59900.00", "59901.00", "1");
    table.fail_next_commit(CommitFault::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    cluster.bitcoin("61000.00", "61001.00", "1");
    let report = server.engine.tick().await;
    assert_eq!((report.triggered, report.filled, report.failed), (0, 1, 0));
    assert_eq!(server.now(&caller, &stop).await.fills[0].price.to_string(), "60500.00");
    cluster.books_agree().await;
}

/// An owner that keeps the queue full delays their own trigger; it is still executed.
#[tokio::test(start_paused = true)]
async fn a_full_queue_has_room_for_a_triggered_order() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    table.block_partition(account_pk(&caller.account_id));
    let flood: Vec<_> = (0..300)
        .map(|_| {
            let (ledger, caller) = (server.ledger.clone(), caller.clone());
            tokio::spawn(async move { ledger.deposit(&caller, transfer("1"), None).await })
        })
        .collect();
    turns_pass().await;
    cluster.price_set("BTC", "59900");
    let engine = server.engine.clone();
    let ticking = tokio::spawn(async move { engine.tick().await });
    turns_pass().await;
    table.unblock();
    let report = ticking.await.unwrap();
    assert_eq!((report.triggered, report.failed), (1, 0));
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed);
    let mut refused = 0;
    for deposit in flood {
        refused += usize::from(deposit.await.unwrap().is_err());
    }
    assert_eq!(refused, 300 - crate::account::WAITING_MAX, "the owner's places are as many as ever");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_retries_failed_work() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    turns_pass().await;
    let refused = cnop_store::StoreError::Busy;
    table.refuse_partition(account_pk(&caller.account_id), refused);
    cluster.price_set("BTC", "59000");
    turns_pass().await;
    shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(500)).await;
    table.accept_all();
    running.await.unwrap();
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed);
}
