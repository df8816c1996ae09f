//! A table that can keep a commit to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_store::memory::MemoryTable;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};

/// Commits, and once it is told to does not say so.
#[derive(Debug)]
pub(super) struct Silent {
    inner: MemoryTable,
    next_is_lost: AtomicBool,
}

impl Silent {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { inner: MemoryTable::new(clock), next_is_lost: AtomicBool::new(false) }
    }

    /// The next transaction is committed, but nobody is told.
    pub(super) fn lose_next(&self) {
        self.next_is_lost.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Table for Silent {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.inner.transact(writes).await?;
        if self.next_is_lost.swap(false, Ordering::SeqCst) {
            return Err(StoreError::unavailable("the answer is lost"));
        }
        Ok(())
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.inner.scan(segment, segments, cursor, limit).await
    }
}
