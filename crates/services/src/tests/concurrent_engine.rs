//! The running engine on the embedded table in real time: quotes during earlier work, failures of the table, and a
//! shutdown in the middle.

use std::sync::Arc;

use cnop_api::trading::{OrderGroupRequest, OrderView, StopLossRequest, TakeProfitRequest};
use cnop_api::{Caller, Figure};
use cnop_domain::{OrderStatus, OrderType, Reason};
use cnop_store::Table;
use cnop_testkit::{CommitFault, FlakyTable};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::concurrent::embedded;
use super::{Cluster, Server, order};
use crate::records::account_pk;

/// Traders that a server leaves in the middle.
const ACCOUNTS: u32 = 8;

/// A running server on an embedded table that fails on request.
struct Running {
    cluster: Cluster,
    table: Arc<FlakyTable>,
    server: Server,
    shutdown: CancellationToken,
    engine: JoinHandle<()>,
}

impl Running {
    async fn start(directory: &tempfile::TempDir) -> Self {
        let mut cluster = embedded(directory);
        let table = Arc::new(FlakyTable::new(Arc::clone(&cluster.table)));
        cluster.table = Arc::clone(&table) as Arc<dyn Table>;
        let server = cluster.server();
        server.engine.rebuild().await.unwrap();
        let shutdown = CancellationToken::new();
        let engine = tokio::spawn(server.engine.clone().run(shutdown.clone()));
        let running = Self { cluster, table, server, shutdown, engine };
        running.first_look().await;
        running
    }

    /// Waits until the engine observes every quote: it has executed one.
    async fn first_look(&self) {
        let caller = self.cluster.caller(99).await;
        self.server.deposit(&caller, "100").await;
        let first = self.server.place(&caller, order("stop_buy", "ETH", "0.01", None, Some("5000"))).await;
        self.cluster.price_set("ETH", "5100");
        self.server.until(&caller, &first, "completed").await;
    }

    async fn pair(&self, caller: &Caller) -> [OrderView; 2] {
        self.server.deposit(caller, "5000").await;
        self.server.buy(caller, "BTC", "0.01").await;
        let price = |price: &str| Figure(price.to_owned());
        let request = OrderGroupRequest {
            kind: "oco".to_owned(),
            asset_id: "BTC".to_owned(),
            side: Some("sell".to_owned()),
            quantity: Some(price("0.01")),
            take_profit: Some(TakeProfitRequest { price: price("63000") }),
            stop_loss: Some(StopLossRequest {
                stop_price: Some(price("60000")),
                ..StopLossRequest::default()
            }),
            ..OrderGroupRequest::default()
        };
        let orders = self.server.orders.place_group(caller, request, None).await.unwrap().orders;
        orders.try_into().unwrap()
    }

    async fn end(self) {
        self.shutdown.cancel();
        self.engine.await.unwrap();
        self.cluster.books_agree().await;
        let next = self.cluster.server();
        assert_eq!(next.engine.rebuild().await.unwrap(), self.server.engine.resting());
        assert_eq!(next.engine.waiting(), self.server.engine.waiting());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_quotes_on_their_way_for_one_group_the_first_wins() {
    let directory = tempfile::tempdir().unwrap();
    let running = Running::start(&directory).await;
    let (cluster, server) = (&running.cluster, &running.server);
    let caller = cluster.caller(1).await;
    let [profit, loss] = running.pair(&caller).await;
    // A slow table: both quotes are matched before any job is done.
    running.table.block_partition(account_pk(&caller.account_id));
    cluster.price_set("BTC", "63100");
    cluster.price_set("BTC", "59000");
    running.table.unblock();
    let done = server.until(&caller, &profit, "completed").await;
    assert_eq!(done.fills[0].price.to_string(), "63000.00");
    assert_eq!(
        server.until(&caller, &loss, "canceled").await.status_reason.map(Reason::as_str),
        Some("oco_sibling")
    );
    assert_eq!(server.engine.resting(), 0);
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_trigger_is_retried_in_the_background_before_later_work() {
    for failure in [CommitFault::Busy, CommitFault::RequestLost, CommitFault::AnswerLost] {
        let directory = tempfile::tempdir().unwrap();
        let running = Running::start(&directory).await;
        let (cluster, server) = (&running.cluster, &running.server);
        let caller = cluster.caller(1).await;
        let [profit, loss] = running.pair(&caller).await;
        running.table.fail_next_commit(failure);
        cluster.price_set("BTC", "63100");
        while running.table.has_next_fault() {
            tokio::task::yield_now().await;
        }
        cluster.price_set("BTC", "59000");
        let done = server.until(&caller, &profit, "completed").await;
        assert_eq!(
            (done.fills.len(), done.fills[0].price.to_string()),
            (1, "63000.00".to_owned()),
            "{failure:?}"
        );
        server.until(&caller, &loss, "canceled").await;
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shutdown_in_the_middle_finishes_triggered_work() {
    let directory = tempfile::tempdir().unwrap();
    let running = Running::start(&directory).await;
    let (cluster, server) = (&running.cluster, &running.server);
    let mut orders = Vec::new();
    for number in 1..=ACCOUNTS {
        let caller = cluster.caller(number).await;
        server.deposit(&caller, "5000").await;
        server.buy(&caller, "BTC", "0.02").await;
        for price in ["60000", "60500", "61000", "61500"] {
            let stop = server.place(&caller, order("stop_sell", "BTC", "0.004", None, Some(price))).await;
            let limit = server.place(&caller, order("limit_buy", "BTC", "0.004", Some(price), None)).await;
            orders.extend([(caller.clone(), stop), (caller.clone(), limit)]);
        }
    }
    cluster.price_set("BTC", "59000");
    running.shutdown.cancel();
    // Seen or not, the earlier trigger is executed at its own quote.
    cluster.price_set("BTC", "58000");
    let server = cluster.server();
    running.end().await;
    for (caller, order) in &orders {
        let now = server.now(caller, order).await;
        assert_eq!(now.status, OrderStatus::Completed, "{now:?}");
        let (at, limit) = (now.fills[0].price.to_string(), order.price.to_string());
        assert!(at == if order.kind == OrderType::Limit { limit.as_str() } else { "58999.90" }, "{now:?}");
    }
}
