//! A table in front of another one that counts the items it returns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cnop_store::{Item, Key, QueryPage, ScanPage, StoreError, Table, TableQuery, Write};

/// A table that counts what is read from the table behind it.
#[derive(Debug)]
pub struct CountingTable {
    inner: Arc<dyn Table>,
    items: AtomicU64,
}

impl CountingTable {
    /// A table in front of `inner` that has counted nothing.
    #[must_use]
    pub const fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, items: AtomicU64::new(0) }
    }

    /// Items returned since the last call.
    pub fn items_read(&self) -> u64 {
        self.items.swap(0, Ordering::SeqCst)
    }

    fn count(&self, items: usize) {
        self.items.fetch_add(u64::try_from(items).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

#[async_trait]
impl Table for CountingTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let item = self.inner.get(key).await?;
        self.count(usize::from(item.is_some()));
        Ok(item)
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        let page = self.inner.query(query).await?;
        self.count(page.items.len());
        Ok(page)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.inner.transact(writes).await
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        let page = self.inner.scan(segment, segments, cursor, limit).await?;
        self.count(page.items.len());
        Ok(page)
    }
}
