//! A server that is killed under load, several times: no acknowledged order is lost, the audit agrees, and resting
//! orders keep resting.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cnop_testkit::SeededRng;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{PASSWORD, PATIENCE, registration, text};

/// Times that the server is killed.
const ROUNDS: u64 = 5;
/// Number of connections, each with its own account.
const TRADERS: usize = 4;
/// Maximum answered commands before the server is killed.
const ANSWERS_MAX: u64 = 80;
/// Interval between two reads of an order that must trigger.
const PAUSE: Duration = Duration::from_millis(100);

fn cnop(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnop"));
    command.env_clear().current_dir(directory).arg("--data-dir").arg(directory.join("data"));
    command
}

/// A server in a process of its own; killed with SIGKILL when dropped.
struct Victim {
    child: Child,
    address: String,
}

impl Victim {
    fn start(directory: &Path) -> Self {
        let limits = ["--quota-multiplier", "1000", "--daily-deposit-limit", "1000000"];
        let mut command = cnop(directory);
        command.args(["--listen", "127.0.0.1:0"]).args(limits).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it starts again").to_owned();
        Self { child, address }
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that was not answered: it may have been done or not.
struct Unanswered {
    path: &'static str,
    key: String,
    body: Value,
}

/// A trader and the answers they received, from the first round to the last.
struct Trader {
    name: String,
    rng: SeededRng,
    /// Orders as last acknowledged.
    acknowledged: BTreeMap<String, Value>,
    /// The orders that may be canceled.
    resting: Vec<String>,
    /// Stops on both sides of a price: one of each pair must be reached.
    pairs: Vec<(String, String)>,
    /// Limit orders beyond the market: they must fill whole.
    marketable: Vec<String>,
    unanswered: Option<Unanswered>,
    number: u64,
    is_open: bool,
}

/// A trader on a connection of a round.
struct Connection {
    client: reqwest::Client,
    address: String,
    token: String,
    answers: Arc<AtomicU64>,
}

/// The end of a connection.
type Cut<T> = Result<T, reqwest::Error>;

impl Connection {
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/api/v1{path}", self.address)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Cut<Value> {
        let answer = self.ask(Method::GET, path).send().await?;
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.json().await
    }

    async fn order(&self, order_id: &str) -> Cut<Value> {
        Ok(self.get(&format!("/orders/{order_id}")).await?["data"].take())
    }

    /// The last price of Bitcoin plus a number of cents.
    async fn price(&self, cents: i64) -> Cut<String> {
        let quotes = self.get("/inventory/quotes?assets=BTC").await?;
        let (dollars, rest) = quotes["data"][0]["last"].as_str().unwrap().split_once('.').unwrap();
        let last = dollars.parse::<i64>().unwrap() * 100 + rest[..2].parse::<i64>().unwrap();
        // On a tick.
        let price = (last + cents) / 10 * 10;
        Ok(format!("{}.{:02}", price / 100, price % 100))
    }
}

impl Trader {
    fn new(number: usize) -> Self {
        Self {
            name: format!("mortal_{number}"),
            rng: SeededRng::new(20_261_128 + u64::try_from(number).unwrap(), "trader"),
            acknowledged: BTreeMap::new(),
            resting: Vec::new(),
            pairs: Vec::new(),
            marketable: Vec::new(),
            unanswered: None,
            number: 0,
            is_open: false,
        }
    }

    async fn sign_in(&self, address: &str, answers: &Arc<AtomicU64>) -> Cut<Connection> {
        let (client, address) = (reqwest::Client::new(), address.to_owned());
        let url = format!("{address}/api/v1/auth/");
        if !self.is_open {
            client.post(format!("{url}register")).json(&registration(&self.name)).send().await?;
        }
        let body = json!({ "username": self.name, "password": PASSWORD });
        let pair: Value = client.post(format!("{url}login")).json(&body).send().await?.json().await?;
        Ok(Connection { client, address, token: text(&pair, "access_token"), answers: Arc::clone(answers) })
    }

    /// Sends a command under its own key, and records the orders of the answer.
    async fn command(
        &mut self,
        connection: &Connection,
        path: &'static str,
        body: Value,
    ) -> Cut<Vec<String>> {
        self.number += 1;
        let key = format!("{}-{}", self.name, self.number);
        self.unanswered = Some(Unanswered { path, key, body });
        self.again(connection).await
    }

    /// Repeats the unanswered commands. A refusal has changed nothing.
    async fn again(&mut self, connection: &Connection) -> Cut<Vec<String>> {
        let Some(Unanswered { path, key, body }) = &self.unanswered else { return Ok(Vec::new()) };
        let send = connection.ask(Method::POST, path).header("idempotency-key", key).json(body).send();
        let answer = send.await?;
        let status = answer.status().as_u16();
        let mut acknowledged: Value = answer.json().await?;
        assert!(status == 201 || (400..500).contains(&status), "{path} {body}: {status} {acknowledged}");
        self.unanswered = None;
        connection.answers.fetch_add(1, Ordering::SeqCst);
        if status != 201 {
            return Ok(Vec::new());
        }
        let data = acknowledged["data"].take();
        let orders = match data["orders"].as_array() {
            Some(orders) => orders.clone(),
            None => vec![data],
        };
        let orders = orders.into_iter().filter(|order| order["order_id"].is_string());
        let orders: Vec<_> = orders.map(|order| (text(&order, "order_id"), order)).collect();
        let ids = orders.iter().map(|(id, _)| id.clone()).collect();
        self.acknowledged.extend(orders);
        Ok(ids)
    }

    /// Looks every acknowledged order up, then trades until the server dies.
    async fn live(&mut self, connection: &Connection) -> Cut<()> {
        self.again(connection).await?;
        self.check(connection).await?;
        if !self.is_open {
            self.command(connection, "/balance/deposit", json!({ "amount": "200000" })).await?;
            let body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quantity": "1" });
            self.command(connection, "/orders", body).await?;
            self.is_open = true;
        }
        loop {
            self.step(connection).await?;
        }
    }

    async fn step(&mut self, connection: &Connection) -> Cut<()> {
        let order = |word: &str, more: Value| {
            let mut body = json!({ "order_type": word, "asset_id": "BTC", "quantity": "0.001" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        match self.rng.below(7) {
            0 => {
                let price = connection.price(-300_000).await?;
                let placed = self
                    .command(connection, "/orders", order("limit_buy", json!({ "price": price })))
                    .await?;
                self.resting.extend(placed);
            }
            1 => {
                let placed = self
                    .command(connection, "/orders", order("trailing_stop_sell", json!({ "trail_bps": 400 })))
                    .await?;
                self.resting.extend(placed);
            }
            2 => {
                let (profit, loss) = (connection.price(400_000).await?, connection.price(-400_000).await?);
                let body = json!({
                    "kind": "oco", "asset_id": "BTC", "side": "sell", "quantity": "0.001",
                    "take_profit": { "price": profit }, "stop_loss": { "stop_price": loss },
                });
                let placed = self.command(connection, "/order-groups", body).await?;
                self.resting.extend(placed);
            }
            3 => {
                let price = connection.price(60_000).await?;
                let body = json!({ "price": price, "quantity": "0.02" });
                let placed = self.command(connection, "/orders", order("limit_buy", body)).await?;
                self.marketable.extend(placed);
            }
            4 | 5 => {
                let (below, above) = (connection.price(-200).await?, connection.price(200).await?);
                let below = self
                    .command(connection, "/orders", order("stop_sell", json!({ "stop_price": below })))
                    .await?;
                let above = self
                    .command(connection, "/orders", order("stop_buy", json!({ "stop_price": above })))
                    .await?;
                if let ([below], [above]) = (&below[..], &above[..]) {
                    self.pairs.push((below.clone(), above.clone()));
                }
            }
            _ => {
                let Some(order_id) = self.resting.pop() else { return Ok(()) };
                let answer = connection.ask(Method::DELETE, &format!("/orders/{order_id}")).send().await?;
                if answer.status().is_success() {
                    let order = answer.json::<Value>().await?["data"].take();
                    connection.answers.fetch_add(1, Ordering::SeqCst);
                    self.acknowledged.insert(order_id, order);
                }
            }
        }
        Ok(())
    }

    /// Every acknowledged order exists, in that state or a later one.
    async fn check(&mut self, connection: &Connection) -> Cut<()> {
        let number =
            |order: &Value, name: &str| order[name].as_str().map(|text| text.parse::<f64>().unwrap());
        for (order_id, acknowledged) in &mut self.acknowledged {
            let now = connection.order(order_id).await?;
            assert!(now["version"].as_u64() >= acknowledged["version"].as_u64(), "{acknowledged} {now}");
            assert!(
                number(&now, "filled_quantity") >= number(acknowledged, "filled_quantity"),
                "{acknowledged} {now}"
            );
            if acknowledged["closed_at"].is_string() {
                assert_eq!(acknowledged["status"], now["status"]);
            }
            *acknowledged = now;
        }
        Ok(())
    }

    /// Waiting orders trigger, and the rest can be canceled.
    async fn end(&mut self, connection: &Connection) -> Cut<()> {
        self.again(connection).await?;
        self.check(connection).await?;
        let deadline = Instant::now() + PATIENCE;
        let late = |what: &str| assert!(Instant::now() < deadline, "{what} is not reached");
        for order_id in &self.marketable {
            while connection.order(order_id).await?["status"] != "completed" {
                late("a limit beyond the market");
                tokio::time::sleep(PAUSE).await;
            }
        }
        for (below, above) in &self.pairs {
            while connection.order(below).await?["status"] != "completed"
                && connection.order(above).await?["status"] != "completed"
            {
                late("the nearer of two stops");
                tokio::time::sleep(PAUSE).await;
            }
        }
        let canceled = connection.ask(Method::DELETE, "/orders").send().await?;
        assert_eq!(canceled.status().as_u16(), 207);
        for order_id in self.acknowledged.keys() {
            let order = connection.order(order_id).await?;
            assert!(order["closed_at"].is_string(), "{order}");
        }
        let balance = connection.get("/balance").await?;
        assert_eq!(balance["reserved"], "0.00", "{balance}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_nothing_that_it_acknowledged() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let directory = tempfile::tempdir().unwrap();
    let mut rng = SeededRng::new(20_261_128, "kill");
    let mut traders: Vec<_> = (0..TRADERS).map(Trader::new).collect();
    for round in 0..=ROUNDS {
        let mut victim = Victim::start(directory.path());
        let answers = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = traders
            .drain(..)
            .map(|mut trader| {
                let (address, answers) = (victim.address.clone(), Arc::clone(&answers));
                tokio::spawn(async move {
                    let connection = trader.sign_in(&address, &answers).await;
                    match connection {
                        // It lives until the connection is cut.
                        Ok(connection) if round < ROUNDS => _ = trader.live(&connection).await.unwrap_err(),
                        Err(_) if round < ROUNDS => {}
                        connection => trader.end(&connection.unwrap()).await.unwrap(),
                    }
                    trader
                })
            })
            .collect();
        if round < ROUNDS {
            let last = 5 + rng.below(ANSWERS_MAX);
            while answers.load(Ordering::SeqCst) < last {
                assert!(tasks.iter().all(|task| !task.is_finished()), "a trader ended before the server");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(rng.below(4_000))).await;
            victim.child.kill().unwrap();
            victim.child.wait().unwrap();
        }
        for task in tasks {
            traders.push(task.await.unwrap());
        }
        drop(victim);
        let audit = cnop(directory.path()).arg("audit").output().unwrap();
        assert!(audit.status.success(), "round {round}: {}", String::from_utf8_lossy(&audit.stdout));
    }
    let count = |of: fn(&Trader) -> usize| traders.iter().map(of).sum::<usize>();
    let (acknowledged, pairs) =
        (count(|trader| trader.acknowledged.len()), count(|trader| trader.pairs.len()));
    assert!(
        acknowledged > 20 && pairs > 0 && count(|trader| trader.marketable.len()) > 0,
        "{acknowledged} orders, {pairs} pairs"
    );
}
