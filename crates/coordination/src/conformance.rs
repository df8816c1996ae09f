//! The conformance suite for coordinators. An adapter's tests implement [`Harness`] and call [`all`].
//!
//! Keys carry the prefix of the harness, so that runs can share one server. Durations are only compared from
//! below: an adapter that follows another machine's clock passes too.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    CACHE_VALUE_BYTES_MAX, CoordinationError, Coordinator, Decision, KEY_BYTES_MAX, MESSAGE_BYTES_MAX, Quota,
    QuotaTake, Subscription, SubscriptionError,
};

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
    quotas_end_at_the_first_refusal(harness).await?;
    keys_are_checked(harness).await?;
    lease_excludes_others(harness).await?;
    lease_expires(harness).await?;
    lease_epochs_grow(harness).await?;
    cache_keeps_and_forgets(harness).await?;
    messages_reach_every_listener(harness).await?;
    positions_follow_messages(harness).await?;
    a_slow_listener_is_told(harness).await?;
    time_is_shared_and_passes(harness).await
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

/// Of several quotas, those before the refusal are taken and those behind it are not.
///
/// # Errors
/// The coordinator's error.
pub async fn quotas_end_at_the_first_refusal(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let keys = [0, 1, 2].map(|number| format!("{}several-{number}", harness.prefix()));
    let [narrow, tight, wide] = &keys;
    let quota = |limit| Quota { limit, window: Duration::from_secs(3_600), burst: limit };
    let takes = [(narrow, 7), (tight, 1), (wide, 9)];
    let takes = takes.map(|(key, limit)| QuotaTake { key, quota: quota(limit), cost: 1 });
    let remaining = |decisions: &[Decision]| -> Vec<(bool, u32)> {
        decisions.iter().map(|decision| (decision.allowed, decision.remaining)).collect()
    };
    assert_eq!(remaining(&first.quotas_take(&takes).await?), [(true, 6), (true, 0), (true, 8)]);
    assert_eq!(remaining(&second.quotas_take(&takes).await?), [(true, 5), (false, 0)]);
    assert_eq!(first.quota_take(wide, quota(9), 0).await?.remaining, 8);
    assert!(first.quotas_take(&[]).await?.is_empty());
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
        assert!(coordinator.position(key).await.is_err());
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

/// A listener that compares its position with the topic's learns that it has heard everything, on any server.
///
/// # Errors
/// The coordinator's error.
pub async fn positions_follow_messages(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let topic = format!("{}position", harness.prefix());
    let mut listener = first.subscribe(&topic).await?;
    assert_eq!(listener.position(), first.position(&topic).await?);
    for number in 1..=3 {
        second.publish(&topic, Bytes::from(number.to_string())).await?;
        let newest = second.position(&topic).await?;
        assert_eq!(newest, listener.position() + 1);
        assert_eq!(heard(&mut listener).await, Ok(Bytes::from(number.to_string())));
        assert_eq!(listener.position(), newest);
    }
    let late = second.subscribe(&topic).await?;
    assert_eq!(late.position(), listener.position());
    Ok(())
}

/// A listener that does not listen loses the oldest messages, never the newest, and learns of the loss.
///
/// # Errors
/// The coordinator's error.
pub async fn a_slow_listener_is_told(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let topic = format!("{}slow", harness.prefix());
    let last = format!("{topic}-last");
    let (mut slow, mut quick) = (first.subscribe(&topic).await?, first.subscribe(&last).await?);
    let count: u64 = 5_000;
    for number in 1..=count {
        second.publish(&topic, Bytes::from(number.to_string())).await?;
    }
    // Messages of one connection arrive in order: behind this one all others are there.
    second.publish(&last, Bytes::new()).await?;
    assert!(heard(&mut quick).await.is_ok());
    let Err(SubscriptionError::Lagged(lost)) = heard(&mut slow).await else {
        return Err(CoordinationError::Invalid("no message was reported lost"));
    };
    assert!(lost > 0 && lost < count, "{lost} lost");
    for number in lost + 1..=count {
        assert_eq!(heard(&mut slow).await, Ok(Bytes::from(number.to_string())));
    }
    assert_eq!(slow.position(), first.position(&topic).await?);
    Ok(())
}

/// All servers read one clock.
///
/// # Errors
/// The coordinator's error.
pub async fn time_is_shared_and_passes(harness: &dyn Harness) -> ConformanceResult {
    let (first, second) = harness.coordinators();
    let before = first.time_us().await?;
    harness.advance(Duration::from_millis(20)).await;
    assert!(second.time_us().await? >= before + 20_000);
    Ok(())
}

/// The next message or loss; waiting in vain is a failed assertion.
async fn heard(listener: &mut Subscription) -> Result<Bytes, SubscriptionError> {
    let heard = tokio::time::timeout(MESSAGE_WAIT, listener.recv()).await;
    assert!(heard.is_ok(), "a message did not come");
    heard.unwrap_or(Err(SubscriptionError::Closed))
}
