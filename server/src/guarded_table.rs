//! A circuit breaker around a table on the network.

use std::sync::Arc;

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_gateway::{Breaker, BreakerError, BreakerPolicy};
use cnop_store::{Item, Key, QueryPage, ScanPage, StoreError, Table, TableHealth, TableQuery, Write};

/// A table behind a circuit breaker.
#[derive(Debug)]
pub(crate) struct GuardedTable {
    inner: Arc<dyn Table>,
    breaker: Breaker,
}

impl GuardedTable {
    /// Puts a breaker of this name around the table.
    pub(crate) fn new(inner: Arc<dyn Table>, name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { inner, breaker: Breaker::new(name, BreakerPolicy::default(), clock) }
    }

    async fn call<T: Send>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        // Busy, conflicts and broken limits are answers; only silence is a fault.
        let is_fault = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
        self.breaker.call(call, is_fault).await.map_err(|error| match error {
            BreakerError::Failed(error) => error,
            // Nothing was sent, so nothing was written.
            BreakerError::Open { .. } => StoreError::Busy,
        })
    }
}

#[async_trait]
impl Table for GuardedTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.call(self.inner.get(key)).await
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
