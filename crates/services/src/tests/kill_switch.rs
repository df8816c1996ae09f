//! The kill switch cancels all open purchases, also when the request or the table fails.

use std::time::Duration;

use cnop_api::trading::GuardRailsUpdate;
use cnop_api::{Code, Problem};
use cnop_store::StoreError;

use super::{Cluster, order, refused};
use crate::idempotency::IdempotencyKey;

fn switch(is_on: bool) -> GuardRailsUpdate {
    GuardRailsUpdate { kill_switch: Some(is_on), ..GuardRailsUpdate::default() }
}

fn key() -> Option<IdempotencyKey> {
    Some("once".parse().unwrap())
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_order_open() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 5).await;
    table.block_partition("B#BTC".to_owned());
    let request = server.guards.update(&caller, switch(true), None);
    assert!(tokio::time::timeout(Duration::from_millis(20), request).await.is_err());
    assert!(server.guards.get(&caller).await.unwrap().in_force.kill_switch, "it is committed");
    assert_eq!(server.open(&caller).await.len(), 5);
    table.unblock();
    server.none_is_open_soon(&caller).await;
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn a_kill_switch_reports_orders_that_are_still_open() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    table.refuse_partition("B#BTC".to_owned(), StoreError::Busy);
    let problem = refused(server.guards.update(&caller, switch(true), key()).await, Code::Contention);
    assert!(problem.detail.starts_with("Your kill switch is on; 2 purchases are still open."), "{problem}");
    assert!(!problem.detail.contains("Nothing"), "{problem}");
    assert_eq!(problem.facts, [("open_orders".to_owned(), "2".to_owned())]);
    assert!(server.guards.get(&caller).await.unwrap().in_force.kill_switch);
    table.accept_all();
    let rails = server.guards.update(&caller, switch(true), key()).await.unwrap();
    assert!(rails.in_force.kill_switch, "the same request goes on");
    assert!(server.open(&caller).await.is_empty());
    cluster.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_busy_for_a_moment_is_canceled_by_a_later_pass() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    table.refuse_partition("B#BTC".to_owned(), StoreError::Busy);
    let later = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        table.accept_all();
    };
    let (rails, ()) = tokio::join!(server.guards.update(&caller, switch(true), None), later);
    assert!(rails.unwrap().in_force.kill_switch);
    assert!(server.open(&caller).await.is_empty());
}

#[tokio::test]
async fn a_repeated_command_of_a_switch_that_is_off_again_cancels_nothing() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let on = server.guards.update(&caller, switch(true), key()).await.unwrap();
    server.guards.update(&caller, switch(false), None).await.unwrap();
    cluster.pass_seconds(86_401);
    let placed = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("50000"), None)).await;
    assert_eq!(server.guards.update(&caller, switch(true), key()).await.unwrap(), on, "the first answer");
    assert_eq!(server.open(&caller).await, [placed]);
    assert!(!server.guards.get(&caller).await.unwrap().in_force.kill_switch);
    let other = server.guards.update(&caller, switch(false), key()).await;
    assert_eq!(Problem::from(other.unwrap_err()).code, Code::IdempotencyKeyReused);
}
