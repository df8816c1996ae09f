//! The coordinator of a single server: in memory, with a named bound for everything.

mod cache;
mod leases;
mod quotas;
mod state;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cnop_domain::Clock;

use crate::port::key_check;
use crate::{CoordinationError, Coordinator, Decision, Lease, Quota, Subscription};

/// [`Coordinator`] within one process. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct LocalCoordinator {
    inner: Arc<CoordinatorInner>,
}

#[derive(Debug)]
struct CoordinatorInner {
    clock: Arc<dyn Clock>,
    quotas: quotas::LocalQuotas,
    leases: leases::Leases,
    cache: cache::Cache,
    topics: Arc<topics::TopicRegistry>,
}

impl LocalCoordinator {
    /// An empty coordinator that lives by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let inner = CoordinatorInner {
            clock,
            quotas: quotas::LocalQuotas::default(),
            leases: leases::Leases::default(),
            cache: cache::Cache::default(),
            topics: Arc::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    fn now_us(&self) -> i64 {
        self.inner.clock.now_us()
    }
}

#[async_trait]
impl Coordinator for LocalCoordinator {
    async fn quota_take(&self, key: &str, quota: Quota, cost: u32) -> Result<Decision, CoordinationError> {
        key_check(key)?;
        self.inner.quotas.take(key, quota, cost, self.now_us())
    }

    async fn lease_acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        key_check(key)?;
        key_check(owner)?;
        self.inner.leases.acquire(key, owner, duration, self.now_us())
    }

    async fn lease_renew(
        &self,
        lease: &Lease,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        Ok(self.inner.leases.renew(lease, duration, self.now_us()))
    }

    async fn lease_release(&self, lease: &Lease) -> Result<bool, CoordinationError> {
        Ok(self.inner.leases.release(lease, self.now_us()))
    }

    async fn cache_get(&self, key: &str) -> Result<Option<Bytes>, CoordinationError> {
        key_check(key)?;
        Ok(self.inner.cache.get(key, self.now_us()))
    }

    async fn cache_put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), CoordinationError> {
        key_check(key)?;
        self.inner.cache.put(key, value, time_to_live, self.now_us())
    }

    async fn cache_remove(&self, key: &str) -> Result<(), CoordinationError> {
        key_check(key)?;
        self.inner.cache.remove(key);
        Ok(())
    }

    async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        key_check(topic)?;
        self.inner.topics.publish(topic, payload)
    }

    async fn subscribe(&self, topic: &str) -> Result<Subscription, CoordinationError> {
        key_check(topic)?;
        topics::subscribe(&self.inner.topics, topic)
    }

    async fn position(&self, topic: &str) -> Result<u64, CoordinationError> {
        key_check(topic)?;
        Ok(self.inner.topics.position(topic))
    }

    async fn time_us(&self) -> Result<i64, CoordinationError> {
        Ok(self.now_us())
    }
}
