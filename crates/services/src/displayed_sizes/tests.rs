//! Two servers and the displayed size of one quote.

use cnop_api::Caller;
use cnop_api::trading::OrderRequest;
use cnop_domain::OrderStatus;
use cnop_testkit::{FlakyCoordinator, order};
use futures::future::join_all;

use super::*;
use crate::ownership::BookShard;
use crate::tests::support::{Cluster, Server};

/// Two servers that know each other, with an account each; Bitcoin is quoted with 0.05 at the ask.
struct DisplayedPair {
    cluster: Cluster,
    servers: [Server; 2],
    callers: [Caller; 2],
}

fn bitcoin() -> AssetId {
    "BTC".parse().unwrap()
}

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

impl DisplayedPair {
    /// The owner of Bitcoin's book is the server with this number, or nobody.
    async fn owned_by(owner: Option<usize>) -> Self {
        let cluster = Cluster::new();
        let pair = Self {
            servers: [cluster.member(), cluster.member()],
            callers: [cluster.caller(1).await, cluster.caller(2).await],
            cluster,
        };
        for server in [0, 1] {
            pair.servers[server].deposit(&pair.callers[server], "9000").await;
        }
        pair.owner_set(owner);
        pair.quote("0.05");
        pair
    }

    fn owner_set(&self, owner: Option<usize>) {
        let owner = owner.map(|owner| self.servers[owner].ownership.server_id());
        for server in &self.servers {
            server.ownership.owner_set(BookShard::of(bitcoin()), owner);
            server.ownership.members_set(2);
        }
    }

    fn quote(&self, size: &str) {
        self.cluster.bitcoin("61999.00", "62000.00", size);
    }

    fn newest(&self) -> Quote {
        self.cluster.market.market().snapshot().get(bitcoin()).unwrap().quote
    }

    /// Lets a server hear the other one.
    async fn hears(&self, server: usize) {
        tokio::spawn(self.servers[server].displayed_sizes.clone().run(CancellationToken::new()));
        tokio::task::yield_now().await;
    }

    /// Buys at the ask through a server, as much as is displayed; the rest is left.
    async fn buys(&self, server: usize, wanted: &str, time_in_force: &str) -> Quantity {
        let request = OrderRequest {
            time_in_force: Some(time_in_force.to_owned()),
            ..order("limit_buy", "BTC", wanted, Some("62000"), None)
        };
        let order = self.servers[server].place(&self.callers[server], request).await;
        assert_ne!(order.status, OrderStatus::Rejected);
        order.filled_quantity
    }

    fn sizes(&self, server: usize) -> &DisplayedSizes {
        &self.servers[server].displayed_sizes
    }
}

/// Each server had the whole displayed size of each quote for itself, so two of them sold it twice.
#[tokio::test]
async fn two_servers_sell_the_displayed_size_once() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    pair.hears(0).await;
    pair.hears(1).await;
    assert_eq!(pair.buys(1, "0.03", "ioc").await, quantity("0.03"));
    assert_eq!(pair.buys(0, "0.03", "ioc").await, quantity("0.02"));
    assert_eq!(pair.buys(1, "0.03", "ioc").await, Quantity::ZERO);
    pair.quote("0.05");
    assert_eq!(pair.buys(0, "0.01", "ioc").await, quantity("0.01"));
    assert_eq!(pair.buys(1, "0.06", "ioc").await, quantity("0.04"));
}

/// Many orders at once through both servers: what they fill together is what is displayed, for every quote.
#[tokio::test]
async fn the_fills_of_a_quote_never_exceed_what_it_displays() {
    let pair = DisplayedPair::owned_by(Some(1)).await;
    pair.hears(0).await;
    pair.hears(1).await;
    for size in ["0.01", "0.004", "0.02", "0.0075", "0.01"] {
        pair.quote(size);
        let orders =
            (0..8).map(|number| pair.buys(number % 2, if number < 4 { "0.003" } else { "0.0011" }, "ioc"));
        let filled: i128 = join_all(orders).await.iter().map(|filled| filled.units()).sum();
        let displayed = quantity(size).units().min(quantity("0.0164").units());
        assert!(filled <= displayed, "{filled} of {displayed}");
        // Two orders that wait for each other's rest may leave a part.
        assert!(filled * 2 >= displayed, "{filled} of {displayed}");
    }
    pair.cluster.books_agree().await;
}

/// A command waited forever for an owner that had died, or sold beside one that was only slow.
#[tokio::test(start_paused = true)]
async fn a_silent_owner_grants_nothing_and_the_order_rests() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    pair.hears(1).await;
    let started = tokio::time::Instant::now();
    assert_eq!(pair.buys(1, "0.03", "gtc").await, Quantity::ZERO);
    assert!(started.elapsed() <= REPLY_WAIT + Duration::from_millis(10), "{:?}", started.elapsed());
    assert_eq!(pair.buys(1, "0.03", "ioc").await, Quantity::ZERO);
    assert!(started.elapsed() <= REPLY_WAIT + Duration::from_millis(20), "one wait for each quote");
    assert_eq!(pair.buys(0, "0.06", "ioc").await, quantity("0.05"));
}

/// Without an owner each server would sell everything.
#[tokio::test]
async fn without_an_owner_each_server_sells_its_share_once() {
    let pair = DisplayedPair::owned_by(None).await;
    assert_eq!(pair.buys(0, "0.04", "ioc").await, quantity("0.025"));
    assert_eq!(pair.buys(1, "0.02", "ioc").await, quantity("0.02"));
    assert_eq!(pair.buys(0, "0.04", "ioc").await, Quantity::ZERO);
    // One of them becomes the owner: it does not know what the other has sold.
    pair.sizes(0).inner.books.displayed_spend(bitcoin(), &pair.newest());
    pair.owner_set(Some(0));
    pair.hears(0).await;
    pair.hears(1).await;
    assert_eq!(pair.buys(0, "0.04", "ioc").await, Quantity::ZERO);
    assert_eq!(pair.buys(1, "0.04", "ioc").await, quantity("0.005"), "the rest of its share");
    pair.quote("0.05");
    assert_eq!(pair.buys(1, "0.06", "ioc").await, quantity("0.05"));
}

/// A server that had lost the coordinator believed itself alone, and sold the whole displayed size of each quote beside
/// its owner: with many servers, each quote many times for the whole outage.
#[tokio::test(start_paused = true)]
async fn a_server_that_is_cut_off_sells_nothing_of_a_book_that_it_does_not_own() {
    let mut pair = DisplayedPair::owned_by(Some(0)).await;
    let way = Arc::new(FlakyCoordinator::new(Arc::clone(&pair.cluster.coordinator) as _, 1, "cut off"));
    way.servers_set(2);
    pair.servers[1] = pair.cluster.server_with(Arc::clone(&way) as _);
    pair.owner_set(Some(0));
    let is_alone = |server: &Server| {
        server.ownership.owner_set(BookShard::of(bitcoin()), None);
        server.ownership.members_set(1);
    };
    // Each has not heard the other for two seconds.
    way.cut(true);
    is_alone(&pair.servers[1]);
    pair.servers[0].ownership.members_set(1);
    assert_eq!(pair.buys(1, "0.03", "ioc").await, Quantity::ZERO);
    assert_eq!(pair.buys(0, "0.06", "ioc").await, quantity("0.05"), "the owner goes on");

    // The coordinator is back before the first heartbeat of the owner.
    way.cut(false);
    pair.quote("0.05");
    assert_eq!(pair.buys(1, "0.03", "ioc").await, Quantity::ZERO);
    assert_eq!(pair.buys(0, "0.06", "ioc").await, quantity("0.05"));

    // Only one server is left, and it does not own the book yet.
    way.servers_set(1);
    pair.quote("0.05");
    assert_eq!(pair.buys(1, "0.06", "ioc").await, quantity("0.05"));
}

/// A new owner would sell again what the one before has sold of the same quote.
#[tokio::test]
async fn a_new_owner_begins_with_the_next_quote() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    pair.hears(0).await;
    pair.hears(1).await;
    assert_eq!(pair.buys(1, "0.03", "ioc").await, quantity("0.03"));
    pair.sizes(1).inner.books.displayed_spend(bitcoin(), &pair.newest());
    pair.owner_set(Some(1));
    assert_eq!(pair.buys(0, "0.03", "ioc").await, Quantity::ZERO);
    assert_eq!(pair.buys(1, "0.03", "ioc").await, Quantity::ZERO);
    pair.quote("0.05");
    assert_eq!(pair.buys(0, "0.03", "ioc").await, quantity("0.03"));
    assert_eq!(pair.buys(1, "0.03", "ioc").await, quantity("0.02"));
}

/// Each request waited for the way of the answer before it. A burst above the buffer then lost requests and replies, and
/// the size of a lost reply was sold to nobody.
#[tokio::test(start_paused = true)]
async fn a_slow_answer_holds_up_no_other_request() {
    let mut pair = DisplayedPair::owned_by(Some(0)).await;
    let way = Arc::new(FlakyCoordinator::new(Arc::clone(&pair.cluster.coordinator) as _, 1, "slow"));
    pair.servers[0] = pair.cluster.server_with(Arc::clone(&way) as _);
    pair.owner_set(Some(0));
    pair.hears(0).await;
    way.publishes_hold(true);
    let topic = topic(pair.servers[0].ownership.server_id());
    let want = DisplayedWant {
        asset_id: bitcoin(),
        side: Side::Buy,
        quote: pair.newest(),
        quantity: quantity("0.01"),
    };
    let from = pair.servers[1].ownership.server_id();
    for request in 1..=5 {
        let message = DisplayedMessage::Request { from, request, want };
        pair.cluster.coordinator.publish(&topic, message.write().unwrap()).await.unwrap();
    }
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let left = pair.sizes(0).inner.books.displayed_left(bitcoin(), Side::Buy, &pair.newest());
    assert_eq!(left, Quantity::ZERO, "all five are granted while the first answer is on its way");
}

/// A command that was dropped while it waited for a silent owner stayed among the requests that wait. After some thousand
/// of them, no order for another server's asset was filled at once any more.
#[tokio::test(start_paused = true)]
async fn a_dropped_command_leaves_no_request() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    let want = DisplayedWant {
        asset_id: bitcoin(),
        side: Side::Buy,
        quote: pair.newest(),
        quantity: quantity("0.02"),
    };
    let sizes = pair.sizes(1);
    let dropped = tokio::time::timeout(REPLY_WAIT / 2, sizes.ask(&want)).await;
    assert!(dropped.is_err());
    assert_eq!(sizes.inner.requests.waiting_count(), 0);
}

/// Size that an order did not use after all was lost for everybody.
#[tokio::test]
async fn unused_size_is_given_back() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    pair.hears(0).await;
    pair.hears(1).await;
    assert_eq!(pair.buys(0, "0.02", "ioc").await, quantity("0.02"));
    assert_eq!(pair.buys(1, "0.05", "fok").await, Quantity::ZERO, "only 0.03 are left");
    // The message is on its way.
    tokio::task::yield_now().await;
    assert_eq!(pair.buys(0, "0.04", "ioc").await, quantity("0.03"));
}

/// Messages may arrive twice or late: a request would be granted twice, a rest returned twice, and a late grant lost.
#[tokio::test]
async fn doubled_and_late_messages_do_no_harm() {
    let pair = DisplayedPair::owned_by(Some(0)).await;
    let (owner, asker) = (pair.sizes(0), pair.sizes(1));
    let [owner_id, asker_id] = [0, 1].map(|server| pair.servers[server].ownership.server_id());
    let left = || owner.inner.books.displayed_left(bitcoin(), Side::Buy, &pair.newest());
    let want = DisplayedWant {
        asset_id: bitcoin(),
        side: Side::Buy,
        quote: pair.newest(),
        quantity: quantity("0.02"),
    };
    let (number, reply) = asker.inner.requests.begin().unwrap();
    let request = DisplayedMessage::Request { from: asker_id, request: number, want };
    for _ in 0..2 {
        let answer = owner.take_message(request.clone());
        let reply = DisplayedMessage::Reply { request: number, quantity: quantity("0.02") };
        assert_eq!(answer, Some((asker_id, reply)));
        assert_eq!(left(), quantity("0.03"));
    }
    // Nobody waits any more: the first reply goes back, its repetition has no effect.
    asker.inner.requests.give_up(number, owner_id, want);
    drop(reply);
    let late = DisplayedMessage::Reply { request: number, quantity: quantity("0.02") };
    let (to, returned) = asker.take_message(late.clone()).unwrap();
    assert_eq!(to, owner_id);
    assert_eq!(asker.take_message(late), None);
    for _ in 0..3 {
        assert_eq!(owner.take_message(returned.clone()), None);
        assert_eq!(left(), quantity("0.05"));
    }
    let nothing = DisplayedMessage::Reply { request: number, quantity: Quantity::ZERO };
    assert_eq!(owner.take_message(request), Some((asker_id, nothing)));
}
