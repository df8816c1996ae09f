//! The port on Redis.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cnop_coordination::{
    CACHE_VALUE_BYTES_MAX, CoordinationError, Coordinator, Decision, Delivery, Lease, MESSAGE_BYTES_MAX,
    MeterTime, Quota, QuotaTake, Subscription, key_check,
};
use redis::Script;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::keys::Keys;
use crate::link::{LinkState, RedisLink};
use crate::listeners::Listeners;
use crate::scripts::Scripts;
use crate::supervision::{LinkParts, NUMBER_KEPT_MS, UNUSED_MAX};
use crate::{RedisAddress, RedisConnectError};

/// Most ms of a lease or a cached value: ten years.
const KEPT_MS_MAX: u128 = 10 * 366 * 86_400_000;

/// [`Coordinator`] in a Redis that all servers of a venue share. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct RedisCoordinator {
    shared: Arc<LinkParts>,
    _supervision: Arc<Supervision>,
}

/// The task goes with the last coordinator.
struct Supervision(JoinHandle<()>);

impl Drop for Supervision {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl RedisCoordinator {
    /// Connects once and checks that Redis does what is needed. Later it reconnects by itself. `venue` separates the
    /// venues that share a Redis.
    ///
    /// # Errors
    /// The reason in one sentence.
    pub async fn connect(address: RedisAddress, venue: &str) -> Result<Self, RedisConnectError> {
        let keys = Keys::new(venue, address.database())
            .map_err(|_| RedisConnectError::unreachable(&address, "the venue's name is empty or too long"))?;
        let (unused_sender, unused) = mpsc::channel(UNUSED_MAX);
        let shared = Arc::new(LinkParts {
            link: RedisLink::new(address),
            keys,
            scripts: Scripts::new(),
            listeners: Arc::new(Listeners::new(unused_sender)),
            servers: AtomicU32::new(1),
        });
        let connected = shared.attempt().await?;
        let task = tokio::spawn(Arc::clone(&shared).supervise(connected, unused));
        Ok(Self { shared, _supervision: Arc::new(Supervision(task)) })
    }

    /// State of the connection, and its changes.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.shared.link.state()
    }

    async fn script<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        fill: impl FnOnce(&mut redis::ScriptInvocation<'_>),
    ) -> Result<T, CoordinationError> {
        let mut invocation = script.prepare_invoke();
        fill(&mut invocation);
        let invocation = &invocation;
        self.shared.link.call(|live| async move { invocation.invoke_async(&mut live.commands()).await }).await
    }

    async fn command<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, CoordinationError> {
        self.shared.link.call(|live| async move { command.query_async(&mut live.commands()).await }).await
    }
}

impl fmt::Debug for RedisCoordinator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCoordinator").field("link", &self.shared.link).finish_non_exhaustive()
    }
}

#[async_trait]
impl Coordinator for RedisCoordinator {
    async fn quota_take(&self, key: &str, quota: Quota, cost: u32) -> Result<Decision, CoordinationError> {
        let decisions = self.quotas_take(&[QuotaTake { key, quota, cost }]).await?;
        decisions.first().copied().ok_or(CoordinationError::Invalid("there is no decision"))
    }

    async fn quotas_take(&self, takes: &[QuotaTake<'_>]) -> Result<Vec<Decision>, CoordinationError> {
        if takes.is_empty() {
            return Ok(Vec::new());
        }
        let mut prepared = Vec::with_capacity(takes.len());
        for take in takes {
            prepared.push((self.shared.keys.quota(take.key)?, take.times()?));
        }
        let answers: Vec<(u8, u64, u32)> = self
            .script(&self.shared.scripts.take, |invocation| {
                for ((key, (full, cost)), take) in prepared.iter().zip(takes) {
                    invocation.key(key).arg(take.quota.limit);
                    invocation.arg(full.micros).arg(full.rest).arg(cost.micros).arg(cost.rest);
                }
            })
            .await?;
        let decisions = takes.iter().zip(answers);
        decisions
            .map(|(take, (allowed, micros, rest))| take.decision(allowed == 1, MeterTime { micros, rest }))
            .collect()
    }

    async fn lease_acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        key_check(owner)?;
        let (lease, epoch) = (self.shared.keys.lease(key)?, self.shared.keys.epoch());
        let held: Option<(u64, i64)> = self
            .script(&self.shared.scripts.acquire, |invocation| {
                invocation.key(lease).key(epoch).arg(owner).arg(millis(duration));
            })
            .await?;
        Ok(held.map(|(epoch, now_us)| Lease {
            key: key.to_owned(),
            owner: owner.to_owned(),
            epoch,
            expires_at_us: after(now_us, duration),
        }))
    }

    async fn lease_renew(
        &self,
        lease: &Lease,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        let key = self.shared.keys.lease(&lease.key)?;
        let now_us: Option<i64> = self
            .script(&self.shared.scripts.renew, |invocation| {
                invocation.key(key).arg(lease.epoch).arg(millis(duration));
            })
            .await?;
        Ok(now_us.map(|now_us| Lease { expires_at_us: after(now_us, duration), ..lease.clone() }))
    }

    async fn lease_release(&self, lease: &Lease) -> Result<bool, CoordinationError> {
        let key = self.shared.keys.lease(&lease.key)?;
        let released: u8 = self
            .script(&self.shared.scripts.release, |invocation| {
                invocation.key(key).arg(lease.epoch);
            })
            .await?;
        Ok(released == 1)
    }

    async fn cache_get(&self, key: &str) -> Result<Option<Bytes>, CoordinationError> {
        let value: Option<Vec<u8>> =
            self.command(redis::cmd("GET").arg(self.shared.keys.cache(key)?)).await?;
        Ok(value.map(Bytes::from))
    }

    async fn cache_put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), CoordinationError> {
        if value.len() > CACHE_VALUE_BYTES_MAX {
            return Err(CoordinationError::Invalid("a cached value is too large"));
        }
        let key = self.shared.keys.cache(key)?;
        self.command(redis::cmd("SET").arg(key).arg(value.as_ref()).arg("PX").arg(millis(time_to_live))).await
    }

    async fn cache_remove(&self, key: &str) -> Result<(), CoordinationError> {
        self.command(redis::cmd("DEL").arg(self.shared.keys.cache(key)?)).await
    }

    async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        if payload.len() > MESSAGE_BYTES_MAX {
            return Err(CoordinationError::Invalid("a message is too large"));
        }
        let (number, channel) = (self.shared.keys.number(topic)?, self.shared.keys.channel(topic)?);
        let published: Result<u64, _> = self
            .script(&self.shared.scripts.publish, |invocation| {
                invocation.key(number).arg(channel).arg(payload.as_ref()).arg(NUMBER_KEPT_MS);
            })
            .await;
        published.map(drop).inspect_err(|_| {
            // The listeners of this server hear it without Redis. A message without a number is no gap.
            self.shared.listeners.deliver_here(topic, Delivery::Message { sequence: 0, payload });
        })
    }

    async fn subscribe(&self, topic: &str) -> Result<Subscription, CoordinationError> {
        let (number, channel) = (self.shared.keys.number(topic)?, self.shared.keys.channel(topic)?);
        // The receiver goes before the guard.
        let (guard, receiver) = {
            let (receiver, guard) = Listeners::add(&self.shared.listeners, topic)?;
            (guard, receiver)
        };
        // Also when others listen already: their subscription may not be confirmed yet.
        let subscribing = self.shared.link.call(|live| async move {
            live.messages().subscribe(channel).await?;
            let mut invocation = self.shared.scripts.positions.prepare_invoke();
            invocation.key(number).arg(NUMBER_KEPT_MS);
            invocation.invoke_async(&mut live.commands()).await
        });
        let subscribed: Result<Vec<u64>, _> = subscribing.await;
        let position = match subscribed {
            Ok(positions) => positions.first().copied().unwrap_or(0),
            // The next connection subscribes and reports a gap.
            Err(_) if !self.shared.link.is_up() => 0,
            Err(error) => return Err(error),
        };
        Ok(Subscription::new(receiver, position, guard))
    }

    async fn position(&self, topic: &str) -> Result<u64, CoordinationError> {
        let number = self.shared.keys.number(topic)?;
        // Someone who compares positions uses the topic, so its number stays.
        let position: Option<u64> =
            self.command(redis::cmd("GETEX").arg(number).arg("PX").arg(NUMBER_KEPT_MS)).await?;
        Ok(position.unwrap_or(0))
    }

    fn servers(&self) -> u32 {
        self.shared.servers.load(Ordering::Relaxed)
    }

    async fn time_us(&self) -> Result<i64, CoordinationError> {
        let (seconds, micros): (i64, i64) = self.command(&redis::cmd("TIME")).await?;
        Ok(seconds.saturating_mul(1_000_000).saturating_add(micros))
    }
}

/// Whole ms, at least 1, rounded up.
fn millis(duration: Duration) -> u64 {
    let millis = duration.as_micros().div_ceil(1_000).clamp(1, KEPT_MS_MAX);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

/// `now + duration` in µs.
fn after(now_us: i64, duration: Duration) -> i64 {
    now_us.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
