//! Benchmark of orders on the embedded store: `cargo run --release -p cnop-services --example orders [resting
//! ...]`.
//!
//! For each number of resting orders (1,000, 10,000 and 100,000 by default) it fills the books through the
//! use cases, then places, cancels, ticks and rebuilds, and prints a row for each. The file is created in the
//! working directory and removed.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for a person at a terminal"
)]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cnop_api::trading::{OrderRequest, OrderView};
use cnop_api::{Caller, Figure};
use cnop_testkit::test_server::{TestServer, open_account, services};
use cnop_testkit::{caller, order};
use tokio::sync::Semaphore;

/// Number of concurrent commands.
const AT_ONCE: usize = 64;
/// Resting orders of one account: a few may come on top.
const RESTING_PER_ACCOUNT: usize = 180;
/// Orders that are placed and canceled one after the other.
const ALONE: usize = 200;
/// Orders that are placed and canceled many at once.
const TOGETHER: usize = 6_400;
/// Quotes without any effect.
const QUIET_TICKS: i128 = 2_000;
/// Coins of an order.
const SIZE: &str = "0.0002";
/// Orders that one quote reaches.
const REACHED: [usize; 3] = [1, 100, 1_000];

/// A venue with accounts, in a file.
struct Bench {
    resting: usize,
    server: TestServer,
    callers: Vec<Caller>,
}

#[tokio::main]
async fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).map(|text| text.parse().unwrap()).collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    println!("| resting orders | what | calls | calls a second | p50 | p99 |\n|---|---|---|---|---|---|");
    for resting in sizes {
        let mut bench = Bench::new(resting).await;
        bench.fill().await;
        bench.one_after_the_other().await;
        bench.many_at_once().await;
        bench.quiet_ticks().await;
        for reached in REACHED {
            bench.busy_ticks(reached).await;
        }
        bench.rebuild().await;
    }
}

impl Bench {
    async fn new(resting: usize) -> Self {
        let accounts = (resting / RESTING_PER_ACCOUNT + 1).max(TOGETHER / 16);
        let callers: Vec<Caller> = (1..=accounts).map(caller).collect();
        let mut bench = Self { resting, server: TestServer::new(), callers };
        bench.server.services.engine.rebuild().await.unwrap();
        bench.quote(62_000);
        each(&bench.callers, |caller| {
            let (services, environment) = (bench.server.services.clone(), bench.server.environment.clone());
            async move { open_account(&services, &environment, &caller, "9000").await }
        })
        .await;
        bench
    }

    fn quote(&mut self, dollars: i128) {
        self.server.quote("BTC", dollars);
    }

    async fn fill(&self) {
        let start = Instant::now();
        let times = self.place_for_all(self.resting).await;
        let times = times.iter().flatten().map(|(_, time)| *time).collect();
        self.row("place, 64 at once, while the books fill", times, start.elapsed());
    }

    /// Places orders, the same number for each account, and returns them with their durations.
    async fn place_for_all(&self, orders: usize) -> Vec<Vec<(OrderView, Duration)>> {
        let accounts = self.callers.len();
        let numbered: Vec<(usize, Caller)> = self.callers.iter().cloned().enumerate().collect();
        each(&numbered, |(account, caller)| {
            let services = self.server.services.clone();
            let count = orders * (account + 1) / accounts - orders * account / accounts;
            async move {
                let mut orders = Vec::with_capacity(count);
                for number in 0..count {
                    let request = far(account * 7 + number * 17);
                    let begin = Instant::now();
                    let order = services.orders.place(&caller, request, None).await.unwrap();
                    orders.push((order, begin.elapsed()));
                }
                orders
            }
        })
        .await
    }

    async fn one_after_the_other(&self) {
        let (services, caller) = (&self.server.services, &self.callers[0]);
        let (mut places, mut cancels) = (Vec::new(), Vec::new());
        for number in 0..ALONE {
            let begin = Instant::now();
            let order = services.orders.place(caller, far(number), None).await.unwrap();
            places.push(begin.elapsed());
            let begin = Instant::now();
            services.orders.cancel(caller, order.order_id, None, None).await.unwrap();
            cancels.push(begin.elapsed());
        }
        let (place, cancel) = (places.iter().sum(), cancels.iter().sum());
        self.row("place, one after the other", places, place);
        self.row("cancel, one after the other", cancels, cancel);
    }

    async fn many_at_once(&self) {
        let start = Instant::now();
        let placed = self.place_for_all(TOGETHER).await;
        let elapsed = start.elapsed();
        let times = placed.iter().flatten().map(|(_, time)| *time).collect();
        self.row("place, 64 at once", times, elapsed);
        let owned: Vec<_> = self.callers.iter().cloned().zip(placed).collect();
        let start = Instant::now();
        let times = each(&owned, |(caller, orders)| {
            let services = self.server.services.clone();
            async move {
                let mut times = Vec::with_capacity(orders.len());
                for (order, _) in orders {
                    let begin = Instant::now();
                    services.orders.cancel(&caller, order.order_id, None, None).await.unwrap();
                    times.push(begin.elapsed());
                }
                times
            }
        })
        .await;
        self.row("cancel, 64 at once", times.concat(), start.elapsed());
    }

    async fn quiet_ticks(&mut self) {
        let mut times = Vec::new();
        for number in 0..QUIET_TICKS {
            self.quote(62_000 + number * 37 % 200 - 100);
            let begin = Instant::now();
            let report = self.server.services.engine.tick().await;
            times.push(begin.elapsed());
            assert_eq!(report.triggered + report.filled, 0);
        }
        let elapsed = times.iter().sum();
        self.row("tick of all books that reaches nothing", times, elapsed);
    }

    /// Limit orders, then stops, that one quote reaches; each of another account as far as there are enough.
    async fn busy_ticks(&mut self, reached: usize) {
        for (name, above) in [("fills", false), ("triggers and fills", true)] {
            self.quote(62_000);
            for number in 0..reached {
                let near = if above {
                    OrderRequest {
                        stop_price: Some(text(62_300)),
                        ..order("stop_buy", "BTC", SIZE, None, None)
                    }
                } else {
                    OrderRequest { price: Some(text(61_700)), ..order("limit_buy", "BTC", SIZE, None, None) }
                };
                let caller = &self.callers[number % self.callers.len()];
                self.server.services.orders.place(caller, near, None).await.unwrap();
            }
            self.quote(if above { 62_400 } else { 61_600 });
            let begin = Instant::now();
            let report = self.server.services.engine.tick().await;
            let took = begin.elapsed();
            assert_eq!((report.triggered + report.filled, report.failed), (reached, 0));
            let rate = reached as f64 / took.as_secs_f64();
            println!(
                "| {} | tick that {name} {reached}, until all is committed | 1 | {rate:.0} orders | {took:.1?} | |",
                self.resting
            );
        }
    }

    async fn rebuild(&self) {
        let next = services(&self.server.environment);
        let begin = Instant::now();
        let count = next.engine.rebuild().await.unwrap();
        let took = begin.elapsed();
        assert_eq!(count, self.server.services.engine.resting());
        println!(
            "| {} | rebuild of the books at the start, {count} orders | 1 | | {took:.1?} | |",
            self.resting
        );
    }

    fn row(&self, what: &str, mut times: Vec<Duration>, elapsed: Duration) {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let (count, rate) = (times.len(), times.len() as f64 / elapsed.as_secs_f64());
        println!("| {} | {what} | {count} | {rate:.0} | {:.1?} | {:.1?} |", self.resting, at(50), at(99));
    }
}

/// Orders of every kind that waits; no quote between 61,500 and 62,500 reaches them.
fn far(number: usize) -> OrderRequest {
    let away = 1_000 + number % 15_000;
    match number % 5 {
        0 => OrderRequest {
            stop_price: Some(text(62_000 + away)),
            ..order("stop_buy", "BTC", SIZE, None, None)
        },
        1 => OrderRequest {
            stop_price: Some(text(62_000 - away)),
            ..order("take_profit_buy", "BTC", SIZE, None, None)
        },
        2 => OrderRequest {
            trail_bps: u32::try_from(200 + number % 3_000).ok(),
            ..order("trailing_stop_buy", "BTC", SIZE, None, None)
        },
        _ => OrderRequest { price: Some(text(62_000 - away)), ..order("limit_buy", "BTC", SIZE, None, None) },
    }
}

fn text(dollars: usize) -> Figure {
    Figure(dollars.to_string())
}

/// Does something with each, [`AT_ONCE`] at a time; the answers are in the same order.
async fn each<T, A, F>(all: &[T], act: impl Fn(T) -> F) -> Vec<A>
where
    T: Clone,
    A: Send + 'static,
    F: Future<Output = A> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = Vec::with_capacity(all.len());
    for one in all {
        let (future, slots) = (act(one.clone()), Arc::clone(&slots));
        tasks.push(tokio::spawn(async move {
            let _slot = slots.acquire_owned().await.unwrap();
            future.await
        }));
    }
    let mut answers = Vec::with_capacity(tasks.len());
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
