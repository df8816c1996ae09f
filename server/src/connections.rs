//! Connections: accepted, bounded in number and patience, and let go in order.
//!
//! Not `axum::serve`: it has no limit on connections and no timeout for a request's head.

mod admission;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use cnop_coordination::PlaceLimits;
use cnop_gateway::{HealthOnly, WriteDeadline, connection_refused};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use self::admission::{Admission, Admissions, HEALTH_CONNECTIONS_MAX};

/// Most open connections: the streams that there may be and as many again. Those beyond are closed at once, except a
/// few for health questions.
pub(crate) const CONNECTIONS_MAX: u32 = 20_000;
/// Connections of one network: many people may sit behind one address, each with a browser's six.
const CONNECTIONS_PER_NETWORK_MAX: u32 = 512;
/// Maximum time for the first head of a connection. A client connects because it has something to ask.
const FIRST_HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// Maximum time for the head of the next request; an idle connection is closed after it too. Proxies keep an
/// idle connection for 60 s by default. They should close it first, or they lose the request that they send
/// at that moment.
const HEAD_TIME_MAX: Duration = Duration::from_secs(65);
/// Maximum time in which a client takes nothing of what is written to it.
const WRITE_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest life of a connection that is there for a health question.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(5);
/// Maximum size of a request head, with its line and all its fields. It is checked between two reads, so a
/// head of up to twice this size may still pass.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Most fields of a head.
const HEAD_FIELDS_MAX: usize = 100;
/// Pause after the operating system gave no connection, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Bounds for connections of clients.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionLimits {
    /// Most open connections, in all and of one network.
    pub(crate) places: PlaceLimits,
    /// Proxies, whose connections many clients share: no network is counted for them.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
    /// Longest time for the first head.
    pub(crate) first_head_time_max: Duration,
    /// Longest time for each later head.
    pub(crate) head_time_max: Duration,
    /// Longest time of a write without progress.
    pub(crate) write_time_max: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            places: PlaceLimits { all_max: CONNECTIONS_MAX, network_max: CONNECTIONS_PER_NETWORK_MAX },
            trusted_proxies: Arc::default(),
            first_head_time_max: FIRST_HEAD_TIME_MAX,
            head_time_max: HEAD_TIME_MAX,
            write_time_max: WRITE_TIME_MAX,
        }
    }
}

/// Serves HTTP/1.1 until `ending`, then accepts no more connections and lets the open ones finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    ending: CancellationToken,
) {
    let open_max = limits.places.all_max.saturating_add(HEALTH_CONNECTIONS_MAX);
    let open = Arc::new(Semaphore::new(usize::try_from(open_max).unwrap_or(Semaphore::MAX_PERMITS)));
    let admissions = Admissions::new(limits.places, Arc::clone(&limits.trusted_proxies));
    let limits = Arc::new(limits);
    let accepting = async {
        loop {
            let (stream, peer) = accept(&listener).await;
            // A refused connection is closed at once: in a queue it would keep a health check waiting too.
            let admission = match admissions.admit(peer.ip()) {
                Ok(admission) => admission,
                Err(refusal) => {
                    connection_refused(refusal);
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&open).try_acquire_owned() else { continue };
            let served =
                connection(stream, peer, router.clone(), Arc::clone(&limits), ending.clone(), admission);
            tokio::spawn(held(permit, served));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = ending.cancelled() => {}
    }
    // From here on the operating system refuses connections, so that clients turn elsewhere at once.
    drop(listener);
    // Every closed connection releases its permit: with all permits here, none is open.
    let _ = open.acquire_many(open_max).await;
}

/// Keeps the permit until the connection is closed.
async fn held(_permit: OwnedSemaphorePermit, connection: impl Future<Output = ()>) {
    connection.await;
}

/// Accepts the next connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Pages go out in several pieces: Nagle's algorithm would make each wait for the client's delayed ACK.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(error = %error, "a connection keeps Nagle's algorithm");
                }
                return (stream, peer);
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(error = %error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Returns true if a connection failed because its client left before it was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Arc<ConnectionLimits>,
    ending: CancellationToken,
    admission: Admission,
) {
    let begun = CancellationToken::new();
    let is_health_only = admission.is_health_only;
    let service = service_fn(|request| {
        begun.cancel();
        answer(router.clone(), peer, is_health_only, request)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time_max)
        .keep_alive(!is_health_only)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEAD_FIELDS_MAX);
    let stream = WriteDeadline::new(stream, limits.write_time_max);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = serving.as_mut() => result,
        () = too_late(&begun, limits.first_head_time_max) => return,
        () = tokio::time::sleep(HEALTH_TIME_MAX), if is_health_only => return,
        () = ending.cancelled() => {
            // Idle connections close now, others after the answer that is on its way.
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// Completes when the first request has not begun in time.
async fn too_late(begun: &CancellationToken, time_max: Duration) {
    if tokio::time::timeout(time_max, begun.cancelled()).await.is_ok() {
        std::future::pending().await
    }
}

async fn answer(
    mut router: Router,
    peer: SocketAddr,
    is_health_only: bool,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    if is_health_only {
        request.extensions_mut().insert(HealthOnly);
    }
    // A router is always ready.
    router.call(request).await
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    /// Maximum wait of a test.
    const PATIENCE: Duration = Duration::from_secs(10);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    struct Started {
        address: SocketAddr,
        ending: CancellationToken,
        running: JoinHandle<()>,
    }

    async fn start(router: Router, limits: ConnectionLimits) -> Started {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, ending) = (listener.local_addr().unwrap(), CancellationToken::new());
        let running = tokio::spawn(serve(listener, router, limits, ending.clone()));
        Started { address, ending, running }
    }

    fn hello() -> Router {
        Router::new().route(
            "/",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }),
        )
    }

    /// Everything that comes until the server closes.
    async fn read_all(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap().unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_closes_the_connection() {
        let limits = ConnectionLimits { first_head_time_max: SHORT, ..ConnectionLimits::default() };
        let started = start(hello(), limits).await;
        for part in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(started.address).await.unwrap();
            stream.write_all(part).await.unwrap();
            assert_eq!(read_all(&mut stream).await, "");
        }
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed() {
        let limits = ConnectionLimits { head_time_max: SHORT, ..ConnectionLimits::default() };
        let started = start(hello(), limits).await;
        let mut idle = TcpStream::connect(started.address).await.unwrap();
        idle.write_all(REQUEST).await.unwrap();
        assert!(read_all(&mut idle).await.ends_with("127.0.0.1"), "answered, then closed when idle");
    }

    /// A client that asked for much and read nothing kept its connection, without another packet, forever.
    #[tokio::test]
    async fn an_answer_that_is_not_read_closes_the_connection() {
        let large = Router::new().route("/", get(|| async { vec![0_u8; 64 * 1024 * 1024] }));
        let limits = ConnectionLimits { write_time_max: SHORT, ..ConnectionLimits::default() };
        let mut started = start(large, limits).await;
        let mut unread = TcpStream::connect(started.address).await.unwrap();
        unread.write_all(REQUEST).await.unwrap();
        unread.readable().await.unwrap();
        started.ending.cancel();
        // The server ends once its last connection has, though the client still holds its end.
        tokio::time::timeout(PATIENCE, &mut started.running).await.unwrap().unwrap();
        drop(unread);
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let started = start(hello(), ConnectionLimits::default()).await;
        let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "a".repeat(HEAD_BYTES_MAX));
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(HEAD_FIELDS_MAX));
        for head in [large, many] {
            let mut stream = TcpStream::connect(started.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let text = read_all(&mut stream).await;
            assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
        }
    }

    /// Connections beyond the limit waited in the kernel's queue, and the health check with them.
    #[tokio::test]
    async fn a_full_server_answers_health_and_nothing_else() {
        let clock = Arc::new(cnop_testkit::ManualClock::new(0));
        let coordinator = Arc::new(cnop_coordination::LocalCoordinator::new(clock.clone()));
        let config = cnop_gateway::GatewayConfig::new("http://localhost:3000");
        let gateway = cnop_gateway::Gateway::new(config, coordinator, Arc::new(Nobody), clock);
        let router = gateway.wrap(hello().route("/health/live", get(|| async { "alive" })));
        let places = PlaceLimits { all_max: 1, network_max: 1 };
        let started = start(router, ConnectionLimits { places, ..ConnectionLimits::default() }).await;
        let mut first = TcpStream::connect(started.address).await.unwrap();
        first.write_all(REQUEST).await.unwrap();
        let mut head = [0; 12];
        first.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
        for (path, status) in [("/health/live", "200"), ("/", "503")] {
            let mut second = TcpStream::connect(started.address).await.unwrap();
            second.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
            let text = read_all(&mut second).await;
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {text}");
        }
    }

    #[derive(Debug)]
    struct Nobody;

    #[async_trait::async_trait]
    impl cnop_api::Identify for Nobody {
        async fn identify(
            &self,
            _: cnop_api::Credentials<'_>,
        ) -> Result<Arc<cnop_api::Caller>, cnop_api::Problem> {
            Err(cnop_api::Problem::new(cnop_api::Code::AuthInvalidCredentials, "Nobody is known."))
        }
    }

    #[tokio::test]
    async fn the_end_lets_answers_finish_and_takes_nothing_new() {
        let gate = Arc::new(Semaphore::new(0));
        let (begun, waiting) = (Arc::new(Semaphore::new(0)), Arc::clone(&gate));
        let started = Arc::clone(&begun);
        let slow = Router::new().route(
            "/",
            get(async move || {
                started.add_permits(1);
                let _ = waiting.acquire().await;
                "finished"
            }),
        );
        let started = start(slow, ConnectionLimits::default()).await;
        let mut idle = TcpStream::connect(started.address).await.unwrap();
        let mut busy = TcpStream::connect(started.address).await.unwrap();
        busy.write_all(REQUEST).await.unwrap();
        let _begun = begun.acquire().await.unwrap();
        started.ending.cancel();
        assert_eq!(read_all(&mut idle).await, "");
        assert!(!started.running.is_finished());
        gate.add_permits(1);
        assert!(read_all(&mut busy).await.ends_with("finished"));
        tokio::time::timeout(PATIENCE, started.running).await.unwrap().unwrap();
        assert!(TcpStream::connect(started.address).await.is_err());
    }
}
