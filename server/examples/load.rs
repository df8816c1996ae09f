//! A load generator for a running server: keep-alive connections in a closed loop, exact percentiles.
//!
//! `load ADDRESS orders CONNECTIONS SECONDS` opens one account for each connection and trades market orders.
//! `load ADDRESS page PATH CONNECTIONS SECONDS` fetches one page.

#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::error::Error;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

type Failure = Box<dyn Error + Send + Sync>;

/// Latencies and refusals of one connection.
#[derive(Default)]
struct Samples {
    micros: Vec<u64>,
    failed: u64,
}

/// One keep-alive connection of the generator.
struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
    body: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), address: address.to_owned(), body: Vec::new() })
    }

    fn request(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> String {
        let authorization =
            token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        let (address, length) = (&self.address, body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }

    /// Sends and reads one answer; the body is left in `self.body`.
    async fn exchange(&mut self, request: &str) -> Result<u16, Failure> {
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).ok_or("no status line")?.parse()?;
        let (mut length, mut chunked) = (0_usize, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            chunked |= header == "transfer-encoding: chunked";
        }
        self.body.clear();
        if !chunked {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body).await?;
            return Ok(status);
        }
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let start = self.body.len();
            self.body.resize(start + size + 2, 0);
            self.stream.read_exact(self.body.get_mut(start..).unwrap_or_default()).await?;
            self.body.truncate(start + size);
            if size == 0 {
                return Ok(status);
            }
        }
    }

    async fn call(&mut self, path: &str, token: Option<&str>, body: &str) -> Result<Value, Failure> {
        let status = self.exchange(&self.request("POST", path, token, body)).await?;
        if status >= 300 {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&self.body)).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// A funded account; its access token.
    async fn trader(&mut self, name: &str) -> Result<String, Failure> {
        let body = format!(
            r#"{{"username":"{name}","email":"{name}@example.com","password":"Correct-Horse-1","first_name":"Load","last_name":"Test"}}"#
        );
        self.call("/api/v1/auth/register", None, &body).await?;
        let body = format!(r#"{{"username":"{name}","password":"Correct-Horse-1"}}"#);
        let answer = self.call("/api/v1/auth/login", None, &body).await?;
        let token = answer.get("access_token").and_then(Value::as_str).ok_or("no token")?.to_owned();
        self.call("/api/v1/balance/deposit", Some(&token), r#"{"amount":"10000"}"#).await?;
        Ok(token)
    }

    /// Repeats the requests in turn until the time is over.
    async fn repeat(&mut self, requests: &[String], until: Instant) -> Result<Samples, Failure> {
        let mut samples = Samples::default();
        for request in requests.iter().cycle() {
            let start = Instant::now();
            if start >= until {
                break;
            }
            if self.exchange(request).await? >= 300 {
                samples.failed += 1;
            }
            samples.micros.push(u64::try_from(start.elapsed().as_micros())?);
        }
        Ok(samples)
    }
}

fn report(name: &str, elapsed: Duration, all: Vec<Samples>) {
    let failed: u64 = all.iter().map(|samples| samples.failed).sum();
    let mut micros: Vec<u64> = all.into_iter().flat_map(|samples| samples.micros).collect();
    micros.sort_unstable();
    let at = |share: f64| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = (micros.len() as f64 * share) as usize;
        Duration::from_micros(
            micros.get(index.min(micros.len().saturating_sub(1))).copied().unwrap_or_default(),
        )
    };
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = micros.len() as f64 / elapsed.as_secs_f64();
    println!(
        "{name}: {} requests, {failed} refused, {rate:.0}/s, p50 {:.1?}, p99 {:.1?}, max {:.1?}",
        micros.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (address, path, connections, seconds) =
        match words.as_slice() {
            [address, "orders", connections, seconds] => (*address, None, *connections, *seconds),
            [address, "page", path, connections, seconds] => (*address, Some(*path), *connections, *seconds),
            _ => return Err(
                "usage: load ADDRESS orders CONNECTIONS SECONDS | load ADDRESS page PATH CONNECTIONS SECONDS"
                    .into(),
            ),
        };
    let run = std::process::id();
    let mut ready = Vec::new();
    for number in 0..connections.parse::<u32>()? {
        let mut connection = Connection::open(address).await?;
        let requests = if let Some(path) = path {
            vec![connection.request("GET", path, None, "")]
        } else {
            let token = connection.trader(&format!("load_{run}_{number}")).await?;
            ["market_buy", "market_sell"]
                .map(|kind| {
                    let body = format!(r#"{{"order_type":"{kind}","asset_id":"BTC","quantity":"0.001"}}"#);
                    connection.request("POST", "/api/v1/orders", Some(&token), &body)
                })
                .to_vec()
        };
        ready.push((connection, requests));
    }
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds.parse()?);
    let mut tasks = Vec::new();
    for (mut connection, requests) in ready {
        tasks.push(tokio::spawn(async move { connection.repeat(&requests, until).await }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await??);
    }
    report(path.unwrap_or("POST /api/v1/orders"), start.elapsed(), all);
    Ok(())
}
