//! A trader's requests, repeated at another server until one answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cnop_testkit::SeededRng;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::parts::text;

/// A password that breaks no rule.
const PASSWORD: &str = "Correct-Horse-7";
/// Longest time until a server answers. A paused one does not.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// Longest time until some server answers: longer than any fault.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause before another server is asked, in ms.
const RETRY_MS: (u64, u64) = (20, 120);
/// Age at which the trader signs in again. A token lives for an hour.
const TOKEN_AGE_MAX: Duration = Duration::from_secs(2_400);

/// One trader's way to all servers.
pub(crate) struct Client {
    http: reqwest::Client,
    addresses: Vec<String>,
    name: String,
    network: String,
    rng: Mutex<SeededRng>,
    token: Mutex<(String, Instant)>,
    /// Requests without an answer, or with one that asks for a repetition.
    repeated: AtomicU64,
}

impl Client {
    /// Registers a trader and signs them in.
    pub(crate) async fn register(addresses: Vec<String>, number: usize) -> Arc<Self> {
        let http = reqwest::Client::builder().timeout(ANSWER_MAX).build().unwrap();
        let name = format!("trader_{number}");
        let client = Self {
            http,
            addresses,
            network: format!("10.1.{number}.1"),
            rng: Mutex::new(SeededRng::new(20_261_129, &name)),
            token: Mutex::new((String::new(), Instant::now())),
            repeated: AtomicU64::new(0),
            name,
        };
        let body = json!({
            "username": client.name, "email": format!("{}@example.com", client.name), "password": PASSWORD,
            "first_name": "Ada", "last_name": "Lovelace",
        });
        let (status, answer) = client.insist(Method::POST, "/auth/register", None, Some(&body)).await;
        // 409: the first attempt was done and its answer lost.
        assert!(status == 201 || status == 409, "{status} {answer}");
        client.sign_in().await;
        Arc::new(client)
    }

    /// The same trader, who asks other servers.
    pub(crate) fn moved(&self, addresses: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            http: self.http.clone(),
            addresses,
            name: self.name.clone(),
            network: self.network.clone(),
            rng: Mutex::new(self.rng.lock().unwrap().clone()),
            token: Mutex::new(self.token.lock().unwrap().clone()),
            repeated: AtomicU64::new(self.repeated()),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::SeqCst)
    }

    async fn sign_in(&self) {
        let body = json!({ "username": self.name, "password": PASSWORD });
        let (status, pair) = self.insist(Method::POST, "/auth/login", None, Some(&body)).await;
        assert_eq!(status, 200, "{pair}");
        *self.token.lock().unwrap() = (text(&pair, "access_token"), Instant::now());
    }

    /// A server at random.
    pub(crate) fn any_address(&self) -> String {
        self.rng.lock().unwrap().pick(&self.addresses).unwrap()
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        self.rng.lock().unwrap().below(end)
    }

    /// A request to one server.
    pub(crate) fn request(&self, method: Method, address: &str, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{address}/api/v1{path}"));
        let token = self.token.lock().unwrap().0.clone();
        let request = request.header("x-forwarded-for", &self.network);
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    /// The answer of the first server that gives one. A repetition has the same key.
    pub(crate) async fn insist(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let started = Instant::now();
        let mut last = String::new();
        while started.elapsed() < PATIENCE {
            let mut request = self.request(method.clone(), &self.any_address(), path);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            match answer(request).await {
                Ok((status, answer)) if !is_passing(status, &answer) => return (status, answer),
                Ok((status, answer)) => last = format!("{status} {answer}"),
                Err(error) => last = format!("{error:?}"),
            }
            self.repeated.fetch_add(1, Ordering::SeqCst);
            let (from, to) = RETRY_MS;
            tokio::time::sleep(Duration::from_millis(from + self.below(to - from))).await;
        }
        panic!("{}: {method} {path} has no answer: {last}", self.name);
    }

    /// The JSON of a `GET` that succeeds.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.insist(Method::GET, path, None, None).await;
        assert_eq!(status, 200, "{}: {path}: {answer}", self.name);
        answer
    }

    /// Signs in again when the token grows old.
    pub(crate) async fn token_renew(&self) {
        let age = self.token.lock().unwrap().1.elapsed();
        if age > TOKEN_AGE_MAX {
            self.sign_in().await;
        }
    }
}

/// The answer of one server.
pub(crate) async fn answer(request: RequestBuilder) -> Result<(u16, Value), reqwest::Error> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// Returns true if a client repeats the request.
fn is_passing(status: u16, answer: &Value) -> bool {
    assert!(status != 500, "no fault is the program's: {answer}");
    matches!(status, 429 | 503) || answer["code"] == "idempotency.in_progress"
}
