//! Idempotency of changes of recurring orders, alerts and guards.

use cnop_api::Code;
use cnop_api::trading::{GuardRailsUpdate, OrderRequest, RecurringUpdate};
use cnop_domain::OrderStatus;

use super::recurring::{DAY, daily};
use super::{Cluster, order, refused};
use crate::idempotency::IdempotencyKey;

fn key(text: &str) -> Option<IdempotencyKey> {
    Some(text.parse().unwrap())
}

#[tokio::test]
async fn a_repeated_change_of_a_recurring_order_is_done_once() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    let change = |amount: &str| RecurringUpdate { amount: Some(amount.into()), ..RecurringUpdate::default() };
    let status = |word: &str| RecurringUpdate { status: Some(word.to_owned()), ..RecurringUpdate::default() };
    let update =
        async |update, key| cluster.server().recurring.update(&caller, plan.recurring_id, update, key).await;
    let changed = update(change("150"), key("change")).await.unwrap();
    let paused = update(status("paused"), key("pause")).await.unwrap();
    cluster.pass_seconds(DAY);
    update(change("200"), None).await.unwrap();
    let resumed = update(status("active"), None).await.unwrap();
    assert_eq!(update(change("150"), key("change")).await.unwrap(), changed, "as it was answered first");
    assert_eq!(update(status("paused"), key("pause")).await.unwrap(), paused);
    assert_eq!(server.plan_now(&caller, &plan).await, resumed, "and nothing is done again");
    refused(update(change("151"), key("change")).await, Code::IdempotencyKeyReused);
    assert_eq!(server.events_named(&caller, "recurring.paused").await.len(), 1);

    let end = async |id, key| server.recurring.delete(&caller, id, key).await;
    end(plan.recurring_id, key("end")).await.unwrap();
    end(plan.recurring_id, key("end")).await.unwrap();
    refused(end(plan.recurring_id, key("another")).await, Code::RecurringNotFound);
    let other = server.plan(&caller, daily("100")).await;
    refused(end(other.recurring_id, key("end")).await, Code::IdempotencyKeyReused);
    assert_eq!(update(change("150"), key("change")).await.unwrap(), changed, "also when it is gone");
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_repeated_removal_of_an_alert_is_no_error() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let alert = server.alert(&caller, "BTC", "63000").await;
    let other = server.alert(&caller, "BTC", "64000").await;
    let end = async |id, key| cluster.server().alerts.delete(&caller, id, key).await;
    end(alert.alert_id, key("end")).await.unwrap();
    end(alert.alert_id, key("end")).await.unwrap();
    refused(end(alert.alert_id, None).await, Code::AlertNotFound);
    refused(end(other.alert_id, key("end")).await, Code::IdempotencyKeyReused);
    assert_eq!(server.alerts.list(&caller).await.unwrap(), [other]);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_repeated_change_of_guards_answers_as_at_first_and_changes_nothing() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let largest = |amount: &str| GuardRailsUpdate {
        largest_order: Some(Some(amount.into())),
        ..GuardRailsUpdate::default()
    };
    let set = async |amount: &str, key| cluster.server().guards.update(&caller, largest(amount), key).await;
    let first = set("100", key("set")).await.unwrap();
    let second = set("50", None).await.unwrap();
    assert_eq!(set("100", key("set")).await.unwrap(), first);
    assert_eq!(server.guards.get(&caller).await.unwrap(), second);
    refused(set("50", key("set")).await, Code::IdempotencyKeyReused);
    assert_eq!(server.events_named(&caller, "guard.changed").await.len(), 2);
    cluster.books_agree().await;
}

/// A key answers as at first; a client's order id answers with the order, which may have been filled since.
#[tokio::test]
async fn a_client_order_id_answers_with_the_order_as_it_is_now() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let request = || OrderRequest {
        client_order_id: Some("mine".to_owned()),
        ..order("limit_buy", "BTC", "0.01", Some("61000"), None)
    };
    let first = server.orders.place(&caller, request(), key("once")).await.unwrap();
    assert_eq!(first.status, OrderStatus::Working);
    cluster.price_set("BTC", "60900");
    server.engine.tick().await;
    let now = server.now(&caller, &first).await;
    assert_eq!((now.status, &now.order_id), (OrderStatus::Completed, &first.order_id));
    assert_eq!(server.orders.place(&caller, request(), None).await.unwrap(), now);
    assert_eq!(cluster.server().orders.place(&caller, request(), key("once")).await.unwrap(), first);
    cluster.books_agree().await;
}
