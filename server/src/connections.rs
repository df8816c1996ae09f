//! Connections: accepted, bounded in number and patience, and let go in order.
//!
//! Not `axum::serve`: it has no limit on connections and no timeout for a request's head.

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
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// Most open connections: the streams that there may be and as many again. More wait in the kernel's queue.
const CONNECTIONS_MAX: u32 = 20_000;
/// Maximum time for the head of the next request; an idle connection is closed after it too. Proxies keep an
/// idle connection for 60 s by default. They should close it first, or they lose the request that they send
/// at that moment.
const HEAD_TIME_MAX: Duration = Duration::from_secs(65);
/// Maximum size of a request head, with its line and all its fields. It is checked between two reads, so a
/// head of up to twice this size may still pass.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Most fields of a head.
const HEAD_FIELDS_MAX: usize = 100;
/// Pause after the operating system gave no connection, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Bounds for connections of clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    /// Maximum number of open connections.
    pub(crate) connections_max: u32,
    /// Longest time for a head.
    pub(crate) head_time_max: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { connections_max: CONNECTIONS_MAX, head_time_max: HEAD_TIME_MAX }
    }
}

/// Serves HTTP/1.1 until `ending`, then accepts no more connections and lets the open ones finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    ending: CancellationToken,
) {
    let places = usize::try_from(limits.connections_max).unwrap_or(usize::MAX);
    let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
    let accepting = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            tokio::spawn(connection(stream, peer, router.clone(), limits, ending.clone(), place));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = ending.cancelled() => {}
    }
    // From here on the operating system refuses connections, so that clients turn elsewhere at once.
    drop(listener);
    // Every closed connection releases its permit: with all permits here, none is open.
    let _ = places.acquire_many(limits.connections_max).await;
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

/// Whether a connection failed because its client left before it was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ConnectionLimits,
    ending: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time_max)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEAD_FIELDS_MAX);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = serving.as_mut() => result,
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

async fn answer(
    mut router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
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
        let limits = ConnectionLimits { head_time_max: SHORT, ..ConnectionLimits::default() };
        let started = start(hello(), limits).await;
        for part in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(started.address).await.unwrap();
            stream.write_all(part).await.unwrap();
            assert_eq!(read_all(&mut stream).await, "");
        }
        let mut idle = TcpStream::connect(started.address).await.unwrap();
        idle.write_all(REQUEST).await.unwrap();
        assert!(read_all(&mut idle).await.ends_with("127.0.0.1"), "answered, then closed when idle");
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

    #[tokio::test]
    async fn connections_beyond_the_limit_wait_for_their_turn() {
        let started =
            start(hello(), ConnectionLimits { connections_max: 1, ..ConnectionLimits::default() }).await;
        let mut first = TcpStream::connect(started.address).await.unwrap();
        first.write_all(REQUEST).await.unwrap();
        let mut head = [0; 12];
        first.read_exact(&mut head).await.unwrap();
        let mut second = TcpStream::connect(started.address).await.unwrap();
        second.write_all(REQUEST).await.unwrap();
        assert!(tokio::time::timeout(SHORT, second.read_exact(&mut head)).await.is_err());
        drop(first);
        tokio::time::timeout(PATIENCE, second.read_exact(&mut head)).await.unwrap().unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
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
