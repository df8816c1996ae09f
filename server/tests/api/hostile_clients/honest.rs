//! A signed-in trader who orders, watches prices and is asked about by a load balancer.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::wire::{Wire, connect, request};
use crate::support::{PASSWORD, PATIENCE, registration};

const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Pause between two rounds: a person's program, not a flood.
const PAUSE: Duration = Duration::from_millis(20);
/// Rounds for each price message that must come meanwhile.
const ROUNDS_PER_TICK: usize = 12;
/// Times below this are not compared: they are the scheduler's.
const TIME_MIN: Duration = Duration::from_millis(20);

/// A signed-in trader.
pub(super) struct Honest {
    target: SocketAddr,
    token: String,
}

/// Times and refusals of some rounds.
#[derive(Debug, Default)]
pub(super) struct Seen {
    orders: Vec<Duration>,
    health: Vec<Duration>,
    /// Times between two price messages.
    ticks: Vec<Duration>,
    pub(super) refused: Vec<String>,
}

impl Honest {
    pub(super) async fn start(target: SocketAddr) -> Self {
        let mut wire = Wire::open(ADDRESS, target).await.unwrap();
        let token = signed_in(&mut wire, "honest_trader").await;
        Self { target, token }
    }

    /// Places and cancels an order and asks for health, so many times, while prices come in.
    pub(super) async fn trade(&self, rounds: usize) -> Seen {
        let (mut seen, ticks, health) =
            tokio::join!(self.orders(rounds), self.ticks(rounds / ROUNDS_PER_TICK + 1), self.health(rounds));
        seen.ticks = ticks.ticks;
        seen.health = health.health;
        seen.refused.extend(ticks.refused.into_iter().chain(health.refused));
        seen
    }

    async fn orders(&self, rounds: usize) -> Seen {
        let mut seen = Seen::default();
        let mut wire = Wire::open(ADDRESS, self.target).await.unwrap();
        let order = json!({
            "order_type": "limit_buy", "asset_id": "USDT", "quantity": "20", "price": "0.95",
        });
        for _ in 0..rounds {
            tokio::time::sleep(PAUSE).await;
            let placed =
                seen.timed("POST /api/v1/orders", wire.call("POST /api/v1/orders", &self.token, &order));
            let Some(answer) = placed.await else { continue };
            let order_id = answer["data"]["order_id"].as_str().unwrap_or_default();
            let line = format!("DELETE /api/v1/orders/{order_id}");
            seen.timed(&line, wire.call(&line, &self.token, &Value::Null)).await;
        }
        seen
    }

    /// A new connection each time, as a load balancer's probe makes.
    async fn health(&self, rounds: usize) -> Seen {
        let mut seen = Seen::default();
        for _ in 0..rounds {
            tokio::time::sleep(PAUSE).await;
            let started = Instant::now();
            let asked = async {
                let mut wire = Wire::open(ADDRESS, self.target).await?;
                wire.ask(&request("GET /health/ready", &[("Connection", "close")], "")).await
            };
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Ok((200, _))) => seen.health.push(started.elapsed()),
                other => seen.refused.push(format!("health: {other:?}")),
            }
        }
        seen
    }

    /// The times between so many price messages of a new stream.
    async fn ticks(&self, count: usize) -> Seen {
        let mut seen = Seen::default();
        let mut stream = connect(ADDRESS, self.target).await.unwrap();
        let authorization = format!("Bearer {}", self.token);
        let fields = [("Authorization", authorization.as_str())];
        let opening = request("GET /api/v1/stream?topics=prices:*,account", &fields, "");
        stream.write_all(opening.as_bytes()).await.unwrap();
        let mut buffer = vec![0; 64 * 1024];
        let mut last = None;
        let mut is_open = false;
        while seen.ticks.len() < count {
            let read = match tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await {
                Ok(Ok(read)) if read > 0 && (is_open || buffer.starts_with(b"HTTP/1.1 200 ")) => read,
                other => {
                    let text = String::from_utf8_lossy(&buffer).into_owned();
                    seen.refused.push(format!("stream: {other:?} {}", text.trim_end_matches('\0')));
                    return seen;
                }
            };
            is_open = true;
            if buffer[..read].windows(14).any(|bytes| bytes == b"event: prices\n")
                && let Some(last) = last.replace(Instant::now())
            {
                seen.ticks.push(last.elapsed());
            }
        }
        seen
    }
}

/// Registers, signs in and deposits.
pub(super) async fn signed_in(wire: &mut Wire, name: &str) -> String {
    let (status, _) = wire.call("POST /api/v1/auth/register", "", &registration(name)).await.unwrap();
    assert_eq!(status, 201);
    let sign_in = json!({ "username": name, "password": PASSWORD });
    let (_, pair) = wire.call("POST /api/v1/auth/login", "", &sign_in).await.unwrap();
    let token = pair["access_token"].as_str().unwrap().to_owned();
    let (status, _) =
        wire.call("POST /api/v1/balance/deposit", &token, &json!({ "amount": "9000" })).await.unwrap();
    assert_eq!(status, 201);
    token
}

impl Seen {
    /// The answer of a call, and its time; a refusal is kept.
    async fn timed(
        &mut self,
        line: &str,
        call: impl Future<Output = std::io::Result<(u16, Value)>>,
    ) -> Option<Value> {
        let started = Instant::now();
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok((200..=299, answer))) => {
                self.orders.push(started.elapsed());
                Some(answer)
            }
            other => {
                self.refused.push(format!("{line}: {other:?}"));
                None
            }
        }
    }

    /// Returns true if orders, health or prices took more than a multiple of the time.
    pub(super) fn is_slower_than(&self, quiet: &Self, multiple: u32) -> bool {
        let pairs =
            [(&self.orders, &quiet.orders), (&self.health, &quiet.health), (&self.ticks, &quiet.ticks)];
        pairs
            .iter()
            .any(|(times, quiet)| percentile(times, 99) > percentile(quiet, 99).max(TIME_MIN) * multiple)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, times) in [("orders", &self.orders), ("health", &self.health), ("ticks", &self.ticks)] {
            let (median, p99) = (percentile(times, 50), percentile(times, 99));
            write!(f, "{name} {:.1} / {:.1} ms  ", median.as_secs_f64() * 1e3, p99.as_secs_f64() * 1e3)?;
        }
        Ok(())
    }
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}
