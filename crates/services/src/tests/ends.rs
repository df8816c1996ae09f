//! Orders that end otherwise than by a fill: by their time, and by their owner's kill switch.

use cnop_api::trading::{GuardRailsUpdate, OrderReplaceRequest, OrderRequest};
use cnop_api::{Code, Timestamp};
use cnop_domain::Clock;
use cnop_store::StoreError;

use super::doubt::failing;
use super::{Desk, order, refused};

/// The switch is committed first and the cancels follow: nothing may fill in between.
#[tokio::test(start_paused = true)]
async fn nothing_fills_once_the_kill_switch_is_on() {
    let (desk, table) = failing();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    let stop = server.stop_of_a_hundredth(&caller).await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59500"), None)).await;
    table.lose_next();
    // Nor can anything be canceled for now.
    table.refuse(Some(("B#BTC".to_owned(), StoreError::Busy)));
    let on = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    refused(server.guards.update(&caller, on, None).await, Code::Unavailable);
    table.refuse(None);
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
