//! A circuit breaker around a table on the network.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_gateway::{Breaker, BreakerPermit, BreakerPolicy};
use cnop_store::{
    Condition, Item, Key, QueryPage, ScanPage, StoreError, Table, TableHealth, TableQuery, Write,
};

/// Key of an item that never exists: the breaker's probes ask for it.
const PROBE: (&str, &str) = ("VENUE", "PROBE");
/// Time after which a caller may try again while a probe is on its way.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// A table behind a circuit breaker.
#[derive(Debug)]
pub(crate) struct GuardedTable {
    inner: Arc<dyn Table>,
    breaker: Breaker,
}

/// A call takes a second at most, so a window never has many of a table that hangs: five faults in a row are enough. A
/// good answer comes within milliseconds, so a caller who leaves after a quarter of a second has seen a fault.
const POLICY: BreakerPolicy = BreakerPolicy {
    window: Duration::from_secs(10),
    calls_min: 10,
    faults_percentage: 50,
    faults_in_a_row: 5,
    silence: Duration::from_millis(250),
    open: Duration::from_secs(2),
    probes: 2,
};

impl GuardedTable {
    /// Puts a breaker of this name around the table.
    pub(crate) fn new(inner: Arc<dyn Table>, name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { inner, breaker: Breaker::new(name, POLICY, clock) }
    }

    async fn call<T: Send>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        // Nothing is sent if the breaker is open, so nothing is written.
        let open = |retry_after| StoreError::CircuitOpen { retry_after };
        let permit = self.breaker.admit().map_err(open)?;
        if permit.is_probe() {
            // No client waits for a table that most likely still hangs: the breaker asks it in their place.
            tokio::spawn(probe(Arc::clone(&self.inner), permit));
            return Err(open(PROBE_TIME));
        }
        let result = call.await;
        permit.report(result.as_ref().is_err_and(is_fault));
        result
    }
}

/// Busy, conflicts and broken limits are answers; only silence is a fault.
const fn is_fault(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_))
}

/// Asks the table for a read, and for a transaction that writes nothing.
async fn probe(table: Arc<dyn Table>, permit: BreakerPermit) {
    let key = Key::new(PROBE.0, PROBE.1);
    let absent = vec![Write::check(key.clone(), Condition::Absent)];
    let (read, transacted) = tokio::join!(table.get(&key), table.transact(absent));
    permit
        .report(read.is_err_and(|error| is_fault(&error)) || transacted.is_err_and(|error| is_fault(&error)));
}

#[async_trait]
impl Table for GuardedTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.call(self.inner.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        self.call(self.inner.get_many(keys)).await
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        self.call(self.inner.query(query)).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.call(self.inner.transact(writes)).await
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.call(self.inner.scan(segment, segments, cursor, limit)).await
    }

    fn health(&self) -> TableHealth {
        self.inner.health()
    }
}

#[cfg(test)]
mod tests {
    use cnop_testkit::{ManualClock, MemoryTable};
    use tokio::sync::watch;

    use super::*;

    /// A table that never answers while it is frozen.
    #[derive(Debug)]
    struct Freezing {
        inner: MemoryTable,
        frozen: watch::Sender<bool>,
    }

    impl Freezing {
        async fn thawed(&self) -> Result<(), StoreError> {
            let mut frozen = self.frozen.subscribe();
            let thawed = frozen.wait_for(|frozen| !*frozen);
            // The adapter's own timeout.
            match tokio::time::timeout(Duration::from_millis(800), thawed).await {
                Ok(_) => Ok(()),
                Err(_) => Err(StoreError::unavailable("no answer in time")),
            }
        }
    }

    #[async_trait]
    impl Table for Freezing {
        async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
            self.thawed().await?;
            self.inner.get(key).await
        }

        async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
            self.thawed().await?;
            self.inner.query(query).await
        }

        async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
            self.thawed().await?;
            self.inner.transact(writes).await
        }

        async fn scan(
            &self,
            segment: u32,
            segments: u32,
            cursor: Option<Key>,
            limit: u32,
        ) -> Result<ScanPage, StoreError> {
            self.thawed().await?;
            self.inner.scan(segment, segments, cursor, limit).await
        }
    }

    fn guarded() -> (GuardedTable, Arc<Freezing>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        let inner = MemoryTable::new(clock.clone());
        let table = Arc::new(Freezing { inner, frozen: watch::Sender::new(false) });
        (GuardedTable::new(table.clone(), "table-test", clock.clone()), table, clock)
    }

    fn write() -> Vec<Write> {
        vec![Write::put(Key::new("p", "s"), "body", Condition::Any)]
    }

    /// The eighth write to a table that hung waited as long as the first.
    #[tokio::test(start_paused = true)]
    async fn writes_to_a_frozen_table_are_refused_after_a_handful_and_go_on_after_it() {
        let (guarded, table, clock) = guarded();
        for _ in 0..1_000 {
            guarded.get(&Key::new("p", "s")).await.unwrap();
        }
        table.frozen.send_replace(true);
        for _ in 0..5 {
            let error = guarded.transact(write()).await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        let begun = tokio::time::Instant::now();
        for _ in 0..3 {
            let error = guarded.transact(write()).await.unwrap_err();
            assert!(matches!(error, StoreError::CircuitOpen { .. }), "{error:?}");
        }
        // A probe of its own goes out, and no client waits for it.
        clock.advance(POLICY.open);
        assert!(matches!(guarded.transact(write()).await, Err(StoreError::CircuitOpen { .. })));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        tokio::time::sleep(Duration::from_secs(1)).await;
        clock.advance(POLICY.open);
        table.frozen.send_replace(false);
        for _ in 0..POLICY.probes {
            assert!(matches!(guarded.transact(write()).await, Err(StoreError::CircuitOpen { .. })));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        guarded.transact(write()).await.unwrap();
    }

    /// Clients with a timeout below the table's kept the breaker closed: none of their calls came to an end.
    #[tokio::test(start_paused = true)]
    async fn impatient_clients_open_the_breaker_too() {
        let (guarded, table, clock) = guarded();
        table.frozen.send_replace(true);
        for _ in 0..5 {
            let key = Key::new("p", "s");
            let mut call = guarded.get(&key);
            assert!(tokio::time::timeout(Duration::from_millis(1), &mut call).await.is_err());
            clock.advance(Duration::from_millis(500));
        }
        assert!(matches!(guarded.transact(write()).await, Err(StoreError::CircuitOpen { .. })));
    }
}
