//! A server in this process on a free port, and a client for it.

use std::net::SocketAddr;
use std::time::Duration;

use cnop_server::{CommandLine, Invocation, Server, Settings};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

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
            server.run(ended).await;
        });
        // The client's TLS stack, which no test uses, wants a provider chosen; a second choice changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address, directory, client, end: Some(end), running }
    }

    /// Asks the server to end and waits until it has.
    pub(crate) async fn stop(mut self) -> tempfile::TempDir {
        self.drain();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap();
        self.directory
    }

    /// Asks the server to end.
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

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Registers a user and signs in.
    pub(crate) async fn trader(&self, name: &str) -> Trader<'_> {
        let answer = self.api(Method::POST, "/auth/register").json(&registration(name)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{}", answer.text().await.unwrap());
        self.sign_in(name).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Trader<'_> {
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = self.api(Method::POST, "/auth/login").json(&body).send().await.unwrap();
        let pair = expect(answer, StatusCode::OK).await;
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

/// A signed-in user.
pub(crate) struct Trader<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

impl Trader<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.api(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        expect(self.request(Method::GET, path).send().await.unwrap(), StatusCode::OK).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    pub(crate) async fn deposit(&self, amount: &str) {
        let answer = self.post("/balance/deposit", &json!({ "amount": amount })).await;
        expect(answer, StatusCode::CREATED).await;
    }

    pub(crate) async fn buy(&self, asset: &str, dollars: &str) -> Value {
        let body = json!({ "order_type": "market_buy", "asset_id": asset, "quote_quantity": dollars });
        let answer = self.post("/orders", &body).await;
        expect(answer, StatusCode::CREATED).await["data"].clone()
    }
}

/// The JSON of an answer that has this status.
pub(crate) async fn expect(answer: Response, status: StatusCode) -> Value {
    let found = answer.status();
    let body = answer.text().await.unwrap();
    assert_eq!(found, status, "{body}");
    serde_json::from_str(&body).unwrap_or(Value::Null)
}

/// The problem of an answer; its status, its code and its first bad field.
pub(crate) async fn refusal(answer: Response) -> (u16, String, Option<String>) {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    assert!(answer.headers().contains_key("x-request-id"));
    let body = answer.text().await.unwrap();
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{status} {body}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["status"], status);
    let code = text(&problem, "code");
    assert!(text(&problem, "type").ends_with(&format!("/problems/{code}")));
    assert!(!text(&problem, "detail").is_empty() && !text(&problem, "title").is_empty());
    let first = &problem["errors"][0];
    let field = first["pointer"].as_str().or(first["parameter"].as_str()).map(ToOwned::to_owned);
    (status, code, field)
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` in {value}")).to_owned()
}
