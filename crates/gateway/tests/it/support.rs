//! A router with a handler for every rule, behind a gateway with a manual clock and known callers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use cnop_api::accounts::UserRole;
use cnop_api::{Caller, Code, Credentials, Identify, Problem};
use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_gateway::{
    ClientAddress, Gateway, GatewayConfig, HealthOnly, Identity, ProblemRejection, RequestId, SignedIn,
};
use cnop_testkit::ManualClock;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// 2026-11-18 in µs, on a whole second.
pub(crate) const NOW_US: i64 = 1_795_000_000_000_000;

/// Accepts the token `good` and the session `good`; fails to verify `down`.
#[derive(Debug)]
struct KnownCallers;

#[async_trait]
impl Identify for KnownCallers {
    async fn identify(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, Problem> {
        let (Credentials::Bearer(text) | Credentials::Session(text)) = credentials;
        match text {
            "good" => Ok(Arc::new(Caller {
                user_id: "usr_0000000001".parse().unwrap(),
                account_id: "acc_0000000001".parse().unwrap(),
                username: "trader".to_owned(),
                role: UserRole::Customer,
                session_id: "session".to_owned(),
                credentials_end_us: i64::MAX,
            })),
            "down" => Err(Problem::new(Code::Unavailable, "Cannot be answered now.").retry_after(2)),
            _ => Err(Problem::new(Code::AuthInvalidCredentials, "Not valid.")),
        }
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `code` of a problem, after checking that it is a whole one.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let value: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(value["status"], self.status);
        let code = value["code"].as_str().unwrap();
        assert_eq!(value["type"], format!("https://cnop.example/problems/{code}"));
        assert_eq!(value["instance"], format!("urn:cnop:request:{}", self.header("x-request-id")));
        assert!(!value["detail"].as_str().unwrap().is_empty());
        code.to_owned()
    }
}

/// A gateway in front of [`routes`], with a clock of its own.
pub(crate) struct TestGateway {
    pub(crate) clock: Arc<ManualClock>,
    router: Router,
}

impl TestGateway {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(choose: impl FnOnce(&mut GatewayConfig)) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_US));
        Self::build(choose, Arc::new(LocalCoordinator::new(clock.clone())), clock)
    }

    pub(crate) fn counting_with(coordinator: Arc<dyn Coordinator>) -> Self {
        Self::build(|_| {}, coordinator, Arc::new(ManualClock::new(NOW_US)))
    }

    fn build(
        choose: impl FnOnce(&mut GatewayConfig),
        coordinator: Arc<dyn Coordinator>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let mut config = GatewayConfig::new("https://cnop.example");
        choose(&mut config);
        let gateway = Gateway::new(config, coordinator, Arc::new(KnownCallers), clock.clone());
        Self { clock, router: gateway.wrap(routes()) }
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Sends `METHOD path` with these fields.
    pub(crate) async fn send(&self, line: &str, fields: &[(&str, &str)]) -> Answer {
        self.send_body(line, fields, Body::empty()).await
    }

    pub(crate) async fn send_body(&self, line: &str, fields: &[(&str, &str)], body: Body) -> Answer {
        let answer = self.router.clone().oneshot(request(line, fields, body)).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The answer as it comes, for bodies that do not end.
    pub(crate) async fn open(&self, line: &str, fields: &[(&str, &str)]) -> Response {
        self.router.clone().oneshot(request(line, fields, Body::empty())).await.unwrap()
    }
}

fn request(line: &str, fields: &[(&str, &str)], body: Body) -> Request {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(*name, "peer" | "health-only")) {
        request = request.header(*name, *value);
    }
    if fields.iter().any(|(name, _)| *name == "health-only") {
        request = request.extension(HealthOnly);
    }
    if !fields.iter().any(|(name, _)| *name == "host") {
        request = request.header(header::HOST, "cnop.example");
    }
    let peer = fields.iter().find(|(name, _)| *name == "peer").map_or("203.0.113.1:9", |(_, peer)| peer);
    request.extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap())).body(body).unwrap()
}

/// A body that does not say its length.
pub(crate) fn chunked(chunks: usize, bytes: usize) -> Body {
    let chunk = Bytes::from(vec![b'x'; bytes]);
    let stream = futures::stream::iter((0..chunks).map(move |_| Ok::<_, Infallible>(chunk.clone())));
    Body::from_stream(stream)
}

fn routes() -> Router {
    Router::new()
        .route("/", get(|| async { ([(header::CONTENT_TYPE, "text/html")], "<h1>page</h1>".repeat(500)) }))
        .route("/own-policy", get(|| async { ([("content-security-policy", "default-src 'self'")], "page") }))
        .route("/pkg/{file}", get(|| async { ([(header::CACHE_CONTROL, "immutable")], "file") }))
        .route("/health/live", get(|| async { "alive" }))
        .route("/health/never", get(std::future::pending::<String>))
        .route("/fn/login", post(|| async { "tried" }))
        .route("/api/v1/auth/login", post(|| async { "tried" }))
        .route("/api/v1/market", get(|| async { "prices" }))
        .route("/api/v1/orders", get(|SignedIn(caller): SignedIn| async move { caller.username.clone() }))
        .route(
            "/api/v1/orders",
            post(|SignedIn(_): SignedIn, body: Bytes| async move { body.len().to_string() }),
        )
        .route("/api/v1/orders/{id}", get(|| async { "an order" }).delete(|| async { "gone" }))
        .route("/api/v1/who", get(who))
        .route("/api/v1/ignores-body", post(|| async { "done" }))
        .route("/api/v1/logs", get(|| async { tracing::info!("a handler's line") }))
        .route("/api/v1/panics", get(panics))
        .route("/api/v1/faults", get(faults))
        .route("/api/v1/never", get(std::future::pending::<String>))
        .route("/api/v1/refuses", get(refuses))
        .route("/api/v1/stream", get(stream))
        .route("/api/v1/large", get(|| async { axum::Json(vec!["the same again"; 1_000]) }))
        .route("/api/v1/encoded", get(encoded))
        .fallback(cnop_gateway::route_not_found)
}

async fn who(id: RequestId, address: ClientAddress, identity: Identity) -> String {
    let name = identity.caller().map_or("nobody", |caller| caller.username.as_str());
    format!("{} {} {name}", id.0, address.0)
}

async fn faults() -> ProblemRejection {
    ProblemRejection(Problem::new(Code::Internal, "Something went wrong on our side.").caused_by("odd bytes"))
}

async fn panics() -> StatusCode {
    panic!("a secret of the implementation")
}

async fn refuses() -> (HeaderMap, ProblemRejection) {
    let mut headers = HeaderMap::new();
    headers.append(header::SET_COOKIE, "cnop=; Max-Age=0".parse().unwrap());
    headers.append(header::SET_COOKIE, "flash=1".parse().unwrap());
    (
        headers,
        ProblemRejection(Problem::new(Code::AuthBlocked, "Wait.").retry_after(300).with_fact("tries", 6)),
    )
}

async fn stream() -> Response {
    let first = futures::stream::iter([Ok::<_, Infallible>(Bytes::from("data: first\n\n".repeat(200)))]);
    let events = futures::StreamExt::chain(first, futures::stream::pending());
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

async fn encoded() -> Response {
    let fields = [(header::CONTENT_TYPE, "text/css"), (header::CONTENT_ENCODING, "br")];
    (fields, "x".repeat(5_000)).into_response()
}
