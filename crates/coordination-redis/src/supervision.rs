//! The task behind a coordinator: messages to listeners, signs of life, and a new connection when the old one breaks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cnop_coordination::{CoordinationError, Delivery};
use futures::StreamExt as _;
use redis::Msg;
use redis::aio::PubSubStream;
use tokio::sync::mpsc;

use crate::RedisConnectError;
use crate::keys::Keys;
use crate::link::{CALL_TIME_MAX, LiveLink, RedisLink};
use crate::listeners::Listeners;
use crate::scripts::Scripts;

/// Time between two signs of life.
const PING_INTERVAL: Duration = Duration::from_millis(500);
/// Pause before the first attempt to connect again; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Topic that every server listens to, so that they can be counted.
const SERVERS_TOPIC: &str = "servers";
/// Topics in one command.
const TOPICS_TOGETHER: usize = 256;
/// Topics that wait to be unsubscribed.
pub(crate) const UNUSED_MAX: usize = 1_024;
/// Time for which a topic without messages and listeners keeps its number.
pub(crate) const NUMBER_KEPT_MS: u64 = 3_600_000;

/// Parts that the task shares with the coordinator.
#[derive(Debug)]
pub(crate) struct LinkParts {
    pub(crate) link: RedisLink,
    pub(crate) keys: Keys,
    pub(crate) scripts: Scripts,
    pub(crate) listeners: Arc<Listeners>,
    /// Servers when they were last counted.
    pub(crate) servers: AtomicU32,
}

impl LinkParts {
    /// Serves the first connections and all later ones, without end.
    pub(crate) async fn supervise(
        self: Arc<Self>,
        mut connected: (Arc<LiveLink>, PubSubStream),
        mut unused: mpsc::Receiver<Arc<str>>,
    ) {
        loop {
            let (live, stream) = &mut connected;
            tokio::select! {
                () = self.dispatch(stream) => {}
                () = self.ping(live) => {}
                () = self.unsubscribe(live, &mut unused) => {}
                () = self.link.given_up(live) => {}
            }
            self.link.down();
            tracing::warn!(redis = %self.link.address(), "Redis does not answer; this server goes on alone");
            connected = self.reconnect().await;
            tracing::info!(redis = %self.link.address(), "Redis answers again");
        }
    }

    /// Connects, with pauses between the attempts.
    async fn reconnect(&self) -> (Arc<LiveLink>, PubSubStream) {
        let mut pause = PAUSE_MIN;
        loop {
            tokio::time::sleep(pause).await;
            match self.attempt().await {
                Ok(connected) => return connected,
                Err(error) => tracing::debug!(%error, "no connection to Redis"),
            }
            self.link.down();
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Connects and subscribes to every topic. Each listener then learns that it may have missed something.
    ///
    /// # Errors
    /// The reason in one sentence.
    pub(crate) async fn attempt(&self) -> Result<(Arc<LiveLink>, PubSubStream), RedisConnectError> {
        let connected = self.link.connect().await?;
        let live = &connected.0;
        self.check(live).await?;
        self.subscribe(live, &[SERVERS_TOPIC.into()]).await?;
        let known: HashSet<Arc<str>> = self.listeners.topics().into_iter().collect();
        let gaps = self.rejoin(live, known.iter().cloned().collect()).await?;
        // A listener that hears of the gap can make calls.
        self.link.up(live);
        // Listeners that came meanwhile found no connection.
        let late = self.listeners.topics().into_iter().filter(|topic| !known.contains(topic)).collect();
        for (topic, position) in gaps.into_iter().chain(self.rejoin(live, late).await?) {
            self.listeners.deliver(&topic, Delivery::Gap { position });
        }
        Ok(connected)
    }

    /// Subscribes to topics that have listeners. Returns each with its newest number.
    async fn rejoin(
        &self,
        live: &LiveLink,
        topics: Vec<Arc<str>>,
    ) -> Result<Vec<(Arc<str>, u64)>, RedisConnectError> {
        let mut joined = Vec::with_capacity(topics.len());
        for topics in topics.chunks(TOPICS_TOGETHER) {
            joined.extend(topics.iter().cloned().zip(self.subscribe(live, topics).await?));
        }
        Ok(joined)
    }

    /// Checks that Redis runs the scripts and writes.
    async fn check(&self, live: &LiveLink) -> Result<(), RedisConnectError> {
        let mut commands = live.commands();
        let mut invocation = self.scripts.publish.prepare_invoke();
        let (number, channel) = (self.keys.number("check"), self.keys.channel("check"));
        let (Ok(number), Ok(channel)) = (number, channel) else {
            return Err(RedisConnectError::unreachable(self.link.address(), "a key is too long"));
        };
        invocation.key(number).arg(channel).arg("").arg(NUMBER_KEPT_MS);
        match tokio::time::timeout(CALL_TIME_MAX, invocation.invoke_async::<u64>(&mut commands)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(RedisConnectError::new(self.link.address(), &error)),
            Err(_) => Err(RedisConnectError::unreachable(self.link.address(), "it does not answer in time")),
        }
    }

    /// Subscribes to topics. Returns their newest numbers.
    async fn subscribe(&self, live: &LiveLink, topics: &[Arc<str>]) -> Result<Vec<u64>, RedisConnectError> {
        let address = self.link.address();
        let (mut messages, mut commands) = (live.messages(), live.commands());
        let mut channels = Vec::with_capacity(topics.len());
        let mut invocation = self.scripts.positions.prepare_invoke();
        for topic in topics {
            let names = (self.keys.channel(topic), self.keys.number(topic));
            let (Ok(channel), Ok(number)) = names else {
                return Err(RedisConnectError::unreachable(address, "a topic is too long"));
            };
            channels.push(channel);
            invocation.key(number);
        }
        invocation.arg(NUMBER_KEPT_MS);
        let subscribing = async {
            messages.subscribe(&channels).await?;
            invocation.invoke_async(&mut commands).await
        };
        match tokio::time::timeout(CALL_TIME_MAX, subscribing).await {
            Ok(positions) => positions.map_err(|error| RedisConnectError::new(address, &error)),
            Err(_) => Err(RedisConnectError::unreachable(address, "it does not answer in time")),
        }
    }

    /// Hands messages to their listeners until the connection ends.
    async fn dispatch(&self, stream: &mut PubSubStream) {
        while let Some(message) = stream.next().await {
            let Some(topic) = self.keys.topic(message.get_channel_name()) else { continue };
            match delivery(&message) {
                Some(delivery) => self.listeners.deliver(topic, delivery),
                None => tracing::warn!(topic, "a message without a number was dropped"),
            }
        }
    }

    /// Asks for signs of life until there is none.
    async fn ping(&self, live: &LiveLink) {
        let mut silent = false;
        loop {
            tokio::time::sleep(PING_INTERVAL).await;
            // A failure counts as that of any other call.
            let _ = self.servers_count().await;
            let mut messages = live.messages();
            let answered = tokio::time::timeout(CALL_TIME_MAX, messages.ping::<redis::Value>()).await;
            let is_answered = matches!(answered, Ok(Ok(_)));
            if silent && !is_answered {
                return;
            }
            silent = !is_answered;
        }
    }

    /// Counts the servers: each listens to one channel.
    async fn servers_count(&self) -> Result<(), CoordinationError> {
        let channel = self.keys.channel(SERVERS_TOPIC)?;
        let counting = |live: Arc<LiveLink>| async move {
            let mut command = redis::cmd("PUBSUB");
            command.arg("NUMSUB").arg(channel).query_async::<(String, u32)>(&mut live.commands()).await
        };
        let (_, count) = self.link.call(counting).await?;
        self.servers.store(count.max(1), Ordering::Relaxed);
        Ok(())
    }

    /// Unsubscribes from topics without a listener, until that fails.
    async fn unsubscribe(&self, live: &LiveLink, unused: &mut mpsc::Receiver<Arc<str>>) {
        let mut topics = Vec::with_capacity(TOPICS_TOGETHER);
        loop {
            topics.clear();
            if unused.recv_many(&mut topics, TOPICS_TOGETHER).await == 0 {
                // The coordinator is going.
                std::future::pending::<()>().await;
            }
            topics.retain(|topic| !self.listeners.has(topic));
            let channels: Vec<String> =
                topics.iter().filter_map(|topic| self.keys.channel(topic).ok()).collect();
            if channels.is_empty() {
                continue;
            }
            let mut messages = live.messages();
            let done = tokio::time::timeout(CALL_TIME_MAX, messages.unsubscribe(&channels)).await;
            if !matches!(done, Ok(Ok(()))) {
                return;
            }
            // A listener that came meanwhile lost its subscription.
            topics.retain(|topic| self.listeners.has(topic));
            if topics.is_empty() {
                continue;
            }
            let Ok(positions) = self.subscribe(live, &topics).await else { return };
            for (topic, position) in topics.iter().zip(positions) {
                self.listeners.deliver(topic, Delivery::Gap { position });
            }
        }
    }
}

/// The number before the space, and the payload behind it.
fn delivery(message: &Msg) -> Option<Delivery> {
    let bytes = message.get_payload_bytes();
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let (number, payload) = bytes.split_at_checked(space)?;
    let sequence = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some(Delivery::Message { sequence, payload: Bytes::copy_from_slice(payload.get(1..)?) })
}
