//! `cnop serve`: from the settings to a listening server, and its shutdown.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use cnop_coordination::PlaceLimits;
use cnop_domain::QuoteSource;
use cnop_gateway::{MetricsHandle, metrics_install};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::command_line::{FeedChoice, Settings};
use crate::composition::{Composed, compose};
use crate::connections::{self, ConnectionLimits};
use crate::failure::Failure;
use crate::logs::settings_log;
use crate::starting::VenueSlot;
use crate::{open_files, start_checks};

/// Longest time that running requests and streams have to end once no connection is taken any more.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(15);

/// Connections for metrics: a collector needs one or two.
const METRICS_CONNECTIONS: PlaceLimits = PlaceLimits { all_max: 64, network_max: 64 };

/// Longest time that the order engine has to end its tick.
const ENGINE_TIME_MAX: Duration = Duration::from_secs(5);

/// A server that is bound and composed.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    composed: Composed,
    /// The accept loop, which answers since before the venue was put together.
    serving: JoinHandle<()>,
    /// Ends the accept loop.
    ending: CancellationToken,
    /// Time between the first word of the end and the last connection that is taken.
    drain_grace: Duration,
}

impl Server {
    /// Binds the address and assembles the venue. Health checks are answered meanwhile.
    ///
    /// # Errors
    /// One sentence when the port is taken or a component is unavailable.
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
        let (slot, ending) = (VenueSlot::default(), CancellationToken::new());
        let source = match settings.feed {
            FeedChoice::Simulator => QuoteSource::Simulator,
            FeedChoice::Coingecko => QuoteSource::CoinGecko,
        };
        // A failed or abandoned start closes the listener.
        let closes = ending.clone().drop_guard();
        let router = slot.router(source, settings.public_url.as_str());
        let limits = connection_limits(settings);
        let serving = tokio::spawn(connections::serve(listener, router, limits, ending.clone()));
        let composed = compose(settings).await?;
        slot.fill(composed.router.clone());
        let _ = closes.disarm();
        if let Some((listener, handle)) = metrics {
            metrics_serve(listener, handle, &composed);
        }
        Ok(Self { address, composed, serving, ending, drain_grace: settings.drain_grace })
    }

    /// Address on which it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves requests until `end` completes, then drains. Streams are notified and readiness reports "no".
    /// After the grace period, in which a load balancer notices, no connection is accepted any more and
    /// running requests finish.
    ///
    /// # Errors
    /// One sentence when a background task ended too often; then it drains too.
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), Failure> {
        let Self { composed, serving, ending, drain_grace, .. } = self;
        let Composed { services, drain, shutdown, engine, supervisor, .. } = composed;
        let mut outcome = Ok(());
        let deadline = async {
            tokio::select! {
                () = end => {}
                task = supervisor.gave_up() => {
                    outcome = Err(Failure::failed(format!(
                        "the background task {task} ended too often; the log has the reasons"
                    )));
                }
            }
            tracing::info!(grace = ?drain_grace, "draining");
            drain.start();
            // Others act on the waiting orders while this server still finishes requests.
            tokio::join!(services.engine.release_all(), tokio::time::sleep(drain_grace));
            ending.cancel();
            tokio::time::sleep(DRAIN_TIME_MAX).await;
        };
        tokio::select! {
            _ = serving => {}
            () = deadline => tracing::warn!(streams = drain.streams(), "some requests did not end in time"),
        }
        shutdown.cancel();
        if tokio::time::timeout(ENGINE_TIME_MAX, engine).await.is_err() {
            tracing::warn!(
                "the order engine did not end in time; what it had not committed happens at the next start"
            );
        }
        tracing::info!("stopped");
        outcome
    }
}

/// Bounds for connections: as many as there are files for, and for load tests a larger share of a network.
fn connection_limits(settings: &Settings) -> ConnectionLimits {
    let mut limits = ConnectionLimits::default();
    limits.places.all_max = open_files::raise(limits.places.all_max);
    limits.places.network_max = limits.places.network_max.saturating_mul(settings.quota_multiplier.max(1));
    ConnectionLimits { trusted_proxies: settings.trusted_proxies.clone().into(), ..limits }
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

/// Metrics have a listener of their own, so they are never public by accident.
fn metrics_serve(listener: TcpListener, handle: MetricsHandle, composed: &Composed) {
    let Composed { drain, shutdown, supervisor, .. } = composed;
    let (kept, drain, ended) = (handle.clone(), drain.clone(), shutdown.clone());
    supervisor.run("metrics", move |_| {
        let (kept, drain, ended) = (kept.clone(), drain.clone(), ended.clone());
        async move {
            kept.upkeep(drain).await;
            // A drain ends it before the shutdown.
            ended.cancelled().await;
        }
    });
    let answer = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
    };
    let router = Router::new().route("/metrics", get(answer));
    let limits = ConnectionLimits { places: METRICS_CONNECTIONS, ..ConnectionLimits::default() };
    tokio::spawn(connections::serve(listener, router, limits, shutdown.clone()));
}

/// `cnop serve`.
///
/// # Errors
/// As [`Server::start`].
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    settings_log(settings);
    start_checks::warn(settings);
    let signal = stop_signal()?;
    let mut signal = std::pin::pin!(signal);
    let server = tokio::select! {
        server = Server::start(settings) => server?,
        // A store under repair stays as it is until the next start.
        () = signal.as_mut() => return Ok(()),
    };
    announce(server.address());
    server.run(signal).await
}

/// The line that scripts wait for. A closed reader is no error.
fn announce(address: SocketAddr) {
    if let Err(error) = writeln!(io::stdout(), "listening on http://{address}") {
        tracing::debug!(error = %error, "the address could not be printed");
    }
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
