//! Random load of one trader, and the checks at its end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cnop_testkit::SeededRng;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::delays::{Delays, Outages, Stop};
use crate::figures::{decimal, units};
use crate::parts::text;
use crate::prices::{ASSETS, PriceLog};

/// Dollars of the first deposit and of the first purchase of each asset.
const DEPOSIT: &str = "400000";
const PURCHASE: &str = "5000";
/// Value of an order in dollars.
const ORDER_DOLLARS: i128 = 20;
/// Distance of stops that are soon reached, in basis points.
const NEAR_BPS: (u64, u64) = (1, 12);
/// Distance of orders that rest.
const FAR_BPS: i128 = 3_000;
/// Orders kept in mind for a later change.
const RESTING_MAX: usize = 64;
/// Pairs of stops that wait at once.
const PAIRS_MAX: usize = 20;
/// Longest time until the last stops are reached.
const LAST_STOPS_MAX: Duration = Duration::from_secs(90);
/// Interval between two reads.
const PAUSE: Duration = Duration::from_millis(200);
/// Pause between two commands, in ms.
const THINK_MS: u64 = 40;
/// Orders of a page.
const PAGE: u64 = 100;

/// A trader and everything that was acknowledged to them.
pub(crate) struct Trader {
    pub(crate) client: Arc<Client>,
    rng: SeededRng,
    rules: BTreeMap<String, (i128, i128)>,
    /// Orders as last acknowledged.
    acknowledged: BTreeMap<String, Value>,
    resting: Vec<String>,
    /// Two stops on both sides of the price: one of them is reached.
    pairs: VecDeque<(Stop, Stop)>,
    /// Stops of pairs that are over, with their orders.
    settled: Vec<(Stop, Value)>,
    pub(crate) number: u64,
}

impl Trader {
    /// Opens an account with dollars and coins.
    pub(crate) async fn open(addresses: Vec<String>, number: usize) -> Self {
        let client = Client::register(addresses, number).await;
        let rng = SeededRng::new(20_261_129 + u64::try_from(number).unwrap(), "load");
        let mut trader = Self {
            client,
            rng,
            rules: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            resting: Vec::new(),
            pairs: VecDeque::new(),
            settled: Vec::new(),
            number: 0,
        };
        trader.command(Method::POST, "/balance/deposit", json!({ "amount": DEPOSIT })).await;
        for asset in ASSETS {
            let rules = trader.client.get(&format!("/inventory/assets/{asset}")).await["data"].take();
            let rules = (units(&rules["tick_size"]), units(&rules["step_size"]));
            trader.rules.insert(asset.to_owned(), rules);
            let body = json!({ "order_type": "market_buy", "asset_id": asset, "quote_quantity": PURCHASE });
            let bought = trader.command(Method::POST, "/orders", body).await;
            assert_eq!(bought.len(), 1, "no {asset} was bought");
        }
        trader
    }

    /// Sends a command under its own key until it is answered; returns the ids of its orders.
    async fn command(&mut self, method: Method, path: &str, body: Value) -> Vec<String> {
        self.number += 1;
        let key = format!("{}-{}", self.client.name(), self.number);
        let (status, mut answer) = self.client.insist(method, path, Some(&key), Some(&body)).await;
        if status >= 300 {
            assert!((400..500).contains(&status) && status != 401, "{path} {body}: {status} {answer}");
            return Vec::new();
        }
        let data = answer["data"].take();
        let orders = match data["orders"].as_array() {
            Some(orders) => orders.clone(),
            None => vec![data],
        };
        let mut ids = Vec::new();
        for order in orders.into_iter().filter(|order| order["order_id"].is_string()) {
            let id = text(&order, "order_id");
            ids.push(id.clone());
            self.acknowledged.insert(id, order);
        }
        ids
    }

    /// Last price of an asset, and a quantity worth the usual value.
    async fn quote(&mut self, asset: &str) -> (i128, String) {
        let quotes = self.client.get(&format!("/inventory/quotes?assets={asset}")).await;
        let last = units(&quotes["data"][0]["last"]);
        let step = self.rules[asset].1;
        let quantity = ORDER_DOLLARS * 100_000_000 * 100_000_000 / last / step * step;
        (last, decimal(quantity.max(step)))
    }

    /// A price some basis points away, on a tick. At least one tick away.
    fn price(&self, asset: &str, last: i128, bps: i128) -> i128 {
        let tick = self.rules[asset].0;
        let moved = last * (10_000 + bps) / 10_000 / tick * tick;
        let at_least = last / tick * tick;
        if bps < 0 { moved.min(at_least - tick) } else { moved.max(at_least + tick) }
    }

    /// Two stops around the price of an asset.
    pub(crate) async fn stops_place(&mut self, asset: &str) -> Option<(Stop, Stop)> {
        let (last, quantity) = self.quote(asset).await;
        let (from, to) = NEAR_BPS;
        let distance = i128::from(self.rng.between(from, to));
        let mut placed = Vec::new();
        for (above, word, bps) in [(false, "stop_sell", -distance), (true, "stop_buy", distance)] {
            let price = self.price(asset, last, bps);
            let body = json!({
                "order_type": word, "asset_id": asset, "quantity": quantity, "stop_price": decimal(price),
            });
            let ids = self.command(Method::POST, "/orders", body).await;
            let order_id = ids.first()?.clone();
            placed.push(Stop { order_id, asset: asset.to_owned(), price, above });
        }
        let (above, below) = (placed.pop()?, placed.pop()?);
        Some((below, above))
    }

    /// Trades until the end is announced.
    pub(crate) async fn live(mut self, ends: Arc<AtomicBool>) -> Self {
        while !ends.load(Ordering::SeqCst) {
            self.client.token_renew().await;
            self.step().await;
            if self.pairs.len() >= PAIRS_MAX {
                self.settle_oldest().await;
            }
            tokio::time::sleep(Duration::from_millis(self.rng.below(THINK_MS))).await;
        }
        self
    }

    async fn step(&mut self) {
        let asset = self.rng.pick(&ASSETS).unwrap();
        let (last, quantity) = self.quote(asset).await;
        let far =
            |trader: &Self, up: bool| decimal(trader.price(asset, last, if up { FAR_BPS } else { -FAR_BPS }));
        let placed = match self.rng.below(12) {
            0 => {
                let price = far(self, false);
                let body = json!({ "order_type": "limit_buy", "asset_id": asset, "quantity": quantity, "price": price });
                self.command(Method::POST, "/orders", body).await
            }
            1 => {
                let body = json!({ "order_type": "trailing_stop_sell", "asset_id": asset, "quantity": quantity, "trail_bps": 2_000 });
                self.command(Method::POST, "/orders", body).await
            }
            2 => {
                let body = json!({
                    "kind": "oco", "asset_id": asset, "side": "sell", "quantity": quantity,
                    "take_profit": { "price": far(self, true) }, "stop_loss": { "stop_price": far(self, false) },
                });
                self.command(Method::POST, "/order-groups", body).await
            }
            3..=6 => {
                let placed = self.stops_place(asset).await;
                self.pairs.extend(placed);
                Vec::new()
            }
            7 => {
                let side = if self.rng.per_mille(500) { "market_buy" } else { "market_sell" };
                let body = json!({ "order_type": side, "asset_id": asset, "quantity": quantity });
                self.command(Method::POST, "/orders", body).await;
                Vec::new()
            }
            8 => {
                let bps = if self.rng.per_mille(500) { 5 } else { -5 };
                let price = decimal(self.price(asset, last, bps));
                self.command(Method::POST, "/alerts", json!({ "asset_id": asset, "price": price })).await;
                Vec::new()
            }
            9 => {
                let Some(order_id) = self.resting.last().cloned() else { return };
                let body = json!({ "quantity": quantity });
                self.command(Method::PATCH, &format!("/orders/{order_id}"), body).await;
                Vec::new()
            }
            _ => {
                let Some(order_id) = self.resting.pop() else { return };
                self.cancel(order_id).await;
                Vec::new()
            }
        };
        self.resting.extend(placed);
        if self.resting.len() > RESTING_MAX {
            self.resting.remove(0);
        }
    }

    /// Ends a pair of which one stop was filled: an account has few open orders.
    async fn settle_oldest(&mut self) {
        let Some(pair) = self.pairs.pop_front() else { return };
        let (mut is_over, mut open) = (false, Vec::new());
        for stop in [&pair.0, &pair.1] {
            let order = self.order(&stop.order_id).await;
            if order["closed_at"].is_string() {
                is_over = true;
                self.settled.push((stop.clone(), order));
            } else {
                open.push(stop.order_id.clone());
            }
        }
        if !is_over {
            return self.pairs.push_back(pair);
        }
        for order_id in open {
            self.cancel(order_id).await;
        }
    }

    async fn cancel(&mut self, order_id: String) {
        let path = format!("/orders/{order_id}");
        let (status, mut answer) = self.client.insist(Method::DELETE, &path, None, None).await;
        if status == 200 {
            self.acknowledged.insert(order_id, answer["data"].take());
        }
    }

    /// Every acknowledged order is there once, in that state or a later one, and there are no others.
    pub(crate) async fn check(&mut self) {
        let mut found = BTreeSet::new();
        let mut path = format!("/orders?limit={PAGE}");
        loop {
            let page = self.client.get(&path).await;
            for order in page["data"].as_array().into_iter().flatten() {
                let order_id = text(order, "order_id");
                let Some(acknowledged) = self.acknowledged.get(&order_id) else {
                    panic!("{}: an order that was never acknowledged: {order}", self.client.name());
                };
                let later = order["version"].as_u64() >= acknowledged["version"].as_u64()
                    && units(&order["filled_quantity"]) >= units(&acknowledged["filled_quantity"]);
                assert!(later, "acknowledged {acknowledged}\nnow {order}");
                if acknowledged["closed_at"].is_string() {
                    assert_eq!(acknowledged["status"], order["status"], "{order}");
                }
                assert!(found.insert(order_id), "{order} is there twice");
            }
            match page["next_cursor"].as_str() {
                Some(cursor) if page["has_more"] == true => {
                    path = format!("/orders?limit={PAGE}&cursor={cursor}");
                }
                _ => break,
            }
        }
        let lost: Vec<_> = self.acknowledged.keys().filter(|id| !found.contains(*id)).collect();
        assert!(lost.is_empty(), "{}: acknowledged and lost: {lost:?}", self.client.name());
    }

    pub(crate) async fn order(&self, order_id: &str) -> Value {
        self.client.get(&format!("/orders/{order_id}")).await["data"].take()
    }

    /// Waits until one of two stops is filled, and adds its delay.
    pub(crate) async fn pair_filled(
        &self,
        pair: &(Stop, Stop),
        prices: &PriceLog,
        outages: &Outages,
        delays: &mut Delays,
    ) {
        let started = Instant::now();
        loop {
            let mut is_done = false;
            for stop in [&pair.0, &pair.1] {
                let order = self.order(&stop.order_id).await;
                if order["closed_at"].is_string() {
                    is_done = true;
                    delays.add(stop, &order, prices, outages);
                }
            }
            if is_done {
                return;
            }
            assert!(started.elapsed() < LAST_STOPS_MAX, "the nearer of two stops is not filled: {pair:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waiting orders trigger, the rest can be canceled, and nothing stays reserved. Returns the number of orders.
    pub(crate) async fn end(mut self, prices: &PriceLog, outages: &Outages, delays: &mut Delays) -> usize {
        self.check().await;
        for (stop, order) in &self.settled {
            delays.add(stop, order, prices, outages);
        }
        for pair in &self.pairs {
            self.pair_filled(pair, prices, outages, delays).await;
        }
        let started = Instant::now();
        loop {
            let (status, canceled) = self.client.insist(Method::DELETE, "/orders", None, None).await;
            assert_eq!(status, 207, "{canceled}");
            let open = self.client.get("/orders?status=open&limit=1").await;
            if open["data"].as_array().is_some_and(Vec::is_empty) {
                break;
            }
            assert!(started.elapsed() < LAST_STOPS_MAX, "open orders are left: {open}");
        }
        let balance = self.client.get("/balance").await;
        assert_eq!(balance["reserved"], "0.00", "{balance}");
        self.check().await;
        self.acknowledged.len()
    }
}
