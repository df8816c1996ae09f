//! The connections to Redis and their state. Every call has a deadline and fails at once while there is none.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cnop_coordination::CoordinationError;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{AsyncConnectionConfig, RedisResult};
use tokio::sync::{Notify, watch};

use crate::{RedisAddress, RedisConnectError};

/// Longest time of a call.
pub(crate) const CALL_TIME_MAX: Duration = Duration::from_millis(250);
/// Longest time to connect.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(1);
/// Failures in a row after which the connection is given up. So a frozen Redis costs this many deadlines at most.
const FAILURES_MAX: u32 = 3;
/// Calls that wait to be written.
const CALLS_WAITING_MAX: usize = 1_024;

/// State of the connection to Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Calls are made.
    Connected,
    /// Calls fail at once, and an attempt to connect is being made.
    Connecting,
    /// Calls fail at once, until the next attempt.
    Disconnected,
}

/// One pair of connections: pub/sub has its own.
pub(crate) struct LiveLink {
    commands: MultiplexedConnection,
    messages: PubSubSink,
}

impl LiveLink {
    pub(crate) fn commands(&self) -> MultiplexedConnection {
        self.commands.clone()
    }

    pub(crate) fn messages(&self) -> PubSubSink {
        self.messages.clone()
    }
}

/// The connections, and the way to them.
pub(crate) struct RedisLink {
    address: RedisAddress,
    live: RwLock<Option<Arc<LiveLink>>>,
    failures: AtomicU32,
    given_up: Notify,
    state: watch::Sender<LinkState>,
}

impl RedisLink {
    pub(crate) fn new(address: RedisAddress) -> Self {
        Self {
            address,
            live: RwLock::default(),
            failures: AtomicU32::new(0),
            given_up: Notify::new(),
            state: watch::Sender::new(LinkState::Disconnected),
        }
    }

    pub(crate) const fn address(&self) -> &RedisAddress {
        &self.address
    }

    pub(crate) fn state(&self) -> watch::Receiver<LinkState> {
        self.state.subscribe()
    }

    /// Makes a new pair of connections, without using it yet.
    ///
    /// # Errors
    /// The reason in one sentence.
    pub(crate) async fn connect(&self) -> Result<(Arc<LiveLink>, PubSubStream), RedisConnectError> {
        self.state.send_replace(LinkState::Connecting);
        let client = self.address.client();
        let connecting = async {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT_TIME_MAX))
                .set_response_timeout(Some(CALL_TIME_MAX))
                .set_pipeline_buffer_size(CALLS_WAITING_MAX);
            let commands = client.get_multiplexed_async_connection_with_config(&config).await?;
            let (messages, stream) = client.get_async_pubsub().await?.split();
            Ok((Arc::new(LiveLink { commands, messages }), stream))
        };
        match tokio::time::timeout(CONNECT_TIME_MAX, connecting).await {
            Ok(connected) => connected.map_err(|error| RedisConnectError::new(&self.address, &error)),
            Err(_) => Err(RedisConnectError::unreachable(&self.address, "it accepts no connection in time")),
        }
    }

    /// Uses these connections from now on.
    pub(crate) fn up(&self, live: &Arc<LiveLink>) {
        self.failures.store(0, Ordering::Relaxed);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(live));
        self.state.send_replace(LinkState::Connected);
    }

    /// Lets every call fail at once, until the next [`Self::up`].
    pub(crate) fn down(&self) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.state.send_replace(LinkState::Disconnected);
    }

    /// Completes when these connections are no longer used.
    pub(crate) async fn given_up(&self, live: &Arc<LiveLink>) {
        while self.uses(live) {
            self.given_up.notified().await;
        }
    }

    /// Makes a call on the connections.
    ///
    /// # Errors
    /// `Unavailable`, at once while there is no connection, else at the deadline.
    pub(crate) async fn call<T, F>(
        &self,
        call: impl FnOnce(Arc<LiveLink>) -> F,
    ) -> Result<T, CoordinationError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner).clone();
        let live = live.ok_or_else(|| unavailable("there is no connection to Redis"))?;
        match tokio::time::timeout(CALL_TIME_MAX, call(Arc::clone(&live))).await {
            Ok(Ok(answer)) => {
                self.failures.store(0, Ordering::Relaxed);
                Ok(answer)
            }
            Ok(Err(error)) => {
                self.failed(&live, error.is_unrecoverable_error());
                Err(CoordinationError::Unavailable(Box::new(error)))
            }
            Err(_) => {
                self.failed(&live, false);
                Err(unavailable("Redis did not answer in time"))
            }
        }
    }

    /// Returns true if calls are made.
    pub(crate) fn is_up(&self) -> bool {
        self.live.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn failed(&self, live: &Arc<LiveLink>, is_final: bool) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if (is_final || failures >= FAILURES_MAX) && self.uses(live) {
            self.down();
            self.given_up.notify_one();
        }
    }

    fn uses(&self, live: &Arc<LiveLink>) -> bool {
        let used = self.live.read().unwrap_or_else(PoisonError::into_inner);
        used.as_ref().is_some_and(|used| Arc::ptr_eq(used, live))
    }
}

impl fmt::Debug for RedisLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLink")
            .field("address", &self.address)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

fn unavailable(reason: &'static str) -> CoordinationError {
    CoordinationError::Unavailable(reason.into())
}
