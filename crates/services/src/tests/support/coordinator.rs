//! A coordinator of a server that owns all books, whatever the others do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cnop_coordination::{
    CoordinationError, Coordinator, Decision, Lease, LocalCoordinator, Quota, Subscription,
};

/// Shares everything with other servers but leases, and the messages about them.
#[derive(Debug)]
pub(crate) struct OwnLeases {
    pub(crate) shared: Arc<LocalCoordinator>,
    pub(crate) alone: Arc<LocalCoordinator>,
}

impl OwnLeases {
    fn of(&self, topic: &str) -> &LocalCoordinator {
        if topic == "members" || topic.starts_with("shard/") { &self.alone } else { &self.shared }
    }
}

#[async_trait]
impl Coordinator for OwnLeases {
    async fn quota_take(&self, key: &str, quota: Quota, cost: u32) -> Result<Decision, CoordinationError> {
        self.shared.quota_take(key, quota, cost).await
    }

    async fn lease_acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        self.alone.lease_acquire(key, owner, duration).await
    }

    async fn lease_renew(
        &self,
        lease: &Lease,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        self.alone.lease_renew(lease, duration).await
    }

    async fn lease_release(&self, lease: &Lease) -> Result<bool, CoordinationError> {
        self.alone.lease_release(lease).await
    }

    async fn cache_get(&self, key: &str) -> Result<Option<Bytes>, CoordinationError> {
        self.shared.cache_get(key).await
    }

    async fn cache_put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), CoordinationError> {
        self.shared.cache_put(key, value, time_to_live).await
    }

    async fn cache_remove(&self, key: &str) -> Result<(), CoordinationError> {
        self.shared.cache_remove(key).await
    }

    async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        self.of(topic).publish(topic, payload).await
    }

    async fn subscribe(&self, topic: &str) -> Result<Subscription, CoordinationError> {
        self.of(topic).subscribe(topic).await
    }

    async fn position(&self, topic: &str) -> Result<u64, CoordinationError> {
        self.of(topic).position(topic).await
    }

    async fn time_us(&self) -> Result<i64, CoordinationError> {
        self.shared.time_us().await
    }
}
