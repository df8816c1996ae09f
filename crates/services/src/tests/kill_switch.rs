//! The kill switch ends all that is open, whatever happens to the request and to the table.

use std::time::Duration;

use cnop_api::trading::GuardRailsUpdate;
use cnop_api::{Code, Problem};
use cnop_store::StoreError;

use super::cancel_all::silent;
use super::{Desk, order, refused};
use crate::IdempotencyKey;

fn switch(is_on: bool) -> GuardRailsUpdate {
    GuardRailsUpdate { kill_switch: Some(is_on), ..GuardRailsUpdate::default() }
}

fn key() -> Option<IdempotencyKey> {
    Some("once".parse().unwrap())
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_order_open() {
    let (desk, table) = silent();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 5).await;
    table.hold(Some("B#BTC".to_owned()));
    let request = server.guards.update(&caller, switch(true), None);
    assert!(tokio::time::timeout(Duration::from_millis(20), request).await.is_err());
    assert!(server.guards.get(&caller).await.unwrap().in_force.kill_switch, "it is committed");
    assert_eq!(server.open(&caller).await.len(), 5);
    table.hold(None);
    server.none_is_open_soon(&caller).await;
    desk.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_still_open_are_told_as_what_they_are() {
    let (desk, table) = silent();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    table.refuse(Some(("B#BTC".to_owned(), StoreError::Busy)));
    let problem = refused(server.guards.update(&caller, switch(true), key()).await, Code::Contention);
    assert!(problem.detail.starts_with("Your kill switch is on; 2 orders are still open."), "{problem}");
    assert!(!problem.detail.contains("Nothing"), "{problem}");
    assert_eq!(problem.facts, [("open_orders".to_owned(), "2".to_owned())]);
    assert!(server.guards.get(&caller).await.unwrap().in_force.kill_switch);
    table.refuse(None);
    let rails = server.guards.update(&caller, switch(true), key()).await.unwrap();
    assert!(rails.in_force.kill_switch, "the same request goes on");
    assert!(server.open(&caller).await.is_empty());
    desk.books_agree().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_busy_for_a_moment_is_canceled_by_a_later_pass() {
    let (desk, table) = silent();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 2).await;
    table.refuse(Some(("B#BTC".to_owned(), StoreError::Busy)));
    let later = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        table.refuse(None);
    };
    let (rails, ()) = tokio::join!(server.guards.update(&caller, switch(true), None), later);
    assert!(rails.unwrap().in_force.kill_switch);
    assert!(server.open(&caller).await.is_empty());
}

#[tokio::test]
async fn a_repeated_command_of_a_switch_that_is_off_again_cancels_nothing() {
    let desk = Desk::new();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "9000").await;
    let on = server.guards.update(&caller, switch(true), key()).await.unwrap();
    server.guards.update(&caller, switch(false), None).await.unwrap();
    desk.pass_seconds(86_401);
    let placed = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("50000"), None)).await;
    assert_eq!(server.guards.update(&caller, switch(true), key()).await.unwrap(), on, "the first answer");
    assert_eq!(server.open(&caller).await, [placed]);
    assert!(!server.guards.get(&caller).await.unwrap().in_force.kill_switch);
    let other = server.guards.update(&caller, switch(false), key()).await;
    assert_eq!(Problem::from(other.unwrap_err()).code, Code::IdempotencyKeyReused);
}
