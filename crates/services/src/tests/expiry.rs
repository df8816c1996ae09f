//! Expiry and kill switch: orders that end without a fill.

use cnop_api::trading::{GuardRailsUpdate, OrderReplaceRequest, OrderRequest};
use cnop_api::{Code, Timestamp};
use cnop_domain::{Clock, OrderStatus, Reason};
use cnop_store::StoreError;

use super::{Cluster, order, refused};

/// The switch is committed first and the cancels follow: nothing may fill in between.
#[tokio::test(start_paused = true)]
async fn no_order_fills_after_the_kill_switch_is_committed() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let take = server.place(&caller, order("take_profit_buy", "BTC", "0.01", None, Some("60000"))).await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("59500"), None)).await;
    table.lose_next_answer();
    // Nor can anything be canceled for now.
    table.refuse_partition("B#BTC".to_owned(), StoreError::Busy);
    let on = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    refused(server.guards.update(&caller, on, None).await, Code::Unavailable);
    table.accept_all();
    cluster.price_set("BTC", "59000");
    assert_eq!(server.engine.tick().await.failed, 0);
    for order in [&take, &limit] {
        let ended = server.now(&caller, order).await;
        assert_eq!((ended.fills.len(), ended.status_reason.map(Reason::as_str)), (0, Some("kill_switch")));
    }
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn canceling_an_order_past_its_expiry_expires_it() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let end = Timestamp(cluster.clock.now_us() + 5_000_000);
    let ending =
        || OrderRequest { expires_at: Some(end), ..order("limit_buy", "BTC", "0.01", Some("60000"), None) };
    let (one, other) = (server.place(&caller, ending()).await, server.place(&caller, ending()).await);
    let endless = OrderReplaceRequest { expires_at: Some(None), ..OrderReplaceRequest::default() };
    let endless = server.orders.replace(&caller, other.order_id, endless, None, None).await.unwrap();
    assert_eq!((endless.time_in_force.as_str(), endless.expires_at), ("gtc", None));
    cluster.pass_seconds(6);
    let ended = server.orders.cancel(&caller, one.order_id, None, None).await.unwrap();
    assert_eq!((ended.status, ended.status_reason.map(Reason::as_str)), (OrderStatus::Expired, Some("gtd")));
    assert_eq!(server.engine.tick().await.expired, 0);
    assert_eq!(server.now(&caller, &other).await.status, OrderStatus::Working);
    cluster.books_agree().await;
}

/// A change of the expiry alone with an unknown outcome: the book takes the new expiry.
#[tokio::test]
async fn the_book_learns_an_expiry_whose_commit_had_an_unknown_outcome() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let end = |seconds: i64| Timestamp(cluster.clock.now_us() + seconds * 1_000_000);
    let ending =
        OrderRequest { expires_at: Some(end(5)), ..order("limit_buy", "BTC", "0.01", Some("60000"), None) };
    let order = server.place(&caller, ending).await;
    table.lose_next_answer();
    let later = OrderReplaceRequest { expires_at: Some(Some(end(60))), ..OrderReplaceRequest::default() };
    refused(server.orders.replace(&caller, order.order_id, later, None, None).await, Code::Unavailable);
    cluster.pass_seconds(6);
    let report = server.engine.tick().await;
    assert_eq!((report.expired, report.failed), (0, 0));
    assert_eq!(server.now(&caller, &order).await.status, OrderStatus::Working);
    cluster.pass_seconds(60);
    assert_eq!(server.engine.tick().await.expired, 1);
    assert_eq!(server.now(&caller, &order).await.status, OrderStatus::Expired);
    cluster.books_agree().await;
}
