//! Limits of storage: daily allowances, and a disk that is short of space.

use std::io;
use std::sync::Mutex;

use cnop_api::trading::{GuardRailsUpdate, OrderReplaceRequest};
use cnop_api::{Caller, Code};
use cnop_domain::OrderStatus;

use super::alerts::alert;
use super::recurring::daily;
use super::support::{client, client_at, login_request, register_request};
use super::{Cluster, Server, order, refused, transfer};
use crate::free_space::{DiskSpace, DiskSpaceReader};

fn resting() -> cnop_api::trading::OrderRequest {
    order("limit_buy", "BTC", "0.001", Some("50000"), None)
}

/// A disk with a size set by hand.
#[derive(Debug)]
struct Disk(Mutex<DiskSpace>);

impl DiskSpaceReader for Disk {
    fn read(&self) -> io::Result<DiskSpace> {
        Ok(*self.0.lock().unwrap())
    }
}

impl Server {
    /// Whatever frees something or protects the trader goes on.
    async fn protection_goes_on(&self, caller: &Caller) {
        let open = self.orders.list(caller, Default::default()).await.unwrap().data;
        let open = open.iter().find(|order| order.status == OrderStatus::Working).unwrap();
        self.orders.cancel(caller, open.order_id, None, None).await.unwrap();
        self.ledger.withdraw(caller, transfer("1"), None).await.unwrap();
        let rails = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
        self.guards.update(caller, rails, None).await.unwrap();
        let alerts = self.alerts.list(caller).await.unwrap();
        self.alerts.delete(caller, alerts[0].alert_id, None).await.unwrap();
    }

    /// Everything that makes the store grow is refused.
    async fn growth_is_refused(&self, caller: &Caller, code: Code) {
        refused(self.orders.place(caller, resting(), None).await, code);
        refused(self.ledger.deposit(caller, transfer("1"), None).await, code);
        refused(self.alerts.create(caller, alert("BTC", "70000"), None).await, code);
        refused(self.recurring.create(caller, daily("100"), None).await, code);
    }
}

/// One account, at its quota all day, filled the disk of the whole venue.
#[tokio::test]
async fn an_account_stores_a_bounded_number_of_events_a_day() {
    let mut cluster = Cluster::new();
    cluster.config.events_per_day = 40;
    let (server, caller, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    server.deposit(&caller, "5000").await;
    server.deposit(&other, "5000").await;
    server.alert(&caller, "BTC", "70000").await;
    let key: crate::IdempotencyKey = "the-first".parse().unwrap();
    let first = server.orders.place(&caller, resting(), Some(key.clone())).await.unwrap();
    let refusal = loop {
        match server.orders.place(&caller, resting(), None).await {
            Ok(placed) => {
                drop(server.orders.cancel(&caller, placed.order_id, None, None).await.unwrap());
            }
            refusal => break refused(refusal, Code::QuotaDaily),
        }
    };
    let stored = server.ledger.account_snapshot(&caller.account_id).await.unwrap().seq;
    assert!((40..=41).contains(&stored), "{stored}");
    // The clock is at 10:00.
    assert_eq!(refusal.retry_after_seconds, Some(14 * 3_600));
    let until = ("until".to_owned(), "2026-11-22T00:00:00.000000Z".to_owned());
    assert_eq!(refusal.facts, [("limit".to_owned(), "40".to_owned()), until]);
    server.growth_is_refused(&caller, Code::QuotaDaily).await;
    let again = server.orders.place(&caller, resting(), Some(key)).await.unwrap();
    assert_eq!(again, first, "what is committed is answered");
    server.place(&other, resting()).await;
    server.protection_goes_on(&caller).await;
    cluster.books_agree().await;

    // On a new day, the events of the day before do not count.
    cluster.pass_seconds(14 * 3_600);
    server.deposit(&caller, "1").await;
    server.deposit(&caller, "1").await;
    cluster.books_agree().await;
}

/// Guard rails protect, so they are refused only far beyond the allowance. Unbounded they would fill a disk. The kill
/// switch is never refused: events of the engine count too, and they must not take it away.
#[tokio::test]
async fn guard_rails_may_store_twice_as_much_and_the_kill_switch_more() {
    let mut cluster = Cluster::new();
    cluster.config.events_per_day = 20;
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "100").await;
    let mut changes = 0;
    let refusal = loop {
        let amount = if changes % 2 == 0 { "200" } else { "300" };
        let update =
            GuardRailsUpdate { largest_order: Some(Some(amount.into())), ..GuardRailsUpdate::default() };
        match server.guards.update(&caller, update, None).await {
            Ok(_) => changes += 1,
            refusal => break refused(refusal, Code::QuotaDaily),
        }
    };
    assert_eq!(refusal.facts[0], ("limit".to_owned(), "40".to_owned()));
    assert!(changes >= 38, "{changes}");
    let switch = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    assert!(server.guards.update(&caller, switch, None).await.unwrap().in_force.kill_switch);
    server.ledger.withdraw(&caller, transfer("1"), None).await.unwrap();
    cluster.books_agree().await;
}

/// On a full disk not even a cancel could be written.
#[tokio::test]
async fn a_disk_that_is_short_of_space_takes_cancels_and_withdrawals_only() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.alert(&caller, "BTC", "70000").await;
    server.place(&caller, resting()).await;
    server.auth.register(register_request("first_user"), &client()).await.unwrap();
    let space = |free_bytes| DiskSpace { free_bytes, total_bytes: 1 << 40 };
    let disk = Disk(Mutex::new(space(1 << 20)));
    let free_space = server.free_space().clone();
    free_space.refresh(&disk);
    server.growth_is_refused(&caller, Code::StorageLow).await;
    let refusal = refused(server.orders.place(&caller, resting(), None).await, Code::StorageLow);
    assert_eq!(refusal.retry_after_seconds, Some(60));
    refused(server.auth.register(register_request("second_user"), &client()).await, Code::StorageLow);
    server.auth.login(login_request("first_user"), &client()).await.unwrap();
    // A stop that cannot follow the price protects no longer.
    let moved = OrderReplaceRequest { price: Some("50001".into()), ..OrderReplaceRequest::default() };
    let open = server.open(&caller).await;
    for _ in 0..1_000 {
        server.orders.replace(&caller, open[0].order_id, moved.clone(), None, None).await.unwrap();
    }
    let beyond = server.orders.replace(&caller, open[0].order_id, moved, None, None).await;
    refused(beyond, Code::QuotaDaily);
    server.protection_goes_on(&caller).await;

    *disk.0.lock().unwrap() = space(1 << 39);
    free_space.refresh(&disk);
    server.auth.register(register_request("second_user"), &client()).await.unwrap();
    server.deposit(&caller, "1").await;
    cluster.books_agree().await;
}

/// Registration needs nothing but an unused name, and what it stores stays.
#[tokio::test]
async fn a_network_opens_a_bounded_number_of_accounts_a_day() {
    let mut cluster = Cluster::new();
    cluster.config.registrations_per_day = 3;
    let server = cluster.server();
    let register = async |number: u32, address: &str| {
        server.auth.register(register_request(&format!("user_{number}")), &client_at(address)).await
    };
    for number in 0..3 {
        register(number, "192.0.2.1").await.unwrap();
    }
    let refusal = refused(register(3, "192.0.2.1").await, Code::QuotaDaily);
    assert!(refusal.retry_after_seconds.is_some_and(|seconds| (1..=86_400).contains(&seconds)));
    register(4, "192.0.2.2").await.unwrap();
    cluster.clock.advance_seconds(86_400);
    register(5, "192.0.2.1").await.unwrap();
}
