//! A coordinator in front of a shared one, with the faults that one server meets.

mod faults;
mod line;
mod pump;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cnop_coordination::{CoordinationError, Coordinator, Decision, Lease, Quota, Subscription};

pub use faults::{CoordinatorFaultCounts, CoordinatorFaultRates};

use faults::CallFate;
use line::CoordinatorLine;

/// One server's way to a coordinator that it shares with others. Calls and messages fail at set rates, by a seed;
/// the server can be cut off. Without rates it forwards everything.
///
/// A topic keeps its order: a late message delays those behind it, and a lost one leaves a gap in the sequence.
#[derive(Debug)]
pub struct FlakyCoordinator {
    inner: Arc<dyn Coordinator>,
    line: Arc<CoordinatorLine>,
    servers: AtomicU32,
    holds_publishes: AtomicBool,
}

impl FlakyCoordinator {
    /// A transparent coordinator in front of `inner`. The seed and the name decide the later faults.
    #[must_use]
    pub fn new(inner: Arc<dyn Coordinator>, seed: u64, name: &str) -> Self {
        let servers = AtomicU32::new(inner.servers());
        Self {
            inner,
            line: Arc::new(CoordinatorLine::new(seed, name)),
            servers,
            holds_publishes: AtomicBool::new(false),
        }
    }

    /// From now on, a message of this server is sent at the next advance after its call, or at once again.
    pub fn publishes_hold(&self, holds: bool) {
        self.holds_publishes.store(holds, Ordering::SeqCst);
    }

    /// Sets the number of servers that share the coordinator, as it was counted last.
    pub fn servers_set(&self, servers: u32) {
        self.servers.store(servers, Ordering::SeqCst);
    }

    /// Sets the rates of the faults from now on.
    pub fn rates_set(&self, rates: CoordinatorFaultRates) {
        self.line.faults.rates_set(rates);
    }

    /// Cuts the server off, or connects it again. Meanwhile every call fails, and messages are lost.
    pub fn cut(&self, is_cut: bool) {
        self.line.is_cut.store(is_cut, Ordering::SeqCst);
    }

    /// Lets the next call panic.
    pub fn panic_on_next_call(&self) {
        self.line.panics_on_call.store(true, Ordering::SeqCst);
    }

    /// Delivers everything that is late. Subscriptions see it after other tasks have run.
    pub fn advance(&self) {
        self.line.advances.send_modify(|number| *number += 1);
    }

    /// The faults so far.
    #[must_use]
    pub fn counts(&self) -> CoordinatorFaultCounts {
        self.line.faults.counts()
    }

    async fn call<T: Send>(
        &self,
        of_lease: bool,
        call: impl Future<Output = Result<T, CoordinationError>> + Send,
    ) -> Result<T, CoordinationError> {
        assert!(!self.line.panics_on_call.swap(false, Ordering::SeqCst), "an injected panic");
        if self.line.is_cut.load(Ordering::SeqCst) {
            return Err(unavailable("the server is cut off"));
        }
        match self.line.faults.call(of_lease) {
            CallFate::Done => call.await,
            CallFate::Lost => Err(unavailable("the call is lost")),
            CallFate::AnswerLost => {
                call.await?;
                Err(unavailable("the answer is lost"))
            }
            CallFate::AnswerLate => {
                let mut advances = self.line.advances.subscribe();
                let answer = call.await;
                // The sender lives as long as this coordinator.
                let _ = advances.changed().await;
                answer
            }
        }
    }
}

fn unavailable(sentence: &'static str) -> CoordinationError {
    CoordinationError::Unavailable(format!("an injected fault: {sentence}").into())
}

#[async_trait]
impl Coordinator for FlakyCoordinator {
    async fn quota_take(&self, key: &str, quota: Quota, cost: u32) -> Result<Decision, CoordinationError> {
        self.call(false, self.inner.quota_take(key, quota, cost)).await
    }

    async fn lease_acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        self.call(true, self.inner.lease_acquire(key, owner, duration)).await
    }

    async fn lease_renew(
        &self,
        lease: &Lease,
        duration: Duration,
    ) -> Result<Option<Lease>, CoordinationError> {
        self.call(true, self.inner.lease_renew(lease, duration)).await
    }

    async fn lease_release(&self, lease: &Lease) -> Result<bool, CoordinationError> {
        self.call(true, self.inner.lease_release(lease)).await
    }

    async fn cache_get(&self, key: &str) -> Result<Option<Bytes>, CoordinationError> {
        self.call(false, self.inner.cache_get(key)).await
    }

    async fn cache_put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), CoordinationError> {
        self.call(false, self.inner.cache_put(key, value, time_to_live)).await
    }

    async fn cache_remove(&self, key: &str) -> Result<(), CoordinationError> {
        self.call(false, self.inner.cache_remove(key)).await
    }

    async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        if self.holds_publishes.load(Ordering::SeqCst) {
            // The sender lives as long as this coordinator.
            let _ = self.line.advances.subscribe().changed().await;
        }
        let publish = async {
            if self.line.faults.is_doubled() {
                self.inner.publish(topic, payload.clone()).await?;
            }
            self.inner.publish(topic, payload).await
        };
        self.call(false, publish).await
    }

    async fn subscribe(&self, topic: &str) -> Result<Subscription, CoordinationError> {
        let inner = self.call(false, self.inner.subscribe(topic)).await?;
        Ok(pump::start(inner, Arc::clone(&self.line)))
    }

    async fn position(&self, topic: &str) -> Result<u64, CoordinationError> {
        self.call(false, self.inner.position(topic)).await
    }

    fn servers(&self) -> u32 {
        self.servers.load(Ordering::SeqCst)
    }

    async fn time_us(&self) -> Result<i64, CoordinationError> {
        self.call(false, self.inner.time_us()).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cnop_coordination::{LocalCoordinator, SubscriptionError};
    use cnop_domain::Clock;

    use super::*;
    use crate::ManualClock;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn pair() -> (Arc<FlakyCoordinator>, Arc<FlakyCoordinator>) {
        let clock = Arc::new(ManualClock::default()) as Arc<dyn Clock>;
        let shared = Arc::new(LocalCoordinator::new(clock)) as Arc<dyn Coordinator>;
        let flaky = |name| Arc::new(FlakyCoordinator::new(Arc::clone(&shared), 1, name));
        (flaky("first"), flaky("second"))
    }

    async fn tasks_run() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    /// The next message, if there is one now.
    async fn heard(subscription: &mut Subscription) -> Option<Bytes> {
        tasks_run().await;
        tokio::select! {
            biased;
            message = subscription.recv() => message.ok(),
            () = tasks_run() => None,
        }
    }

    #[tokio::test]
    async fn without_rates_everything_is_forwarded() {
        let (first, second) = pair();
        let mut subscription = second.subscribe("news").await.unwrap();
        first.publish("news", Bytes::from_static(b"one")).await.unwrap();
        assert_eq!(heard(&mut subscription).await.unwrap(), "one");
        let lease = first.lease_acquire("lease", "first", HOUR).await.unwrap().unwrap();
        assert!(second.lease_acquire("lease", "second", HOUR).await.unwrap().is_none());
        assert!(first.lease_renew(&lease, HOUR).await.unwrap().is_some());
        assert_eq!(first.counts(), CoordinatorFaultCounts::default());
    }

    #[tokio::test]
    async fn a_server_that_is_cut_off_hears_and_reaches_nothing() {
        let (first, second) = pair();
        let mut subscription = second.subscribe("news").await.unwrap();
        second.cut(true);
        first.publish("news", Bytes::from_static(b"unheard")).await.unwrap();
        assert_eq!(heard(&mut subscription).await, None);
        let refused = second.lease_acquire("lease", "second", HOUR).await;
        assert!(matches!(refused, Err(CoordinationError::Unavailable(_))));
        assert!(first.lease_acquire("lease", "first", HOUR).await.unwrap().is_some());
        second.cut(false);
        first.publish("news", Bytes::from_static(b"heard")).await.unwrap();
        assert_eq!(second.counts().messages_lost, 1);
        tasks_run().await;
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        assert_eq!(heard(&mut subscription).await.unwrap(), "heard");
        assert!(second.lease_acquire("lease", "second", HOUR).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_lost_message_leaves_a_gap() {
        let (first, second) = pair();
        let mut subscription = second.subscribe("news").await.unwrap();
        second.rates_set(CoordinatorFaultRates { message_lost: 1_000, ..Default::default() });
        first.publish("news", Bytes::from_static(b"lost")).await.unwrap();
        assert_eq!(heard(&mut subscription).await, None);
        second.rates_set(CoordinatorFaultRates::default());
        assert_eq!(second.position("news").await.unwrap(), subscription.position() + 1);
        first.publish("news", Bytes::from_static(b"next")).await.unwrap();
        tasks_run().await;
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        assert_eq!(subscription.recv().await.unwrap(), "next");
    }

    #[tokio::test]
    async fn a_late_message_waits_and_keeps_its_place() {
        let (first, second) = pair();
        let mut subscription = second.subscribe("news").await.unwrap();
        second.rates_set(CoordinatorFaultRates { message_late: 1_000, ..Default::default() });
        first.publish("news", Bytes::from_static(b"one")).await.unwrap();
        assert_eq!(heard(&mut subscription).await, None);
        second.rates_set(CoordinatorFaultRates::default());
        first.publish("news", Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(heard(&mut subscription).await, None, "it overtakes no earlier message");
        second.advance();
        assert_eq!(heard(&mut subscription).await.unwrap(), "one");
        assert_eq!(heard(&mut subscription).await.unwrap(), "two");
    }

    #[tokio::test]
    async fn a_doubled_message_comes_twice() {
        let (first, second) = pair();
        let mut subscription = second.subscribe("news").await.unwrap();
        first.rates_set(CoordinatorFaultRates { publish_doubled: 1_000, ..Default::default() });
        first.publish("news", Bytes::from_static(b"one")).await.unwrap();
        assert_eq!(heard(&mut subscription).await.unwrap(), "one");
        assert_eq!(heard(&mut subscription).await.unwrap(), "one");
    }

    #[tokio::test]
    async fn a_lost_answer_does_not_undo_the_call() {
        let (first, second) = pair();
        first.rates_set(CoordinatorFaultRates { answer_lost: 1_000, ..Default::default() });
        assert!(first.lease_acquire("lease", "first", HOUR).await.is_err());
        assert!(second.lease_acquire("lease", "second", HOUR).await.unwrap().is_none());
        first.rates_set(CoordinatorFaultRates { call_lost: 1_000, ..Default::default() });
        assert!(first.lease_acquire("other", "first", HOUR).await.is_err());
        assert!(second.lease_acquire("other", "second", HOUR).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_late_renewal_is_answered_at_the_next_advance() {
        let (first, _) = pair();
        let lease = first.lease_acquire("lease", "first", HOUR).await.unwrap().unwrap();
        first.rates_set(CoordinatorFaultRates { lease_late: 1_000, ..Default::default() });
        let renewing = {
            let first = Arc::clone(&first);
            tokio::spawn(async move { first.lease_renew(&lease, HOUR).await })
        };
        tasks_run().await;
        assert!(!renewing.is_finished());
        first.advance();
        assert!(renewing.await.unwrap().unwrap().is_some());
    }

    #[tokio::test]
    async fn the_seed_decides_the_faults() {
        let clock = Arc::new(ManualClock::default()) as Arc<dyn Clock>;
        let shared = Arc::new(LocalCoordinator::new(clock)) as Arc<dyn Coordinator>;
        let mut outcomes = Vec::new();
        for seed in [1, 1, 2] {
            let flaky = FlakyCoordinator::new(Arc::clone(&shared), seed, "server");
            flaky.rates_set(CoordinatorFaultRates { call_lost: 500, ..Default::default() });
            let mut outcome = Vec::new();
            for _ in 0..64 {
                outcome.push(flaky.cache_get("key").await.is_ok());
            }
            outcomes.push(outcome);
        }
        assert!(outcomes[0] == outcomes[1] && outcomes[0] != outcomes[2]);
    }
}
