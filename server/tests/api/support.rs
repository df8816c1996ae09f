//! A server in this process on a free port, and a client for it.

mod answer;

use std::net::SocketAddr;
use std::time::Duration;

use cnop_server::{CommandLine, Invocation, Server, Settings};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) use answer::{Answer, RequestExt};

/// Longest time that a test waits for something that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// A password that breaks no rule.
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

/// A running server and its data directory.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) directory: tempfile::TempDir,
    client: reqwest::Client,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

/// Settings as from a command line.
pub(crate) fn settings(arguments: &[&str]) -> Settings {
    let arguments = std::iter::once("cnop").chain(arguments.iter().copied()).map(Into::into);
    match CommandLine::read(arguments, []).unwrap() {
        Invocation::Run(command_line) => command_line.settings,
        Invocation::Print(_) => panic!("settings were expected"),
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments).await
    }

    pub(crate) async fn start_in(directory: tempfile::TempDir, arguments: &[&str]) -> Self {
        let path = directory.path().join("data");
        let mut all = vec![
            "--listen",
            "127.0.0.1:0",
            "--quota-multiplier",
            "1000",
            "--drain-grace",
            "0s",
            "--data-dir",
            path.to_str().unwrap(),
        ];
        all.extend(arguments);
        let server = Server::start(&settings(&all)).await.unwrap();
        let address = server.address();
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let ended = async {
                // A dropped sender ends the server too.
                let _ = ended.await;
            };
            server.run(ended).await.unwrap();
        });
        // The client's TLS stack, unused here, needs a chosen provider; a second choice has no effect.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address, directory, client, end: Some(end), running }
    }

    /// Stops the server and waits for its end.
    pub(crate) async fn stop(mut self) -> tempfile::TempDir {
        self.drain();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap();
        self.directory
    }

    /// Asks the server to stop.
    pub(crate) fn drain(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// A path of the API.
    pub(crate) fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, &format!("/api/v1{path}"))
    }

    /// `GET` of any path.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).answer().await
    }

    /// `GET` of a path of the API, without credentials.
    pub(crate) async fn api_get(&self, path: &str) -> Answer {
        self.api(Method::GET, path).answer().await
    }

    /// `POST` to a path of the API, without credentials.
    pub(crate) async fn api_post(&self, path: &str, body: &Value) -> Answer {
        self.api(Method::POST, path).json(body).answer().await
    }

    /// Registers a user and signs in.
    pub(crate) async fn trader(&self, name: &str) -> Trader<'_> {
        self.api_post("/auth/register", &registration(name)).await.expect(StatusCode::CREATED);
        self.sign_in(name).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Trader<'_> {
        let body = json!({ "username": name, "password": PASSWORD });
        let pair = self.api_post("/auth/login", &body).await.expect(StatusCode::OK);
        Trader { app: self, token: text(&pair, "access_token"), refresh_token: text(&pair, "refresh_token") }
    }
}

/// A registration that breaks no rule.
pub(crate) fn registration(name: &str) -> Value {
    json!({
        "username": name,
        "email": format!("{name}@example.com"),
        "password": PASSWORD,
        "first_name": "Ada",
        "last_name": "Lovelace",
    })
}

/// A signed-in user of the tests.
pub(crate) struct Trader<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

impl Trader<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.api(method, path).bearer_auth(&self.token)
    }

    /// The JSON of a `GET` that succeeds.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.expect(StatusCode::OK)
    }

    /// `GET`, whatever the answer is.
    pub(crate) async fn try_get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).answer().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).answer().await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PATCH, path).json(body).answer().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PUT, path).json(body).answer().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).answer().await
    }

    pub(crate) async fn sign_out(&self) -> Answer {
        self.request(Method::POST, "/auth/logout").answer().await
    }

    /// The `data` of a command that creates something.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Value {
        self.post(path, body).await.expect(StatusCode::CREATED)["data"].clone()
    }

    /// A percentage of an asset's last price, on its tick.
    pub(crate) async fn price_near(&self, asset_id: &str, percent: f64) -> String {
        let quotes = self.get(&format!("/inventory/quotes?assets={asset_id}")).await;
        let last: f64 = text(&quotes["data"][0], "last").parse().unwrap();
        let tick = text(&self.get(&format!("/inventory/assets/{asset_id}")).await["data"], "tick_size");
        let decimals = tick.split_once('.').map_or(0, |(_, digits)| digits.len());
        let tick: f64 = tick.parse().unwrap();
        format!("{:.decimals$}", (last * percent / 100.0 / tick).round() * tick)
    }

    pub(crate) async fn deposit(&self, amount: &str) {
        self.post("/balance/deposit", &json!({ "amount": amount })).await.expect(StatusCode::CREATED);
    }

    pub(crate) async fn buy(&self, asset: &str, dollars: &str) -> Value {
        let body = json!({ "order_type": "market_buy", "asset_id": asset, "quote_quantity": dollars });
        self.create("/orders", &body).await
    }
}

/// The text of a member that must be there.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` in {value}")).to_owned()
}
