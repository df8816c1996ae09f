//! One open stream: a task that writes into a bounded channel, and the response that drains it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cnop_api::events::SystemEvent;
use cnop_api::{Caller, Code, Problem};
use cnop_gateway::{Drain, StreamGuard};
use cnop_market::Market;
use cnop_services::Services;
use cnop_services::ledger::AccountUpdates;
use futures::StreamExt as _;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::account::{AccountLog, EVENTS_READ};
use super::limits::StreamPermit;
use super::prices::{PriceFilter, PriceUpdate};
use super::replay::{ReplayQuota, StreamReplay};
use super::system::system_state;
use super::{PriceStream, StreamLimits, StreamTopics, frame};

/// Frames that may wait for a slow client.
const FRAMES_WAITING_MAX: usize = 32;
/// Time without progress after which a client is disconnected.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval of heartbeats, and of checks of the log without a wake-up.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// Interval of checks of the venue's state.
const SYSTEM_INTERVAL: Duration = Duration::from_secs(5);

/// Shared state of all streams. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    /// The use cases of the venue.
    pub(crate) services: Services,
    /// Prices, for the venue's state.
    pub(crate) market: Market,
    /// Source of price messages.
    pub(crate) prices: PriceStream,
    /// Limits for the number of streams.
    pub(crate) limits: StreamLimits,
    /// Limits the events that streams replay.
    pub(crate) replays: ReplayQuota,
    /// Announces the shutdown to the streams.
    pub(crate) drain: Drain,
    /// True while this server goes on without the others.
    pub(crate) is_degraded: Arc<AtomicBool>,
}

/// The writer's side of a stream.
struct StreamSession {
    streams: Streams,
    frames: mpsc::Sender<Bytes>,
    account: Option<(AccountLog, AccountUpdates)>,
    /// True if the last page of events was full: there may be more.
    is_behind: bool,
    replay: Option<StreamReplay>,
    prices: Option<(PriceFilter, broadcast::Receiver<Arc<PriceUpdate>>)>,
    system: Option<SystemEvent>,
    system_wanted: bool,
    /// Released when the task ends.
    _permit: StreamPermit,
    _guard: StreamGuard,
}

impl fmt::Debug for StreamSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// Reason for ending a stream before its client leaves.
enum StreamEnd {
    Gone,
    Draining,
}

/// Opens a stream. `caller` is set when the topic `account` is requested.
///
/// # Errors
/// The account cannot be read now.
pub(crate) async fn open(
    streams: Streams,
    topics: StreamTopics,
    caller: Option<Arc<Caller>>,
    last_event_id: Option<String>,
    permit: StreamPermit,
) -> Result<Response, Problem> {
    let (frames, receiver) = mpsc::channel(FRAMES_WAITING_MAX);
    let guard = streams.drain.stream();
    let mut first = Vec::new();
    let account = match caller.as_ref().filter(|_| topics.account) {
        Some(caller) => {
            let updates = streams.services.ledger.subscribe(&caller.account_id).await?;
            let services = streams.services.clone();
            let (log, opening) =
                AccountLog::start(services, caller.account_id.clone(), last_event_id.as_deref()).await?;
            first.extend(opening);
            Some((log, updates))
        }
        None => None,
    };
    let prices = topics.prices.map(|wanted| {
        let ticks = streams.prices.subscribe();
        first.push(streams.prices.full(&wanted));
        (wanted, ticks)
    });
    let services = streams.services.clone();
    let replay = StreamReplay::of(&permit, streams.replays.clone());
    let session = StreamSession {
        streams,
        frames,
        account,
        is_behind: false,
        replay,
        prices,
        system: None,
        system_wanted: topics.system,
        _permit: permit,
        _guard: guard,
    };
    tokio::spawn(async move {
        let ended = async {
            match &caller {
                Some(caller) => services.auth.session_ended(caller).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = session.run(first) => {}
            () = ended => {}
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver).map(Ok::<Bytes, std::convert::Infallible>));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would otherwise collect the stream before it passes it on.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

impl StreamSession {
    async fn run(mut self, first: Vec<Bytes>) {
        if let Err(StreamEnd::Draining) = self.write(first).await {
            // A disconnected client needs no last event.
            let _ = self.frames.try_send(frame::DRAINING);
        }
    }

    async fn write(&mut self, first: Vec<Bytes>) -> Result<(), StreamEnd> {
        for frame in first {
            self.send(frame).await?;
        }
        self.account_send().await?;
        self.system_send().await?;
        let drain = self.streams.drain.clone();
        let mut heartbeat = tokio::time::interval(HEARTBEAT_INTERVAL);
        let mut system = tokio::time::interval(SYSTEM_INTERVAL);
        heartbeat.reset();
        system.reset();
        loop {
            tokio::select! {
                () = drain.started() => return Err(StreamEnd::Draining),
                () = self.frames.closed() => return Err(StreamEnd::Gone),
                rings = changed(self.account.as_mut()) => {
                    if !rings {
                        return Err(StreamEnd::Gone);
                    }
                    self.news_send().await?;
                }
                () = page_due(self.replay.as_mut()), if self.is_behind => self.account_send().await?,
                tick = tick(self.prices.as_mut()) => self.prices_send(tick).await?,
                _ = heartbeat.tick() => {
                    self.send(frame::HEARTBEAT).await?;
                    // The wake-up of a commit can be lost; an event then waits for this check at most.
                    self.news_send().await?;
                }
                _ = system.tick(), if self.system_wanted => self.system_send().await?,
            }
        }
    }

    /// Sends new events after a wake-up. A stream that is behind reaches them at the pace of its replay.
    async fn news_send(&mut self) -> Result<(), StreamEnd> {
        if self.is_behind { Ok(()) } else { self.account_send().await }
    }

    /// Sends a page of new events of the account's log, and the next page a moment later.
    async fn account_send(&mut self) -> Result<(), StreamEnd> {
        let Some((log, _)) = self.account.as_mut() else { return Ok(()) };
        let (frames, is_full) = match log.next().await {
            Ok(read) => read,
            // The store is away: prices go on, and the events are read with the next wake-up or heartbeat.
            Err(problem) if matches!(problem.code, Code::Unavailable | Code::Overloaded) => {
                self.is_behind = false;
                return Ok(());
            }
            // The client reconnects with its last number and reads the rest.
            Err(problem) => {
                tracing::warn!(
                    cause = problem.cause.as_deref(),
                    "a stream ends: its events could not be read"
                );
                return Err(StreamEnd::Gone);
            }
        };
        self.is_behind = is_full;
        if let Some(replay) = self.replay.as_mut().filter(|_| !is_full) {
            replay.ended();
        }
        for frame in frames {
            self.send(frame).await?;
        }
        Ok(())
    }

    /// A tick's changes; everything when ticks were missed.
    async fn prices_send(&mut self, tick: Option<Arc<PriceUpdate>>) -> Result<(), StreamEnd> {
        let Some((wanted, _)) = &self.prices else { return Ok(()) };
        let message = match tick {
            Some(tick) => tick.message(wanted),
            None => Some(self.streams.prices.full(wanted)),
        };
        match message {
            Some(message) => self.send(message).await,
            None => Ok(()),
        }
    }

    /// The venue's state, if it has changed.
    async fn system_send(&mut self) -> Result<(), StreamEnd> {
        if !self.system_wanted {
            return Ok(());
        }
        let Streams { services, market, is_degraded, .. } = &self.streams;
        let state = system_state(services, market, is_degraded.load(Ordering::Relaxed));
        if self.system.as_ref() == Some(&state) {
            return Ok(());
        }
        let frame = frame::event("system", None, &state).map_err(|_| StreamEnd::Gone)?;
        self.system = Some(state);
        self.send(frame).await
    }

    async fn send(&self, frame: Bytes) -> Result<(), StreamEnd> {
        self.frames.send_timeout(frame, SEND_TIMEOUT).await.map_err(|_| StreamEnd::Gone)
    }
}

/// Waits for a change of the account; `false` when there will be no more notifications.
async fn changed(account: Option<&mut (AccountLog, AccountUpdates)>) -> bool {
    match account {
        Some((_, updates)) => updates.changed().await,
        None => std::future::pending().await,
    }
}

/// Waits until the next page of missed events may be read.
async fn page_due(replay: Option<&mut StreamReplay>) {
    match replay {
        Some(replay) => replay.page_due(EVENTS_READ).await,
        None => std::future::pending().await,
    }
}

/// The next tick; `None` when some were missed.
async fn tick(
    prices: Option<&mut (PriceFilter, broadcast::Receiver<Arc<PriceUpdate>>)>,
) -> Option<Arc<PriceUpdate>> {
    let Some((_, ticks)) = prices else { return std::future::pending().await };
    match ticks.recv().await {
        Ok(tick) => Some(tick),
        Err(broadcast::error::RecvError::Lagged(_)) => None,
        Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
    }
}
