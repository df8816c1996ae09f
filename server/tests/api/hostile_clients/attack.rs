//! One kind of hostile client at a time, from source addresses of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::honest::signed_in;
use super::wire::{Wire, connect, connect_deaf, request};
use crate::support::{PATIENCE, registration};

/// Pause between two looks, and between two orders of a log.
const PAUSE: Duration = Duration::from_millis(20);
/// Pause of a hostile client whose connection was closed.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// Places in time from which costly candles are asked for in turn, so that no cache has them all.
const CANDLE_PLACES: u64 = 1_000;
/// Interval of the bytes of a slow head.
const TRICKLE: Duration = Duration::from_millis(500);

/// Behavior of the hostile clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    UnfinishedBodies,
    SlowHeads,
    UnreadAnswers,
    IdleConnections,
    AnonymousStreams,
    ExpensiveCandles,
    LongMovements,
    SignIns,
    Registrations,
    Preflights,
    HealthBodies,
}

/// Number of clients of a kind.
struct Scale {
    /// Source addresses.
    networks: u8,
    /// Connections of each.
    connections: usize,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::UnfinishedBodies,
        Self::SlowHeads,
        Self::UnreadAnswers,
        Self::IdleConnections,
        Self::AnonymousStreams,
        Self::ExpensiveCandles,
        Self::LongMovements,
        Self::SignIns,
        Self::Registrations,
        Self::Preflights,
        Self::HealthBodies,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::UnfinishedBodies => "unfinished bodies",
            Self::SlowHeads => "slow heads",
            Self::UnreadAnswers => "unread answers",
            Self::IdleConnections => "idle connections",
            Self::AnonymousStreams => "anonymous streams",
            Self::ExpensiveCandles => "expensive candles",
            Self::LongMovements => "movements of a long log",
            Self::SignIns => "sign-ins",
            Self::Registrations => "registrations",
            Self::Preflights => "preflights",
            Self::HealthBodies => "health questions with bodies",
        }
    }

    const fn scale(self, is_long: bool) -> Scale {
        let (networks, connections) = match self {
            // More than there are places of requests in flight.
            Self::UnfinishedBodies => (11, 200),
            Self::SlowHeads => (2, if is_long { 500 } else { 100 }),
            Self::UnreadAnswers => (2, if is_long { 500 } else { 10 }),
            // More than a network's share, so that the bound itself is met.
            Self::IdleConnections => (if is_long { 4 } else { 1 }, 700),
            // More than there are streams, in the long form.
            Self::AnonymousStreams => (if is_long { 50 } else { 2 }, 220),
            Self::ExpensiveCandles | Self::LongMovements => (1, 8),
            Self::SignIns | Self::Registrations => (if is_long { 40 } else { 4 }, 1),
            Self::Preflights => (1, 4),
            Self::HealthBodies => (2, 50),
        };
        Scale { networks, connections }
    }
}

/// A running attack.
pub(super) struct Attack {
    clients: JoinSet<()>,
    attempts: Arc<AtomicU64>,
}

/// One hostile client.
#[derive(Clone)]
struct Client {
    kind: Kind,
    number: usize,
    source: Ipv4Addr,
    target: SocketAddr,
    token: Arc<str>,
    attempts: Arc<AtomicU64>,
}

impl Attack {
    /// Starts the clients and waits until each has tried once.
    pub(super) async fn start(kind: Kind, target: SocketAddr, is_long: bool) -> Self {
        let Scale { networks, connections } = kind.scale(is_long);
        let token = match kind {
            Kind::LongMovements => long_log(target, if is_long { 2_000 } else { 50 }).await,
            _ => String::new(),
        };
        let (attempts, token): (_, Arc<str>) = (Arc::new(AtomicU64::new(0)), token.into());
        let mut clients = JoinSet::new();
        for network in 0..networks {
            for number in 0..connections {
                let source = Ipv4Addr::new(127, 100 + kind as u8, network, 1);
                let (token, attempts) = (Arc::clone(&token), Arc::clone(&attempts));
                let client = Client { kind, number, source, target, token, attempts };
                clients.spawn(client.run());
            }
        }
        let attack = Self { clients, attempts };
        let all = u64::try_from(usize::from(networks) * connections).unwrap();
        let begun = async {
            while attack.attempts() < all {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, begun).await.expect("the hostile clients begin");
        attack
    }

    pub(super) fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    pub(super) async fn stop(mut self) {
        self.clients.shutdown().await;
    }
}

/// An account with many events, most of which have no movement.
async fn long_log(target: SocketAddr, orders: usize) -> String {
    let source = Ipv4Addr::new(127, 100 + Kind::LongMovements as u8, 0, 1);
    let mut wire = Wire::open(source, target).await.unwrap();
    let token = signed_in(&mut wire, "hostile_trader").await;
    let order = json!({ "order_type": "limit_buy", "asset_id": "USDT", "quantity": "20", "price": "0.95" });
    for _ in 0..orders {
        let (_, placed) = wire.call("POST /api/v1/orders", &token, &order).await.unwrap();
        if let Some(order_id) = placed["data"]["order_id"].as_str() {
            wire.call(&format!("DELETE /api/v1/orders/{order_id}"), &token, &Value::Null).await.unwrap();
        }
        tokio::time::sleep(PAUSE).await;
    }
    token
}

impl Client {
    async fn run(self) {
        loop {
            // A refused or closed connection is tried again: that is the attack.
            let _ = match self.kind {
                Kind::UnfinishedBodies | Kind::IdleConnections | Kind::AnonymousStreams => self.hold().await,
                Kind::SlowHeads => self.trickle().await,
                Kind::UnreadAnswers => self.deafen().await,
                _ => self.flood().await,
            };
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    fn tried(&self) -> u64 {
        self.attempts.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends the start of something and waits until the server ends it.
    async fn hold(&self) -> std::io::Result<()> {
        let opening = match self.kind {
            Kind::UnfinishedBodies => {
                "POST /api/v1/orders/preview HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
            }
            Kind::AnonymousStreams => "GET /api/v1/stream?topics=prices:BTC HTTP/1.1\r\nHost: x\r\n\r\n",
            _ => "",
        };
        self.tried();
        let mut stream = connect(self.source, self.target).await?;
        stream.write_all(opening.as_bytes()).await?;
        let mut buffer = [0; 4_096];
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    }

    async fn trickle(&self) -> std::io::Result<()> {
        self.tried();
        let mut stream = connect(self.source, self.target).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await?;
        loop {
            tokio::time::sleep(TRICKLE).await;
            stream.write_all(b"x").await?;
        }
    }

    async fn deafen(&self) -> std::io::Result<()> {
        self.tried();
        let mut stream = connect_deaf(self.source, self.target).await?;
        let question = request("GET /api/v1/inventory/assets?limit=250", &[], "");
        // Several answers, so that no buffer of the kernel takes them all.
        stream.write_all(question.repeat(8).as_bytes()).await?;
        std::future::pending().await
    }

    /// Asks again and again on one connection.
    async fn flood(&self) -> std::io::Result<()> {
        let mut wire = Wire::open(self.source, self.target).await.inspect_err(|_| {
            self.tried();
        })?;
        loop {
            let attempt = self.tried();
            let authorization = format!("Bearer {}", self.token);
            let json = ("Content-Type", "application/json");
            let question = match self.kind {
                Kind::ExpensiveCandles => {
                    let asset = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "DOT", "LTC"][self.number % 8];
                    let before = 1_795_000_000 - attempt % CANDLE_PLACES * 14_400;
                    let path = format!("/api/v1/inventory/assets/{asset}/candles");
                    request(&format!("GET {path}?interval=4h&limit=1000&before={before}"), &[], "")
                }
                Kind::LongMovements => {
                    let fields = [("Authorization", authorization.as_str())];
                    request("GET /api/v1/balance/transactions?limit=1", &fields, "")
                }
                Kind::SignIns => {
                    let body = json!({ "username": "honest_trader", "password": "Wrong-Horse-77" });
                    request("POST /api/v1/auth/login", &[json], &body.to_string())
                }
                Kind::Registrations => {
                    let body = registration(&format!("hostile_{attempt}"));
                    request("POST /api/v1/auth/register", &[json], &body.to_string())
                }
                Kind::HealthBodies => request("POST /health/ready", &[], &"x".repeat(60_000)),
                _ => {
                    let fields =
                        [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
                    request("OPTIONS /api/v1/orders", &fields, "")
                }
            };
            wire.ask(&question).await?;
        }
    }
}
