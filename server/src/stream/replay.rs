//! The pace of a replay. A stream that is far behind reads page by page. An account replays on two streams at once, and
//! its networks have a quota of replayed events.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use cnop_coordination::{Coordinator, Network, Quota, QuotaTake};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::limits::StreamPermit;

/// Shortest time between two pages of missed events, so that a client that was away for long does not monopolize the
/// store.
const PAGE_INTERVAL: Duration = Duration::from_millis(20);
/// Events that are replayed to one network. Unbounded, the replays of one account took a core.
const REPLAY_QUOTA: Quota = Quota { limit: 200_000, window: Duration::from_secs(60), burst: 20_000 };

/// The replay quota of all streams. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ReplayQuota {
    coordinator: Arc<dyn Coordinator>,
    multiplier: u32,
}

impl ReplayQuota {
    pub(crate) fn new(coordinator: Arc<dyn Coordinator>, multiplier: u32) -> Self {
        Self { coordinator, multiplier: multiplier.max(1) }
    }

    /// Takes a page of events from the quota; otherwise the time until there is one.
    async fn page_take(&self, address: IpAddr, events: u32) -> Option<Duration> {
        let keyed: Vec<(String, Quota)> = Network::shares(address)
            .map(|share| {
                let quota = REPLAY_QUOTA.times(self.multiplier).times(share.multiple);
                (format!("quota:replay:{}", share.network), quota)
            })
            .collect();
        let takes: Vec<QuotaTake<'_>> =
            keyed.iter().map(|(key, quota)| QuotaTake { key, quota: *quota, cost: events }).collect();
        match self.coordinator.quotas_take(&takes).await {
            Ok(decisions) => decisions.last().filter(|last| !last.allowed).map(|refusal| refusal.retry_after),
            // Without the shared count the pace of each stream remains.
            Err(error) => {
                tracing::debug!(%error, "the quota of replays could not be read");
                None
            }
        }
    }
}

/// The replay of one stream.
#[derive(Debug)]
pub(super) struct StreamReplay {
    quota: ReplayQuota,
    places: Arc<Semaphore>,
    address: IpAddr,
    /// Held while the stream is behind.
    place: Option<OwnedSemaphorePermit>,
    next_page: Instant,
}

impl StreamReplay {
    /// The replay of a signed-in stream.
    pub(super) fn of(permit: &StreamPermit, quota: ReplayQuota) -> Option<Self> {
        let address = permit.address();
        permit.replays().map(|places| Self { quota, places, address, place: None, next_page: Instant::now() })
    }

    /// Completes when the next page of so many events may be read. Canceling it loses nothing but its turn.
    pub(super) async fn page_due(&mut self, events: u32) {
        if self.place.is_none() {
            // The semaphore is never closed.
            self.place = Arc::clone(&self.places).acquire_owned().await.ok();
        }
        loop {
            tokio::time::sleep_until(self.next_page).await;
            let pause = self.quota.page_take(self.address, events).await;
            self.next_page = Instant::now() + pause.unwrap_or(PAGE_INTERVAL).max(PAGE_INTERVAL);
            if pause.is_none() {
                return;
            }
        }
    }

    /// Lets the next stream of the account replay.
    pub(super) fn ended(&mut self) {
        self.place = None;
    }
}

#[cfg(test)]
mod tests {
    use cnop_coordination::LocalCoordinator;
    use cnop_testkit::ManualClock;
    use futures::FutureExt as _;

    use super::super::limits::StreamLimits;
    use super::*;

    const EVENTS: u32 = 100;

    fn replays(count: usize) -> Vec<StreamReplay> {
        let clock = Arc::new(ManualClock::new(0));
        let quota = ReplayQuota::new(Arc::new(LocalCoordinator::new(clock)), 1);
        let limits = StreamLimits::new(1);
        let account = "acc_00000000000000000000000000".parse().ok();
        let permits = (0..count).map(|_| limits.take([127, 0, 0, 1].into(), account.clone()).unwrap());
        let permits: Vec<_> = permits.collect();
        permits.iter().filter_map(|permit| StreamReplay::of(permit, quota.clone())).collect()
    }

    /// Twenty streams of one account that replayed a long log together took a core from everybody.
    #[tokio::test]
    async fn the_third_replay_waits_for_the_first_two() {
        let mut replays = replays(3);
        for replay in replays.iter_mut().take(2) {
            replay.page_due(EVENTS).await;
        }
        let mut third = replays.pop().unwrap();
        assert!(third.page_due(EVENTS).now_or_never().is_none());
        assert!(tokio::time::timeout(PAGE_INTERVAL * 2, third.page_due(EVENTS)).await.is_err());
        replays.iter_mut().for_each(StreamReplay::ended);
        third.page_due(EVENTS).await;
    }

    #[tokio::test]
    async fn pages_are_paced_and_bounded_for_the_network() {
        let mut replay = replays(1).pop().unwrap();
        let started = Instant::now();
        for _ in 0..4 {
            replay.page_due(REPLAY_QUOTA.burst / 4).await;
        }
        assert!(started.elapsed() >= PAGE_INTERVAL * 3, "{:?}", started.elapsed());
        // The clock of the quota stands still, so nothing comes back.
        assert!(tokio::time::timeout(PAGE_INTERVAL * 5, replay.page_due(EVENTS)).await.is_err());
    }
}
