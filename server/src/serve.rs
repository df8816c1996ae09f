//! `cnop serve`: from the settings to a listening server, and its end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use cnop_gateway::{Drain, MetricsHandle, metrics_install};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::command_line::Settings;
use crate::composition::{Composed, compose};
use crate::failure::Failure;
use crate::settings::effective_log;

/// Longest time that running requests and streams have to end.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(15);

/// A server that is bound and composed, but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    composed: Composed,
}

impl Server {
    /// Binds the address and puts the venue together.
    ///
    /// # Errors
    /// One sentence when the port is taken or a part of the venue cannot be had.
    pub async fn start(settings: &Settings) -> Result<Self, Failure> {
        let listener = bind(settings.listen, "CNOP_LISTEN").await?;
        let address = listener.local_addr().map_err(|error| Failure::failed(error.to_string()))?;
        let metrics = match settings.metrics_listen {
            Some(metrics_listen) => {
                let handle = metrics_install().map_err(|error| Failure::failed(error.to_string()))?;
                Some((bind(metrics_listen, "CNOP_METRICS_LISTEN").await?, handle))
            }
            None => None,
        };
        let composed = compose(settings).await?;
        if let Some((listener, handle)) = metrics {
            metrics_serve(listener, handle, &composed.drain, composed.shutdown.clone());
        }
        Ok(Self { listener, address, composed })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `end` completes, then lets what runs come to its end and closes the store.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let Composed { router, drain, shutdown } = self.composed;
        // Pages go out in several pieces: Nagle's algorithm would make each wait for the client's delayed ACK.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(error = %error, "a connection keeps Nagle's algorithm");
            }
        });
        let told = drain.clone();
        let ending = CancellationToken::new();
        let ended = ending.clone();
        let signal = async move {
            end.await;
            tracing::info!("draining");
            told.start();
            ended.cancel();
        };
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(signal);
        let deadline = async {
            ending.cancelled().await;
            tokio::time::sleep(DRAIN_TIME_MAX).await;
        };
        let result = tokio::select! {
            result = serving => result,
            () = deadline => {
                tracing::warn!(streams = drain.streams(), "some requests did not end in time");
                Ok(())
            }
        };
        shutdown.cancel();
        tracing::info!("stopped");
        result.map_err(|error| Failure::failed(format!("the listener failed: {error}")))
    }
}

async fn bind(address: SocketAddr, name: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
            io::ErrorKind::PermissionDenied => "the operating system does not allow it".to_owned(),
            _ => error.to_string(),
        };
        Failure::failed(format!("cannot listen on {address}: {why}; choose another with {name}"))
    })
}

/// Metrics have a listener of their own: they are never open to the world by accident.
fn metrics_serve(listener: TcpListener, handle: MetricsHandle, drain: &Drain, shutdown: CancellationToken) {
    tokio::spawn(handle.clone().upkeep(drain.clone()));
    let answer = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
    };
    let router = Router::new().route("/metrics", get(answer));
    tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::error!(error = %error, "the metrics listener failed");
        }
    });
}

/// `cnop serve`.
///
/// # Errors
/// As [`Server::start`] and [`Server::run`].
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    effective_log(settings);
    let signal = stop_signal()?;
    let server = Server::start(settings).await?;
    announce(server.address());
    server.run(signal).await
}

#[allow(clippy::print_stdout, reason = "the one line that scripts wait for")]
fn announce(address: SocketAddr) {
    println!("listening on http://{address}");
}

/// Completes with the first SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let refused = |error: io::Error| Failure::failed(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
