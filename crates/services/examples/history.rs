//! Benchmark of order lookups in a long history: `cargo run --release -p cnop-services --example history
//! [orders]`.
//!
//! One account places market orders (100,000 by default) on the embedded store, one in ten of another asset,
//! and an open limit order now and then. Then the whole history and every filter are read page by page and
//! compared with the placed orders. A row is printed for each. The file is created in the working directory
//! and removed.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for a person at a terminal"
)]

use std::time::{Duration, Instant};

use cnop_api::trading::{OrderQuery, OrderRequest, OrderView, StatusFilter};
use cnop_api::{Caller, Timestamp};
use cnop_domain::{Clock, Side};
use cnop_testkit::test_server::{TestServer, services};
use cnop_testkit::{caller, order};

/// µs between two orders.
const APART_US: i64 = 700;
/// One order in this many is of another asset.
const OTHER_EVERY: usize = 20;
/// One order in this many rests.
const RESTS_EVERY: usize = 10_000;
/// Orders of a page.
const PAGE: u32 = 100;

/// Expected properties of a placed order in every list.
struct Placed {
    id: String,
    asset_id: &'static str,
    side: &'static str,
    is_open: bool,
    time_us: i64,
}

struct Bench {
    server: TestServer,
    caller: Caller,
    placed: Vec<Placed>,
}

#[tokio::main]
async fn main() {
    let orders = std::env::args().nth(1).map_or(100_000, |text| text.parse().unwrap());
    let mut bench =
        Bench { server: TestServer::new(), caller: caller(1), placed: Vec::with_capacity(orders) };
    bench.server.services.engine.rebuild().await.unwrap();
    println!("| orders | what | calls | found | p50 | p99 |\n|---|---|---|---|---|---|");
    bench.place(orders).await;
    let (start, middle) = (bench.placed[orders / 2].time_us, bench.placed[orders * 3 / 5].time_us);
    let within = OrderQuery { since: Some(Timestamp(start)), until: Some(Timestamp(middle)), ..query() };
    bench.all("all of it", query(), |_| true).await;
    bench.all("a tenth, by time", within, |placed| (start..middle).contains(&placed.time_us)).await;
    let asset = OrderQuery { asset_id: Some("ETH".parse().unwrap()), ..query() };
    bench.all("one asset, one order in ten", asset, |placed| placed.asset_id == "ETH").await;
    let side = OrderQuery { side: Some(Side::Sell), ..query() };
    bench.all("sales", side, |placed| placed.side == "sell").await;
    let open = OrderQuery { status: Some(StatusFilter::Open), ..query() };
    bench.all("open", open, |placed| placed.is_open).await;
    let rare = OrderQuery { order_type: Some("limit_buy".parse().unwrap()), ..query() };
    bench.all("limit orders, one in 10,000", rare, |placed| placed.is_open).await;
}

fn query() -> OrderQuery {
    OrderQuery { limit: PAGE, ..OrderQuery::default() }
}

impl Bench {
    async fn place(&mut self, orders: usize) {
        self.server.quote("BTC", 62_000);
        self.server.quote("ETH", 3_400);
        self.server.open_account(&self.caller, "9000").await;
        // A day of the clock would make the quotes stale, so each order brings its own.
        let mut times = Vec::with_capacity(orders);
        for number in 0..orders {
            self.server.backend.clock.advance_us(APART_US);
            if number % 1_000 == 0 {
                self.server.quote("BTC", 62_000);
                self.server.quote("ETH", 3_400);
            }
            let rests = number % RESTS_EVERY == RESTS_EVERY - 1;
            let (asset_id, quantity) =
                if number % OTHER_EVERY < 2 && !rests { ("ETH", "0.002") } else { ("BTC", "0.0001") };
            let side = if rests || number % 2 == 0 { "buy" } else { "sell" };
            let request = if rests {
                OrderRequest {
                    price: Some("50000".into()),
                    ..order("limit_buy", asset_id, quantity, None, None)
                }
            } else {
                order(
                    if side == "buy" { "market_buy" } else { "market_sell" },
                    asset_id,
                    quantity,
                    None,
                    None,
                )
            };
            let begin = Instant::now();
            let placed = self.server.services.orders.place(&self.caller, request, None).await.unwrap();
            times.push(begin.elapsed());
            let time_us = self.server.backend.clock.now_us();
            self.placed.push(Placed {
                id: placed.order_id.to_string(),
                asset_id,
                side,
                is_open: rests,
                time_us,
            });
        }
        row(orders, "place, one after the other", orders, times);
        // The view of a new process: nothing in memory except the file's cached pages.
        self.server.services = services(&self.server.environment);
    }

    /// Reads a list to its end and compares it with the placed orders, newest first.
    async fn all(&self, what: &str, query: OrderQuery, wanted: impl Fn(&Placed) -> bool) {
        let mut expected = self.placed.iter().rev().filter(|placed| wanted(placed));
        let (mut found, mut times, mut cursor) = (0, Vec::new(), None);
        loop {
            let query = OrderQuery { cursor: cursor.take(), ..query.clone() };
            let begin = Instant::now();
            let page = self.server.services.orders.list(&self.caller, query).await.unwrap();
            times.push(begin.elapsed());
            for order in &page.data {
                compare(order, expected.next().unwrap());
                found += 1;
            }
            cursor = page.next_cursor;
            if !page.has_more {
                break;
            }
        }
        assert!(expected.next().is_none(), "an order is missing from {what}");
        row(self.placed.len(), what, found, times);
    }
}

fn compare(order: &OrderView, placed: &Placed) {
    assert_eq!(order.order_id.to_string(), placed.id);
    assert_eq!((order.asset_id.as_str(), order.created_at.0), (placed.asset_id, placed.time_us));
}

fn row(orders: usize, what: &str, found: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!("| {orders} | {what} | {} | {found} | {:.1?} | {:.1?} |", times.len(), at(50), at(99));
}
