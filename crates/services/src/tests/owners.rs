//! Several servers that share leases: one owner of every book, and changes that reach it.

use cnop_api::Caller;
use cnop_api::trading::{
    AlertRequest, OrderQuery, OrderReplaceRequest, OrderRequest, OrderView, RecurringRequest,
};
use cnop_domain::{AssetId, OrderStatus};
use tokio_util::sync::CancellationToken;

use super::{Cluster, Server, order};
use crate::ownership::{BookShard, Owner};

/// Step of the manual time, in µs: that of the loop.
const STEP_US: i64 = 250_000;

impl Cluster {
    /// Lets time pass for these servers, step by step; the others stand still.
    pub(super) async fn live(&self, servers: &[&Server], seconds: i64) {
        for _ in 0..seconds * 1_000_000 / STEP_US {
            self.clock.advance_us(STEP_US);
            for server in servers {
                server.engine.ownership_step().await.unwrap();
            }
        }
        self.market.time_set(cnop_domain::Clock::now_us(self.clock.as_ref()));
    }

    /// Two members that have divided the shards, and a caller with dollars and coins.
    pub(super) async fn pair(&self) -> (Server, Server, Caller) {
        let (one, other, caller) = (self.member(), self.member(), self.caller(1).await);
        one.deposit(&caller, "9000").await;
        one.buy(&caller, "BTC", "0.05").await;
        self.live(&[&one, &other], 5).await;
        (one, other, caller)
    }
}

impl Server {
    pub(super) fn owns(&self, asset: &str) -> bool {
        self.ownership.owner_of(asset.parse().unwrap()) == Owner::Here
    }

    /// Both match the present quotes, and run what they reach.
    async fn tick_all(servers: &[&Self]) -> usize {
        let mut done = 0;
        for server in servers {
            let report = server.engine.tick().await;
            done += report.filled + report.triggered + report.alerts + report.expired;
        }
        done
    }
}

/// The one of two servers that owns an asset's book, and the other one.
pub(super) fn owner_first<'a>(servers: [&'a Server; 2], asset: &str) -> [&'a Server; 2] {
    let [one, other] = servers;
    if one.owns(asset) { [one, other] } else { [other, one] }
}

fn assets() -> Vec<AssetId> {
    cnop_market::Catalogue::bundled().iter().map(|asset| asset.asset_id).collect()
}

/// Eight limit orders, on as many assets as there are here.
async fn eight_orders(server: &Server, caller: &Caller) -> Vec<OrderView> {
    let mut placed = Vec::new();
    for (asset, price, quantity) in [("BTC", "60000", "0.001"), ("ETH", "2000", "0.01")] {
        for _ in 0..4 {
            placed.push(server.place(caller, order("limit_buy", asset, quantity, Some(price), None)).await);
        }
    }
    placed
}

#[tokio::test]
async fn a_server_alone_owns_all_books_after_its_first_step_and_keeps_them() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.member(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    assert!(server.ownership.is_waiting());
    assert_eq!((server.ownership.shards_owned(), server.engine.resting()), (0, 0));
    assert_eq!(server.engine.rebuild().await.unwrap(), 1);
    assert!(!server.ownership.is_waiting());
    assert_eq!(server.ownership.members(), 1);
    assert!(assets().iter().all(|asset_id| server.ownership.owner_of(*asset_id) == Owner::Here));
    // The process stood still for longer than its leases, and nobody else was there.
    cluster.clock.advance_seconds(60);
    cluster.live(&[&server], 1).await;
    assert_eq!((server.ownership.shards_owned(), server.engine.resting()), (33, 1));
    cluster.bitcoin("59999.00", "60000.00", "9");
    assert_eq!(server.engine.tick().await.filled, 1);
    assert_eq!(server.now(&caller, &limit).await.status, OrderStatus::Completed);
    server.engine.release_all().await;
    cluster.live(&[&server], 5).await;
    assert_eq!(server.ownership.shards_owned(), 33, "nobody else could take them");
}

#[tokio::test]
async fn members_divide_the_books_and_agree_about_it() {
    let cluster = Cluster::new();
    let servers = [cluster.member(), cluster.member(), cluster.member()];
    let [one, two, three] = &servers;
    cluster.live(&[one], 2).await;
    assert_eq!(one.ownership.shards_owned(), 33);
    cluster.live(&[one, two, three], 5).await;
    let owned = servers.each_ref().map(|server| server.ownership.shards_owned());
    assert_eq!(owned.iter().sum::<usize>(), 33, "{owned:?}");
    assert!(owned.iter().all(|count| *count > 4), "{owned:?}");
    for asset_id in assets() {
        let owners: Vec<_> = servers.iter().map(|server| server.ownership.owner_of(asset_id)).collect();
        assert_eq!(owners.iter().filter(|owner| **owner == Owner::Here).count(), 1, "{owners:?}");
        let named = owners.iter().find_map(|owner| match owner {
            Owner::Server(server_id) => Some(*server_id),
            _ => None,
        });
        let owner = servers.iter().find(|server| server.ownership.owner_of(asset_id) == Owner::Here).unwrap();
        assert_eq!(named, Some(owner.ownership.server_id()));
    }
    assert!(servers.iter().all(|server| server.ownership.members() == 3));
    // Nothing moves while nobody comes or goes.
    cluster.live(&[one, two, three], 30).await;
    assert_eq!(servers.each_ref().map(|server| server.ownership.shards_owned()), owned);
}

/// Eight limit orders placed through one server were never filled after it was killed: no other had them in its books.
#[tokio::test]
async fn orders_of_a_server_that_dies_are_filled_by_another_within_five_seconds() {
    let cluster = Cluster::new();
    let (dies, lives, caller) = cluster.pair().await;
    let placed = eight_orders(&dies, &caller).await;
    // It dies without a message. A second later the price falls.
    cluster.live(&[&lives], 1).await;
    cluster.bitcoin("59000.00", "59001.00", "9");
    cluster.price_set("ETH", "1900");
    lives.engine.tick().await;
    cluster.live(&[&lives], 4).await;
    assert_eq!(lives.ownership.shards_owned(), 33);
    lives.engine.tick().await;
    for order in &placed {
        assert_eq!(lives.now(&caller, order).await.status, OrderStatus::Completed);
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn every_change_through_another_server_is_in_the_owners_book_after_one_step() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.pair().await;
    let [owner, elsewhere] = owner_first([&one, &other], "BTC");
    let told = async || {
        elsewhere.engine.ownership_step().await.unwrap();
        owner.engine.ownership_step().await.unwrap();
    };
    let placed = elsewhere.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let alert =
        AlertRequest { asset_id: "BTC".to_owned(), price: "65000".into(), direction: None, note: None };
    let alert = elsewhere.alerts.create(&caller, alert, None).await.unwrap();
    assert_eq!((owner.engine.resting(), elsewhere.engine.resting()), (0, 0));
    told().await;
    assert_eq!((owner.engine.resting(), elsewhere.engine.resting()), (2, 0));

    let change = OrderReplaceRequest { price: Some("59000".into()), ..OrderReplaceRequest::default() };
    elsewhere.orders.replace(&caller, placed.order_id, change, None, None).await.unwrap();
    elsewhere.alerts.delete(&caller, alert.alert_id, None).await.unwrap();
    told().await;
    assert_eq!(owner.engine.resting(), 1);
    cluster.bitcoin("59500.00", "59501.00", "9");
    assert_eq!(Server::tick_all(&[&one, &other]).await, 0, "it has its new price");

    elsewhere.orders.cancel(&caller, placed.order_id, None, None).await.unwrap();
    told().await;
    assert_eq!(owner.engine.resting(), 0);
    cluster.books_agree().await;
}

/// A change of another server that has not been told yet left the order dispatched in its book forever.
#[tokio::test]
async fn a_job_that_finds_its_order_changed_puts_the_entry_right() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.pair().await;
    let [owner, elsewhere] = owner_first([&one, &other], "BTC");
    let placed = owner.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let change = OrderReplaceRequest { price: Some("58000".into()), ..OrderReplaceRequest::default() };
    elsewhere.orders.replace(&caller, placed.order_id, change, None, None).await.unwrap();
    cluster.bitcoin("59500.00", "59501.00", "9");
    owner.engine.tick().await;
    assert_eq!(owner.now(&caller, &placed).await.status, OrderStatus::Working);
    cluster.bitcoin("57900.00", "57901.00", "9");
    owner.engine.tick().await;
    assert_eq!(owner.now(&caller, &placed).await.status, OrderStatus::Completed);
    cluster.books_agree().await;
}

/// The mark would fall back to where the order began, and the stop with it.
#[tokio::test]
async fn a_trailing_stop_keeps_its_mark_when_another_server_shows_or_changes_it() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.pair().await;
    let [owner, elsewhere] = owner_first([&one, &other], "BTC");
    let trailing =
        OrderRequest { trail_bps: Some(500), ..order("trailing_stop_sell", "BTC", "0.01", None, None) };
    let placed = owner.place(&caller, trailing).await;
    cluster.price_set("BTC", "65000");
    owner.engine.tick().await;
    owner.engine.marks_store().await.unwrap();
    let seen = owner.now(&caller, &placed).await;
    assert_eq!(seen.mark_price.unwrap().to_string(), "65000.00");
    assert_eq!(elsewhere.now(&caller, &placed).await, seen, "all servers show the same");
    let listed = elsewhere.orders.list(&caller, OrderQuery::default()).await.unwrap().data;
    assert_eq!(listed[0], seen);
    let change = OrderReplaceRequest { trail_bps: Some(600), ..OrderReplaceRequest::default() };
    elsewhere.orders.replace(&caller, placed.order_id, change, None, None).await.unwrap();
    elsewhere.engine.ownership_step().await.unwrap();
    owner.engine.ownership_step().await.unwrap();
    let changed = owner.now(&caller, &placed).await;
    assert_eq!(changed.mark_price.unwrap().to_string(), "65000.00");
    assert_eq!(changed.trigger_price.unwrap().to_string(), "61100.00");
}

/// Given away without a message, a shard had no owner for the rest of its lease.
#[tokio::test]
async fn a_server_that_drains_gives_its_books_away_at_once() {
    let cluster = Cluster::new();
    let (ends, stays, caller) = cluster.pair().await;
    let placed = eight_orders(&ends, &caller).await;
    let release = async {
        ends.engine.release_all().await;
    };
    let steps = async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
            ends.engine.ownership_step().await.unwrap();
            stays.engine.ownership_step().await.unwrap();
        }
    };
    tokio::join!(release, steps);
    assert_eq!(
        (ends.ownership.shards_owned(), stays.ownership.shards_owned()),
        (0, 33),
        "no time has passed"
    );
    assert_eq!((ends.engine.resting(), stays.engine.resting()), (0, 8));
    // It still takes requests until the drain ends.
    let late = ends.place(&caller, order("limit_buy", "BTC", "0.001", Some("60000"), None)).await;
    ends.engine.ownership_step().await.unwrap();
    stays.engine.ownership_step().await.unwrap();
    cluster.bitcoin("59000.00", "59001.00", "9");
    cluster.price_set("ETH", "1900");
    stays.engine.tick().await;
    for order in placed.iter().chain([&late]) {
        assert_eq!(stays.now(&caller, order).await.status, OrderStatus::Completed);
    }
    cluster.books_agree().await;
}

/// With all servers stopped at once, each waited for another one to take its books.
#[tokio::test(start_paused = true)]
async fn servers_that_all_end_keep_their_books_and_wait_for_nobody() {
    let cluster = Cluster::new();
    let (one, other, _) = cluster.pair().await;
    let owned = [one.ownership.shards_owned(), other.ownership.shards_owned()];
    one.ownership.drain();
    other.ownership.drain();
    let begin = tokio::time::Instant::now();
    // Both have said so before either gives anything away.
    for server in [&one, &other] {
        server.engine.heartbeat_now().await;
    }
    cluster.live(&[&one, &other], 2).await;
    one.engine.release_all().await;
    other.engine.release_all().await;
    assert!(begin.elapsed() < std::time::Duration::from_secs(5));
    assert_eq!([one.ownership.shards_owned(), other.ownership.shards_owned()], owned);
}

#[tokio::test]
async fn due_runs_are_worked_on_by_one_server() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.pair().await;
    let plan = RecurringRequest {
        asset_id: "BTC".to_owned(),
        amount: "100".into(),
        interval: "daily".to_owned(),
        time: Some("12:00".to_owned()),
        weekday: None,
        day: None,
    };
    one.recurring.create(&caller, plan, None).await.unwrap();
    cluster.clock.advance_seconds(2 * 3_600);
    cluster.live(&[&one, &other], 5).await;
    let runs = [one.engine.tick().await.runs, other.engine.tick().await.runs];
    assert_eq!(runs.iter().sum::<usize>(), 1);
    let owners = [&one, &other].map(|server| server.ownership.owner(BookShard::RUNS) == Owner::Here);
    assert_eq!(runs.map(|runs| runs == 1), owners);
    cluster.books_agree().await;
}

/// Between two steps an order that another server took waited for the next one, up to a quarter of a second later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_owner_hears_of_an_order_at_once_and_its_end_gives_everything_away() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.pair().await;
    let [owner, elsewhere] = owner_first([&one, &other], "BTC");
    let (shutdown, end) = (CancellationToken::new(), CancellationToken::new());
    let running = tokio::spawn(owner.engine.clone().run(shutdown.clone()));
    let other_running = tokio::spawn(elsewhere.engine.clone().run(end.clone()));
    cluster.bitcoin("59000.00", "59001.00", "0");
    let limit = elsewhere.place(&caller, order("limit_buy", "BTC", "0.01", Some("58000"), None)).await;
    cluster.price_set("BTC", "57000");
    elsewhere.until(&caller, &limit, "completed").await;
    shutdown.cancel();
    running.await.unwrap();
    assert_eq!((owner.ownership.shards_owned(), owner.engine.resting()), (0, 0));
    end.cancel();
    other_running.await.unwrap();
    let next = cluster.member();
    next.engine.rebuild().await.unwrap();
    assert_eq!(next.ownership.shards_owned(), 33, "no lease is left behind");
    cluster.books_agree().await;
}

/// With each server restarted in its turn, orders that came in between were in no book.
#[tokio::test]
async fn a_rolling_restart_of_three_servers_loses_no_order() {
    let cluster = Cluster::new();
    let caller = cluster.caller(1).await;
    let mut servers = vec![cluster.member(), cluster.member(), cluster.member()];
    servers[0].deposit(&caller, "9000").await;
    let live = async |servers: &[Server], seconds| {
        cluster.live(&servers.iter().collect::<Vec<_>>(), seconds).await;
    };
    live(&servers, 5).await;
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.extend(eight_orders(&servers[0], &caller).await);
        servers[0].ownership.drain();
        servers.push(cluster.member());
        live(&servers, 1).await;
        assert_eq!(servers[0].ownership.shards_owned(), 0);
        // The last request before the listener closes.
        placed.extend(eight_orders(&servers[0], &caller).await);
        live(&servers, 1).await;
        servers.remove(0);
        live(&servers, 3).await;
        let resting: usize = servers.iter().map(|server| server.engine.resting()).sum();
        assert_eq!(resting, placed.len());
    }
    cluster.bitcoin("59000.00", "59001.00", "9");
    cluster.price_set("ETH", "1900");
    Server::tick_all(&servers.iter().collect::<Vec<_>>()).await;
    for order in &placed {
        assert_eq!(servers[0].now(&caller, order).await.status, OrderStatus::Completed);
    }
    cluster.books_agree().await;
}
