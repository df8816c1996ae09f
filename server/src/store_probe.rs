//! The store's part of readiness: a real write and a real read, remembered for a moment.

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::{Clock, Entropy};
use cnop_store::{Condition, Key, StoreError, Table, TableHealth, Write};
use tokio::sync::watch;
use tokio::time::timeout;

/// Longest time that the store has to answer.
const PROBE_TIME_MAX: Duration = Duration::from_secs(2);
/// µs for which an answer is remembered: however often readiness is asked, the store is asked once a second.
const PROBE_KEPT_US: i64 = 1_000_000;
/// Seconds after which the item of a probe expires at the earliest.
const ITEM_KEPT_S: i64 = 3_600;

/// State of the store as readiness tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreState {
    /// It writes and reads.
    Ok,
    /// It does not write or read at the moment.
    Unavailable,
    /// A few parts of its data could not be read lately. They concern their owners.
    PartlyDamaged,
    /// Many parts of its data cannot be read, or those that readiness itself needs.
    Damaged,
    /// Nothing more is written until an operator acts.
    Failed,
}

impl StoreState {
    /// The word on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unavailable => "unavailable",
            Self::PartlyDamaged | Self::Damaged => "damaged",
            Self::Failed => "failed",
        }
    }

    /// Returns true if the venue can be used. A few damaged items do not close it for everybody.
    pub(crate) const fn is_usable(self) -> bool {
        matches!(self, Self::Ok | Self::PartlyDamaged)
    }
}

/// The last probe.
#[derive(Debug, Clone, Copy)]
struct Probe {
    /// µs since 1970; none before the first.
    ended_us: Option<i64>,
    is_running: bool,
    state: StoreState,
}

/// Asks the store whether it writes and reads.
#[derive(Debug)]
pub(crate) struct StoreProbe {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    /// An item of this process alone, so that servers on one table do not read each other's.
    key: Key,
    last: Arc<watch::Sender<Probe>>,
}

impl StoreProbe {
    pub(crate) fn new(table: Arc<dyn Table>, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut name = [0; 8];
        entropy.fill(&mut name);
        let key = Key::new("VENUE", format!("READY#{}", hex::encode(name)));
        let last = Probe { ended_us: None, is_running: false, state: StoreState::Unavailable };
        Self { table, clock, key, last: Arc::new(watch::Sender::new(last)) }
    }

    /// The state of the store, at most a moment old.
    pub(crate) async fn state(&self) -> StoreState {
        let mut last = self.last.subscribe();
        let now_us = self.clock.now_us();
        let begins = self.last.send_if_modified(|probe| {
            let is_old = probe.ended_us.is_none_or(|at_us| now_us.saturating_sub(at_us) >= PROBE_KEPT_US);
            let begins = is_old && !probe.is_running;
            probe.is_running |= begins;
            begins
        });
        if begins {
            self.begin(now_us);
        }
        match timeout(PROBE_TIME_MAX, last.wait_for(|probe| !probe.is_running)).await {
            Ok(Ok(probe)) => probe.state,
            Ok(Err(_)) | Err(_) => StoreState::Unavailable,
        }
    }

    /// Starts a probe. It does not end with the request that asked for it.
    fn begin(&self, now_us: i64) {
        let (table, key, last) = (Arc::clone(&self.table), self.key.clone(), Arc::clone(&self.last));
        let clock = Arc::clone(&self.clock);
        tokio::spawn(async move {
            let answers = timeout(PROBE_TIME_MAX, writes_and_reads(table.as_ref(), key, now_us)).await;
            let state = match (table.health(), answers) {
                (TableHealth::Failed, _) => StoreState::Failed,
                (TableHealth::Damaged, _) | (_, Ok(Err(StoreError::Corrupt(_)))) => StoreState::Damaged,
                (TableHealth::PartlyDamaged, Ok(Ok(true))) => StoreState::PartlyDamaged,
                (TableHealth::Sound, Ok(Ok(true))) => StoreState::Ok,
                (TableHealth::PartlyDamaged | TableHealth::Sound, _) => StoreState::Unavailable,
            };
            last.send_replace(Probe { ended_us: Some(clock.now_us()), is_running: false, state });
        });
    }
}

async fn writes_and_reads(table: &dyn Table, key: Key, now_us: i64) -> Result<bool, StoreError> {
    let body = now_us.to_be_bytes();
    let hour = now_us.div_euclid(1_000_000).div_euclid(ITEM_KEPT_S);
    let expires_at = hour.saturating_add(2).saturating_mul(ITEM_KEPT_S);
    let write = Write::put_expiring(key.clone(), body.to_vec(), expires_at, Condition::Any);
    table.transact(vec![write]).await?;
    Ok(table.get(&key).await?.is_some_and(|item| item.body == body.as_slice()))
}

#[cfg(test)]
mod tests {
    use cnop_testkit::{Backend, SeededEntropy, TableCall};

    use super::*;

    /// Readiness said "ok" on a full disk: it only read, and reads go on there.
    #[tokio::test]
    async fn a_store_that_cannot_write_is_not_ready_until_it_can() {
        let mut backend = Backend::in_memory();
        let table = backend.make_flaky();
        let probe =
            StoreProbe::new(Arc::clone(&backend.table), backend.clock.clone(), &SeededEntropy::new(1));
        assert_eq!(probe.state().await, StoreState::Ok);
        table.refuse_partition("VENUE".to_owned(), StoreError::unavailable("the disk is full"));
        assert_eq!(probe.state().await, StoreState::Ok, "remembered");
        backend.clock.advance_us(PROBE_KEPT_US);
        assert_eq!(probe.state().await, StoreState::Unavailable);
        table.refuse_partition("VENUE".to_owned(), StoreError::corrupt("a page is damaged"));
        backend.clock.advance_us(PROBE_KEPT_US);
        assert_eq!(probe.state().await, StoreState::Damaged);
        table.accept_all();
        backend.clock.advance_us(PROBE_KEPT_US);
        assert_eq!(probe.state().await, StoreState::Ok);
        assert!(StoreState::PartlyDamaged.is_usable() && !StoreState::Damaged.is_usable());
    }

    /// Health checks have no quota. Each one would be a write to the disk.
    #[tokio::test]
    async fn many_questions_are_one_probe() {
        let mut backend = Backend::in_memory();
        let table = backend.make_flaky();
        let probe = StoreProbe::new(Arc::clone(&backend.table), backend.clock, &SeededEntropy::new(1));
        table.record_calls();
        for state in futures::future::join_all((0..100).map(|_| probe.state())).await {
            assert_eq!(state, StoreState::Ok);
        }
        let is_write = |call: &&TableCall| matches!(call, TableCall::Transact(_));
        assert_eq!(table.recorded_calls().iter().filter(is_write).count(), 1);
    }
}
