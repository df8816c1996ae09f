//! The conformance suite for coordinators. An adapter's tests implement [`Harness`] and call [`all`].
//!
//! Keys carry the prefix of the harness, so that runs can share one server. Durations are only compared from
//! below: an adapter that follows another machine's clock passes too.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{CACHE_VALUE_BYTES_MAX, CoordinationError, Coordinator, KEY_BYTES_MAX, MESSAGE_BYTES_MAX, Quota};

/// Result of a check; a difference is a failed assertion.
pub type ConformanceResult = Result<(), CoordinationError>;

/// Longest wait for a message that must come.
const MESSAGE_WAIT: Duration = Duration::from_secs(10);

/// Fixture of the suite.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The coordinator; two of them share their state, as two servers do.
    fn coordinators(&self) -> (Arc<dyn Coordinator>, Arc<dyn Coordinator>);
    /// A prefix that no other run uses.
    fn prefix(&self) -> String;
    /// Lets at least this much time pass.
    async fn advance(&self, time: Duration);
}

/// Runs every check.
///
/// # Errors
/// The coordinator's error.
pub async fn all(harness: &dyn Harness) -> ConformanceResult {
    quota_is_exact_and_shared(harness).await?;
    quota_refills(harness).await?;
    keys_are_checked(harness).await?;
    lease_excludes_others(harness).await?;
    lease_expires(harness).await?;
    lease_epochs_grow(harness).await?;
    cache_keeps_and_forgets(harness).await?;
    messages_reach_every_listener(harness).await
}

/// A burst is granted once across all servers, and a refusal takes nothing.
///
/// # Errors
/// The coordinator's error.
pub async fn quota_is_exact_and_shared(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}quota", harness.prefix());
    let quota = Quota { limit: 4, window: Duration::from_secs(3_600), burst: 4 };
    for (coordinator, remaining) in [(&first, 3), (&second, 2), (&first, 1)] {
        let decision = coordinator.quota_take(&key, quota, 1).await?;
        assert!(decision.allowed);
        assert_eq!((decision.limit, decision.remaining), (4, remaining));
        assert_eq!(decision.retry_after, Duration::ZERO);
        assert!(decision.reset_after > Duration::ZERO);
    }
    let refused = second.quota_take(&key, quota, 2).await?;
    assert!(!refused.allowed);
    assert_eq!(refused.remaining, 1);
    assert!(refused.retry_after > Duration::ZERO && refused.retry_after <= Duration::from_secs(900));
    assert!(first.quota_take(&key, quota, 0).await?.allowed);
    assert!(second.quota_take(&key, quota, 1).await?.allowed);
    assert!(!first.quota_take(&key, quota, 1).await?.allowed);
    assert!(first.quota_take(&format!("{key}-other"), quota, 4).await?.allowed);
    assert!(matches!(first.quota_take(&key, quota, 5).await, Err(CoordinationError::Invalid(_))));
    Ok(())
}

/// Units return over time.
///
/// # Errors
/// The coordinator's error.
pub async fn quota_refills(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}refill", harness.prefix());
    let quota = Quota { limit: 2, window: Duration::from_secs(1), burst: 2 };
    assert!(first.quota_take(&key, quota, 2).await?.allowed);
    harness.advance(Duration::from_secs(1)).await;
    assert!(second.quota_take(&key, quota, 2).await?.allowed);
    Ok(())
}

/// Empty and long keys, large values and large messages are refused.
///
/// # Errors
/// The coordinator's error.
pub async fn keys_are_checked(harness: &dyn Harness) -> ConformanceResult {
    let (coordinator, _) = harness.coordinators();
    let long = "k".repeat(KEY_BYTES_MAX + 1);
    for key in ["", long.as_str()] {
        assert!(coordinator.quota_take(key, Quota::per_second(1), 1).await.is_err());
        assert!(coordinator.lease_acquire(key, "owner", MESSAGE_WAIT).await.is_err());
        assert!(coordinator.cache_get(key).await.is_err());
        assert!(coordinator.publish(key, Bytes::new()).await.is_err());
        assert!(coordinator.subscribe(key).await.is_err());
    }
    let key = format!("{}large", harness.prefix());
    let large = Bytes::from(vec![0; CACHE_VALUE_BYTES_MAX + 1]);
    assert!(coordinator.cache_put(&key, large, MESSAGE_WAIT).await.is_err());
    let large = Bytes::from(vec![0; MESSAGE_BYTES_MAX + 1]);
    assert!(coordinator.publish(&key, large).await.is_err());
    Ok(())
}

/// A lease has one owner at a time, and a release frees it.
///
/// # Errors
/// The coordinator's error.
pub async fn lease_excludes_others(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}lease", harness.prefix());
    let hour = Duration::from_secs(3_600);
    let lease = first.lease_acquire(&key, "first", hour).await?;
    let Some(lease) = lease else { return Err(CoordinationError::Invalid("a free lease was refused")) };
    assert!(second.lease_acquire(&key, "second", hour).await?.is_none());
    let renewed = first.lease_renew(&lease, hour).await?;
    assert_eq!(renewed.map(|renewed| renewed.epoch), Some(lease.epoch));
    assert!(first.lease_release(&lease).await?);
    assert!(!first.lease_release(&lease).await?, "released twice");
    assert!(first.lease_renew(&lease, hour).await?.is_none(), "renewed after release");
    let taken = second.lease_acquire(&key, "second", hour).await?;
    assert!(taken.is_some_and(|taken| taken.epoch > lease.epoch));
    assert!(!first.lease_release(&lease).await?, "released another's lease");
    assert!(first.lease_acquire(&key, "first", hour).await?.is_none());
    Ok(())
}

/// A silent holder loses its lease.
///
/// # Errors
/// The coordinator's error.
pub async fn lease_expires(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}expiring", harness.prefix());
    let short = Duration::from_millis(200);
    let lease = first.lease_acquire(&key, "first", short).await?;
    let Some(lease) = lease else { return Err(CoordinationError::Invalid("a free lease was refused")) };
    harness.advance(short).await;
    assert!(first.lease_renew(&lease, short).await?.is_none(), "renewed after expiry");
    let taken = second.lease_acquire(&key, "second", Duration::from_secs(3_600)).await?;
    assert!(taken.is_some_and(|taken| taken.epoch > lease.epoch));
    assert!(first.lease_renew(&lease, short).await?.is_none());
    Ok(())
}

/// An owner that returns is a new holder: its earlier self is fenced off.
///
/// # Errors
/// The coordinator's error.
pub async fn lease_epochs_grow(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}epoch", harness.prefix());
    let hour = Duration::from_secs(3_600);
    let mut last = None;
    for coordinator in [&first, &second, &first] {
        let lease = coordinator.lease_acquire(&key, "same", hour).await?;
        let Some(lease) = lease else { return Err(CoordinationError::Invalid("its own lease was refused")) };
        if let Some(old) = last.replace(lease.clone()) {
            assert!(lease.epoch > old.epoch);
            assert!(coordinator.lease_renew(&old, hour).await?.is_none());
            assert!(!coordinator.lease_release(&old).await?);
        }
    }
    Ok(())
}

/// Cached values live for their time, on every server.
///
/// # Errors
/// The coordinator's error.
pub async fn cache_keeps_and_forgets(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let key = format!("{}cache", harness.prefix());
    let hour = Duration::from_secs(3_600);
    assert_eq!(first.cache_get(&key).await?, None);
    first.cache_put(&key, Bytes::from_static(b"one"), hour).await?;
    assert_eq!(second.cache_get(&key).await?, Some(Bytes::from_static(b"one")));
    second.cache_put(&key, Bytes::from_static(b"two"), hour).await?;
    assert_eq!(first.cache_get(&key).await?, Some(Bytes::from_static(b"two")));
    first.cache_remove(&key).await?;
    first.cache_remove(&key).await?;
    assert_eq!(second.cache_get(&key).await?, None);
    let short = Duration::from_millis(200);
    first.cache_put(&key, Bytes::from_static(b"short"), short).await?;
    harness.advance(short).await;
    assert_eq!(first.cache_get(&key).await?, None);
    Ok(())
}

/// Each subscriber of a topic receives each message once, in order; other topics receive nothing.
///
/// # Errors
/// The coordinator's error.
pub async fn messages_reach_every_listener(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let topic = format!("{}topic", harness.prefix());
    first.publish(&topic, Bytes::from_static(b"before")).await?;
    let mut listeners = [
        first.subscribe(&topic).await?,
        second.subscribe(&topic).await?,
        second.subscribe(&format!("{topic}-other")).await?,
    ];
    for message in ["one", "two"] {
        second.publish(&topic, Bytes::from(message)).await?;
    }
    second.publish(&format!("{topic}-other"), Bytes::from_static(b"three")).await?;
    let expected: [&[&str]; 3] = [&["one", "two"], &["one", "two"], &["three"]];
    for (listener, expected) in listeners.iter_mut().zip(expected) {
        for message in expected {
            let heard = tokio::time::timeout(MESSAGE_WAIT, listener.recv()).await;
            assert!(matches!(&heard, Ok(Ok(heard)) if heard == message), "{heard:?} is not {message}");
        }
    }
    Ok(())
}
