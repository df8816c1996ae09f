//! Servers that lose sight of each other: lost messages, a dead publisher, a paused owner, a coordinator that is away.

use std::sync::Arc;

use cnop_api::Caller;
use cnop_api::trading::OrderRequest;
use cnop_coordination::Coordinator;
use cnop_domain::OrderStatus;
use cnop_store::Table;
use cnop_testkit::{CountingTable, FlakyCoordinator};

use super::owners::owner_first;
use super::{Cluster, Server, order};

/// A server, and its way to the shared coordinator.
pub(super) struct Wired {
    pub(super) server: Server,
    pub(super) way: Arc<FlakyCoordinator>,
}

impl Cluster {
    pub(super) fn wired(&self, name: &str) -> Wired {
        let shared = Arc::clone(&self.coordinator) as Arc<dyn Coordinator>;
        let way = Arc::new(FlakyCoordinator::new(shared, 1, name));
        Wired { server: self.server_with(Arc::clone(&way) as _), way }
    }

    /// Lets time pass for these servers. Messages on a flaky way need turns of other tasks.
    pub(super) async fn live_wired(&self, servers: &[&Wired], seconds: i64) {
        for _ in 0..seconds * 4 {
            self.clock.advance_us(250_000);
            for wired in servers {
                turns_pass().await;
                wired.server.engine.ownership_step().await.unwrap();
            }
        }
        self.market.time_set(cnop_domain::Clock::now_us(self.clock.as_ref()));
    }

    pub(super) async fn wired_pair(&self) -> (Wired, Wired, Caller) {
        let (one, other, caller) = (self.wired("one"), self.wired("other"), self.caller(1).await);
        one.server.deposit(&caller, "9000").await;
        one.server.buy(&caller, "BTC", "0.05").await;
        self.live_wired(&[&one, &other], 5).await;
        (one, other, caller)
    }
}

pub(super) async fn turns_pass() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

pub(super) fn btc_owner<'a>(one: &'a Wired, other: &'a Wired) -> [&'a Wired; 2] {
    let [first, _] = owner_first([&one.server, &other.server], "BTC");
    if std::ptr::eq(first, &one.server) { [one, other] } else { [other, one] }
}

pub(super) fn limit_buy() -> OrderRequest {
    order("limit_buy", "BTC", "0.01", Some("60000"), None)
}

#[tokio::test]
async fn a_lost_message_is_found_by_its_number_within_five_seconds() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [owner, elsewhere] = btc_owner(&one, &other);
    let placed = elsewhere.server.place(&caller, limit_buy()).await;
    owner.way.cut(true);
    elsewhere.server.engine.ownership_step().await.unwrap();
    turns_pass().await;
    owner.way.cut(false);
    owner.server.engine.ownership_step().await.unwrap();
    cluster.live_wired(&[owner, elsewhere], 4).await;
    assert_eq!(owner.server.engine.resting(), 1);
    cluster.bitcoin("59000.00", "59001.00", "9");
    owner.server.engine.tick().await;
    assert_eq!(owner.server.now(&caller, &placed).await.status, OrderStatus::Completed);
}

#[tokio::test]
async fn a_publisher_that_is_cut_off_tells_later_that_something_is_missing() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [owner, elsewhere] = btc_owner(&one, &other);
    elsewhere.way.cut(true);
    let placed = elsewhere.server.place(&caller, limit_buy()).await;
    cluster.live_wired(&[owner, elsewhere], 1).await;
    assert_eq!(owner.server.engine.resting(), 0);
    elsewhere.way.cut(false);
    cluster.live_wired(&[owner, elsewhere], 1).await;
    assert_eq!(owner.server.engine.resting(), 1);
    owner.server.orders.cancel(&caller, placed.order_id, None, None).await.unwrap();
    assert_eq!(owner.server.engine.resting(), 0);
}

/// Between its commit and its message a server dies: no number shows that something is missing.
#[tokio::test]
async fn a_server_that_dies_between_commit_and_message_is_missed() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [owner, dies] = btc_owner(&one, &other);
    let placed = dies.server.place(&caller, limit_buy()).await;
    cluster.live_wired(&[owner], 1).await;
    assert_eq!(owner.server.engine.resting(), 0);
    cluster.live_wired(&[owner], 3).await;
    assert_eq!(owner.server.engine.resting(), 1);
    cluster.bitcoin("59000.00", "59001.00", "9");
    owner.server.engine.tick().await;
    assert_eq!(owner.server.now(&caller, &placed).await.status, OrderStatus::Completed);
}

/// A paused server still had its books: it would fill again what another one had filled meanwhile.
#[tokio::test]
async fn an_owner_that_was_paused_does_no_harm_and_lets_go() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [paused, takes] = btc_owner(&one, &other);
    let mut placed = Vec::new();
    for _ in 0..4 {
        placed.push(paused.server.place(&caller, limit_buy()).await);
    }
    assert_eq!(paused.server.engine.resting(), 4);
    cluster.live_wired(&[takes], 5).await;
    assert!(takes.server.owns("BTC"));
    takes.server.orders.cancel(&caller, placed[3].order_id, None, None).await.unwrap();
    cluster.bitcoin("59000.00", "59001.00", "0.02");
    takes.server.engine.tick().await;
    // It comes back, and sees the next quote before it hears that its leases have ended.
    cluster.bitcoin("58900.00", "58901.00", "9");
    paused.server.engine.tick().await;
    takes.server.engine.tick().await;
    for order in &placed[..3] {
        let now = takes.server.now(&caller, order).await;
        assert_eq!((now.status, now.filled_quantity.to_string().as_str()), (OrderStatus::Completed, "0.01"));
    }
    cluster.live_wired(&[paused], 1).await;
    assert!(!paused.server.owns("BTC"));
    assert_eq!(paused.server.engine.resting(), 0, "nothing of it stays behind");
    assert_eq!(takes.server.now(&caller, &placed[3]).await.status, OrderStatus::Canceled);
    cluster.live_wired(&[paused, takes], 5).await;
    assert_eq!(paused.server.ownership.shards_owned() + takes.server.ownership.shards_owned(), 33);
    cluster.books_agree().await;
}

/// The marks of a server that was cut off are older: written later, they would take a trailing stop back.
#[tokio::test]
async fn marks_of_an_earlier_lease_are_refused() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [paused, takes] = btc_owner(&one, &other);
    let trailing =
        OrderRequest { trail_bps: Some(500), ..order("trailing_stop_sell", "BTC", "0.01", None, None) };
    let placed = paused.server.place(&caller, trailing).await;
    cluster.price_set("BTC", "63000");
    paused.server.engine.tick().await;
    paused.server.engine.marks_store().await.unwrap();
    cluster.price_set("BTC", "64000");
    paused.server.engine.tick().await;

    cluster.live_wired(&[takes], 5).await;
    cluster.price_set("BTC", "65000");
    takes.server.engine.tick().await;
    takes.server.engine.marks_store().await.unwrap();
    assert!(paused.server.engine.marks_store().await.is_err());
    paused.server.engine.marks_store().await.unwrap();
    paused.server.engine.ownership_step().await.unwrap();
    assert!(!paused.server.owns("BTC"), "it lets go of the shard");
    for server in [&paused.server, &takes.server] {
        assert_eq!(server.now(&caller, &placed).await.mark_price.unwrap().to_string(), "65000.00");
    }
}

/// Without messages and leases money still moves: owners go on, and find changes of others in the table.
#[tokio::test]
async fn while_the_coordinator_is_away_owners_go_on_and_read_the_table() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [owner, elsewhere] = btc_owner(&one, &other);
    let owned = [owner, elsewhere].map(|wired| wired.server.ownership.shards_owned());
    one.way.cut(true);
    other.way.cut(true);
    cluster.live_wired(&[owner, elsewhere], 10).await;
    let placed = elsewhere.server.place(&caller, limit_buy()).await;
    cluster.live_wired(&[owner, elsewhere], 5).await;
    assert_eq!([owner, elsewhere].map(|wired| wired.server.ownership.shards_owned()), owned);
    assert_eq!(owner.server.engine.resting(), 1);
    cluster.bitcoin("59000.00", "59001.00", "9");
    owner.server.engine.tick().await;
    assert_eq!(owner.server.now(&caller, &placed).await.status, OrderStatus::Completed);
    one.way.cut(false);
    other.way.cut(false);
    for _ in 0..6 {
        cluster.live_wired(&[owner, elsewhere], 1).await;
        // Back again, each server seemed to be alone: it took the shards of the other, and gave them back.
        assert_eq!([owner, elsewhere].map(|wired| wired.server.ownership.shards_owned()), owned);
    }
}

#[tokio::test]
async fn a_server_without_the_coordinator_at_its_start_waits() {
    let cluster = Cluster::new();
    let wired = cluster.wired("late");
    wired.way.cut(true);
    wired.server.engine.rebuild().await.unwrap();
    cluster.live_wired(&[&wired], 10).await;
    assert!(wired.server.ownership.is_waiting());
    assert_eq!(wired.server.ownership.shards_owned(), 0);
    wired.way.cut(false);
    cluster.live_wired(&[&wired], 2).await;
    assert!(!wired.server.ownership.is_waiting());
    assert_eq!(wired.server.ownership.shards_owned(), 33);
}

/// An order that neither messages nor heartbeats showed would wait until the next restart.
#[tokio::test]
async fn an_order_that_nobody_told_is_found_within_a_minute() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [owner, elsewhere] = btc_owner(&one, &other);
    cluster.server_without_messages().place(&caller, limit_buy()).await;
    cluster.live_wired(&[owner, elsewhere], 50).await;
    assert_eq!(owner.server.engine.resting(), 0);
    cluster.live_wired(&[owner, elsewhere], 15).await;
    assert_eq!(owner.server.engine.resting(), 1);
}

/// One server would read all waiting orders again every minute, for nothing: nobody else changes them.
#[tokio::test]
async fn a_server_alone_never_compares_its_books_with_the_table() {
    let mut cluster = Cluster::new();
    let table = Arc::new(CountingTable::new(Arc::clone(&cluster.table)));
    cluster.table = Arc::clone(&table) as Arc<dyn Table>;
    let (server, caller) = (cluster.member(), cluster.caller(1).await);
    server.engine.rebuild().await.unwrap();
    server.deposit(&caller, "5000").await;
    server.place(&caller, limit_buy()).await;
    // Counts from here on.
    assert!(table.items_read() > 0);
    cluster.live(&[&server], 180).await;
    assert_eq!((table.items_read(), server.engine.resting()), (0, 1));
}
