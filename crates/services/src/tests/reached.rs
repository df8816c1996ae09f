//! What a quote has reached is done at that quote, whatever happens in between.

use std::sync::Arc;
use std::time::Duration;

use cnop_api::Caller;
use cnop_api::trading::{
    OrderGroupRequest, OrderReplaceRequest, OrderView, StopLossRequest, TakeProfitRequest,
};
use tokio_util::sync::CancellationToken;

use super::doubt::failing;
use super::silent::Failure;
use super::{Desk, Server, order, transfer};
use crate::records::account_pk;

/// Longest time until something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Waits until an order has a status, and answers with it.
    pub(super) async fn until(&self, caller: &Caller, order: &OrderView, status: &str) -> OrderView {
        let mut commits = self.ledger.subscribe(&caller.account_id).await.unwrap();
        loop {
            let now = self.now(caller, order).await;
            if now.status == status {
                return now;
            }
            let told = tokio::time::timeout(PATIENCE, commits.changed()).await;
            assert_eq!(told, Ok(true), "no commit comes: {now:?}");
        }
    }

    pub(super) async fn stop_of_a_hundredth(&self, caller: &Caller) -> OrderView {
        self.deposit(caller, "5000").await;
        self.buy(caller, "BTC", "0.01").await;
        self.place(caller, order("stop_sell", "BTC", "0.01", None, Some("60000"))).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_quote_that_is_replaced_at_once_is_looked_at() {
    let desk = Desk::new();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59000"), None)).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    // The engine's first look is over when an order that is reached at once is done.
    desk.price_set("BTC", "61000");
    let first = server.place(&caller, order("stop_buy", "BTC", "0.001", None, Some("61500"))).await;
    desk.price_set("BTC", "61600");
    server.until(&caller, &first, "completed").await;

    desk.price_set("BTC", "58000");
    desk.price_set("BTC", "62000");
    let done = server.until(&caller, &stop, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "57999.90", "at the bid of the quote that reached it");
    let done = server.until(&caller, &limit, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "59000.00");
    shutdown.cancel();
    running.await.unwrap();
    desk.books_agree().await;
}

#[tokio::test]
async fn what_the_table_did_not_do_is_done_later_at_the_quote_that_reached_it() {
    for failure in [Failure::Loss, Failure::Silence, Failure::Busy] {
        let (desk, table) = failing();
        let (server, caller) = (desk.server(), desk.caller(1).await);
        let stop = server.stop_of_a_hundredth(&caller).await;
        let limit = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("59000"), None)).await;

        desk.bitcoin("59900.00", "59900.10", "0.01");
        table.fail_next(failure);
        let report = server.engine.tick().await;
        assert_eq!((report.triggered, report.failed), (1, 1), "{failure:?}");
        desk.bitcoin("61000.00", "61000.10", "0.01");
        let report = server.engine.tick().await;
        assert_eq!((report.triggered, report.failed), (0, 0), "{failure:?}");
        let done = server.now(&caller, &stop).await;
        assert_eq!((done.status.as_str(), done.fills.len()), ("completed", 1), "{failure:?}");
        assert_eq!(done.fills[0].price.to_string(), "59900.00", "{failure:?}");

        desk.bitcoin("58999.90", "59000.00", "0.015");
        table.fail_next(failure);
        assert_eq!(server.engine.tick().await.failed, 1, "{failure:?}");
        desk.bitcoin("61000.00", "61000.10", "0.01");
        assert_eq!(server.engine.tick().await.failed, 0, "{failure:?}");
        let part = server.now(&caller, &limit).await;
        assert_eq!(part.filled_quantity.to_string(), "0.015", "{failure:?}: once, and never twice");
        assert_eq!(server.engine.resting(), 1, "{failure:?}");
        desk.bitcoin("58999.90", "59000.00", "0.015");
        server.engine.tick().await;
        assert_eq!(server.now(&caller, &limit).await.status, "completed", "{failure:?}");
        assert_eq!(server.engine.resting(), 0, "{failure:?}");
        desk.books_agree().await;
    }
}

#[tokio::test]
async fn an_order_that_was_changed_since_is_left_alone() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    desk.price_set("BTC", "59000");
    table.fail_next(Failure::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    desk.price_set("BTC", "62000");
    // Also reached by the quote of before, but newer than it.
    let change = OrderReplaceRequest { stop_price: Some("61000".into()), ..OrderReplaceRequest::default() };
    server.orders.replace(&caller, &stop.order_id, change, None, None).await.unwrap();
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, &stop).await.status, "waiting_trigger");
    desk.price_set("BTC", "60900");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &stop).await.fills[0].price.to_string(), "60899.90");
    desk.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn one_slow_account_holds_up_no_other_and_no_quote() {
    let (desk, table) = failing();
    let server = desk.server();
    let (slow, quick) = (desk.caller(1).await, desk.caller(2).await);
    let stuck = server.stop_of_a_hundredth(&slow).await;
    let early = server.stop_of_a_hundredth(&quick).await;
    let late = server.place(&quick, order("limit_buy", "BTC", "0.01", Some("58000"), None)).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    tokio::task::yield_now().await;

    table.hold(Some(account_pk(&slow.account_id)));
    desk.price_set("BTC", "59900");
    server.until(&quick, &early, "completed").await;
    desk.price_set("BTC", "57000");
    server.until(&quick, &late, "completed").await;
    assert_eq!(server.now(&slow, &stuck).await.status, "waiting_trigger");
    table.hold(None);
    let done = server.until(&slow, &stuck, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "59899.90");
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn work_that_ends_in_a_panic_keeps_no_order_back() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    desk.price_set("BTC", "59000");
    table.panic_next();
    assert_eq!(server.engine.tick().await.failed, 1);
    assert_eq!(server.now(&caller, &stop).await.status, "waiting_trigger");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, &stop).await.status, "completed");
    desk.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_does_what_was_reached_before() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    tokio::task::yield_now().await;
    table.hold(Some(account_pk(&caller.account_id)));
    desk.price_set("BTC", "59000");
    shutdown.cancel();
    tokio::task::yield_now().await;
    table.hold(None);
    running.await.unwrap();
    assert_eq!(server.now(&caller, &stop).await.status, "completed");
}

/// Lets everything go on that waits for no time.
pub(super) async fn turns_pass() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_that_exclude_each_other_the_one_that_was_reached_first_wins() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
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

    table.fail_next(Failure::Busy);
    desk.price_set("BTC", "63100");
    turns_pass().await;
    assert!(!table.will_fail(), "the take-profit was tried");
    desk.price_set("BTC", "59000");
    turns_pass().await;
    for order in &pair {
        server.until(&caller, order, if order.kind == "limit" { "completed" } else { "canceled" }).await;
    }
    shutdown.cancel();
    running.await.unwrap();
    desk.books_agree().await;
}

/// What is new in a book has not been seen by a quote that came between the decision and the commit.
#[tokio::test(start_paused = true)]
async fn a_quote_that_comes_while_an_order_or_an_alert_is_written_is_looked_at_again() {
    let (desk, table) = failing();
    let server = Arc::new(desk.server());
    let (trader, watcher) = (desk.caller(1).await, desk.caller(2).await);
    server.deposit(&trader, "5000").await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    turns_pass().await;

    table.hold(Some("B#BTC".to_owned()));
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
    desk.price_set("BTC", "59990");
    turns_pass().await;
    table.hold(None);
    // No time passes, and no other quote comes.
    turns_pass().await;
    desk.price_set("BTC", "62000");
    let placed = placing.await.unwrap();
    assert_eq!(server.now(&trader, &placed).await.status, "completed");
    watching.await.unwrap();
    assert_eq!(server.alerts.list(&watcher).await.unwrap()[0].status, "fired");
    shutdown.cancel();
    running.await.unwrap();
    desk.books_agree().await;
}

/// A stop-limit order that wakes rests from then on: what the newest quote reaches is done, too.
#[tokio::test]
async fn the_newest_quote_is_looked_at_after_what_an_earlier_one_reached() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    let stop = order("stop_limit_sell", "BTC", "0.01", Some("60500"), Some("60000"));
    let stop = server.place(&caller, stop).await;
    desk.bitcoin("59900.00", "59901.00", "1");
    table.fail_next(Failure::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    desk.bitcoin("61000.00", "61001.00", "1");
    let report = server.engine.tick().await;
    assert_eq!((report.triggered, report.filled, report.failed), (0, 1, 0));
    assert_eq!(server.now(&caller, &stop).await.fills[0].price.to_string(), "60500.00");
    desk.books_agree().await;
}

/// A bot that fills its line makes its own trigger late; it does not keep it from being done.
#[tokio::test(start_paused = true)]
async fn a_line_that_is_full_has_room_for_what_a_quote_reached() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    table.hold(Some(account_pk(&caller.account_id)));
    let flood: Vec<_> = (0..300)
        .map(|_| {
            let (ledger, caller) = (server.ledger.clone(), caller.clone());
            tokio::spawn(async move { ledger.deposit(&caller, transfer("1"), None).await })
        })
        .collect();
    turns_pass().await;
    desk.price_set("BTC", "59900");
    let engine = server.engine.clone();
    let ticking = tokio::spawn(async move { engine.tick().await });
    turns_pass().await;
    table.hold(None);
    let report = ticking.await.unwrap();
    assert_eq!((report.triggered, report.failed), (1, 0));
    assert_eq!(server.now(&caller, &stop).await.status, "completed");
    let mut refused = 0;
    for deposit in flood {
        refused += usize::from(deposit.await.unwrap().is_err());
    }
    assert_eq!(refused, 300 - crate::account::WAITING_MAX, "the owner's places are as many as ever");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_tries_again_what_failed() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.engine.clone().run(shutdown.clone()));
    turns_pass().await;
    let refused = cnop_store::StoreError::Busy;
    table.refuse(Some((account_pk(&caller.account_id), refused)));
    desk.price_set("BTC", "59000");
    turns_pass().await;
    shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(500)).await;
    table.refuse(None);
    running.await.unwrap();
    assert_eq!(server.now(&caller, &stop).await.status, "completed");
}
