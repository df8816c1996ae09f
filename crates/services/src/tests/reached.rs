//! What a quote has reached is done at that quote, whatever happens in between.

use std::sync::Arc;

use cnop_api::trading::{GuardRailsUpdate, OrderReplaceRequest, OrderRequest, OrderView};
use cnop_api::{Caller, Code, Timestamp};
use cnop_domain::Clock;
use cnop_store::Table;
use tokio_util::sync::CancellationToken;

use super::silent::{Failure, Silent};
use super::{Desk, Server, order, refused};
use crate::account::account_pk;
use crate::auth::fixture::ManualClock;

/// A desk on a table that fails when it is told to.
pub(super) fn failing() -> (Desk, Arc<Silent>) {
    let clock = Arc::new(ManualClock::new());
    let table = Arc::new(Silent::new(Arc::clone(&clock) as Arc<dyn Clock>));
    (Desk::on(clock, Arc::clone(&table) as Arc<dyn Table>), table)
}

impl Server {
    /// Waits until an order has a status, and answers with it.
    async fn until(&self, caller: &Caller, order: &OrderView, status: &str) -> OrderView {
        let mut commits = self.ledger.subscribe(&caller.account_id).await.unwrap();
        loop {
            let now = self.now(caller, order).await;
            if now.status == status {
                return now;
            }
            assert!(commits.changed().await, "no commit will come");
        }
    }

    async fn stop_of_a_hundredth(&self, caller: &Caller) -> OrderView {
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

/// The switch is committed first and the cancels follow: nothing may fill in between.
#[tokio::test]
async fn nothing_fills_once_the_kill_switch_is_on() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59500"), None)).await;
    table.lose_next();
    let on = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    refused(server.guards.update(&caller, on, None).await, Code::Unavailable);
    desk.price_set("BTC", "59000");
    assert_eq!(server.engine.tick().await.failed, 0);
    for order in [&stop, &limit] {
        let ended = server.now(&caller, order).await;
        assert_eq!((ended.fills.len(), ended.status_reason.as_deref()), (0, Some("kill_switch")));
    }
    assert_eq!(server.engine.resting(), 0);
    desk.books_agree().await;
}

#[tokio::test]
async fn an_order_past_its_time_is_expired_for_who_cancels_it_too() {
    let desk = Desk::new();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    let end = Timestamp(desk.clock.now_us() + 5_000_000);
    let ending =
        || OrderRequest { expires_at: Some(end), ..order("limit_buy", "BTC", "0.01", Some("60000"), None) };
    let (one, other) = (server.place(&caller, ending()).await, server.place(&caller, ending()).await);
    let endless = OrderReplaceRequest { expires_at: Some(None), ..OrderReplaceRequest::default() };
    let endless = server.orders.replace(&caller, &other.order_id, endless, None, None).await.unwrap();
    assert_eq!((endless.time_in_force.as_str(), endless.expires_at), ("gtc", None));
    desk.pass_seconds(6);
    let ended = server.orders.cancel(&caller, &one.order_id, None, None).await.unwrap();
    assert_eq!((ended.status.as_str(), ended.status_reason.as_deref()), ("expired", Some("gtd")));
    assert_eq!(server.engine.tick().await.expired, 0);
    assert_eq!(server.now(&caller, &other).await.status, "working");
    desk.books_agree().await;
}

/// A change of the end alone, whose commit nobody was told: the book goes on with the new end.
#[tokio::test]
async fn an_end_that_was_changed_in_doubt_is_put_right() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    let end = |seconds: i64| Timestamp(desk.clock.now_us() + seconds * 1_000_000);
    let ending =
        OrderRequest { expires_at: Some(end(5)), ..order("limit_buy", "BTC", "0.01", Some("60000"), None) };
    let order = server.place(&caller, ending).await;
    table.lose_next();
    let later = OrderReplaceRequest { expires_at: Some(Some(end(60))), ..OrderReplaceRequest::default() };
    refused(server.orders.replace(&caller, &order.order_id, later, None, None).await, Code::Unavailable);
    desk.pass_seconds(6);
    let report = server.engine.tick().await;
    assert_eq!((report.expired, report.failed), (0, 0));
    assert_eq!(server.now(&caller, &order).await.status, "working");
    desk.pass_seconds(60);
    assert_eq!(server.engine.tick().await.expired, 1);
    assert_eq!(server.now(&caller, &order).await.status, "expired");
    desk.books_agree().await;
}
