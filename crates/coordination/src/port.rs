//! The port as a trait.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{CoordinationError, Decision, Quota, QuotaTake, Subscription};

/// Longest key of a quota, lease or cache entry, and longest topic: an account id with a long prefix fits twice.
pub const KEY_BYTES_MAX: usize = 256;
/// Maximum size of a cached value: that of an item of the table.
pub const CACHE_VALUE_BYTES_MAX: usize = 64 * 1024;
/// Maximum size of a message. A message says that something happened; the table has the content.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// The right to work on something alone for a while. It saves work; where a stale holder could still do harm, the
/// epoch is a condition of the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Key of the leased resource.
    pub key: String,
    /// Owner of the lease.
    pub owner: String,
    /// Grows with every new holding of the key, also across expiry and restart: a fencing token.
    pub epoch: u64,
    /// Expiry in µs since 1970, after which another owner may acquire it.
    pub expires_at_us: i64,
}

/// Quotas, leases, a cache and messages, shared by all servers that use the same one.
///
/// Every method fails with [`CoordinationError::Invalid`] for an empty or too long key and with
/// [`CoordinationError::Unavailable`] when the other side does not answer.
#[async_trait]
pub trait Coordinator: Send + Sync + Debug {
    /// Takes `cost` units from the key's quota if they are available; a refusal takes nothing. A cost of 0
    /// only reads.
    ///
    /// # Errors
    /// `Invalid` for a quota that can never allow the cost.
    async fn quota_take(&self, key: &str, quota: Quota, cost: u32) -> Result<Decision, CoordinationError>;

    /// Takes from several quotas, in order. It ends at the first refusal: the last decision is then the refusal, and the
    /// takes before it stay. An adapter may do it in one round trip.
    ///
    /// # Errors
    /// As [`Self::quota_take`].
    async fn quotas_take(&self, takes: &[QuotaTake<'_>]) -> Result<Vec<Decision>, CoordinationError> {
        let mut decisions = Vec::with_capacity(takes.len());
        for take in takes {
            let decision = self.quota_take(take.key, take.quota, take.cost).await?;
            decisions.push(decision);
            if !decision.allowed {
                break;
            }
        }
        Ok(decisions)
    }

    /// Takes the lease unless another owner holds it; the same owner gets a new epoch.
    ///
    /// # Errors
    /// `Exhausted` when too many leases are held.
    async fn lease_acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError>;

    /// Prolongs the lease if this epoch still holds it; `None` when it was lost.
    ///
    /// # Errors
    /// As all methods.
    async fn lease_renew(
        &self,
        lease: &Lease,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError>;

    /// Releases the lease if this epoch still holds it. Returns whether it did.
    ///
    /// # Errors
    /// As for all methods.
    async fn lease_release(&self, lease: &Lease) -> Result<bool, CoordinationError>;

    /// The value, unless it has expired or was evicted.
    ///
    /// # Errors
    /// As all methods.
    async fn cache_get(&self, key: &str) -> Result<Option<Bytes>, CoordinationError>;

    /// Keeps the value for at most this long; it may be evicted earlier.
    ///
    /// # Errors
    /// `Invalid` for a value above [`CACHE_VALUE_BYTES_MAX`].
    async fn cache_put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), CoordinationError>;

    /// Forgets the value, if any.
    ///
    /// # Errors
    /// As all methods.
    async fn cache_remove(&self, key: &str) -> Result<(), CoordinationError>;

    /// Sends the payload to the current subscribers of the topic. Having none is no error. After a failure it may have
    /// reached some of them.
    ///
    /// # Errors
    /// `Invalid` for a payload above [`MESSAGE_BYTES_MAX`].
    async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError>;

    /// Subscribes to the topic from now on. Messages have sequence numbers without gaps: a slow subscriber loses the
    /// oldest messages, a broken connection loses some, and the subscription reports each loss. While the other side
    /// does not answer, an adapter may return a subscription that begins later, with a loss.
    ///
    /// # Errors
    /// `Exhausted` when there are too many topics.
    async fn subscribe(&self, topic: &str) -> Result<Subscription, CoordinationError>;

    /// The newest sequence number of the topic, to compare with [`Subscription::position`]. Numbers never go back while
    /// someone listens. A topic without a listener may have none; that is 0.
    ///
    /// # Errors
    /// As all methods.
    async fn position(&self, topic: &str) -> Result<u64, CoordinationError>;

    /// Servers that share this coordinator, as far as it is known. While it does not answer, the last number stays: a
    /// server then limits itself to its share.
    fn servers(&self) -> u32 {
        1
    }

    /// The coordinator's clock, in µs since 1970. All servers that share it read the same one.
    ///
    /// # Errors
    /// As all methods.
    async fn time_us(&self) -> Result<i64, CoordinationError>;
}

/// The check of keys and topics that every adapter makes.
///
/// # Errors
/// `Invalid` for an empty or too long key.
pub const fn key_check(key: &str) -> Result<(), CoordinationError> {
    if key.is_empty() {
        return Err(CoordinationError::Invalid("a key is empty"));
    }
    if key.len() > KEY_BYTES_MAX {
        return Err(CoordinationError::Invalid("a key is too long"));
    }
    Ok(())
}
