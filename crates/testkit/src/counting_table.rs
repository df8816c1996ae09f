//! A table in front of another one that counts requests, items and the units that DynamoDB would charge.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_store::{Item, Key, QueryPage, ScanPage, StoreError, Table, TableQuery, Write};

/// Bytes that a strongly consistent read unit covers.
const READ_UNIT_BYTES: usize = 4 * 1024;
/// Bytes that a write unit covers.
const WRITE_UNIT_BYTES: usize = 1024;
/// Units of a write in a transaction: DynamoDB prepares it and commits it.
const TRANSACTION_FACTOR: u64 = 2;
/// Bytes of the names of an item's attributes, its version and its expiry, about.
const ITEM_OVERHEAD_BYTES: usize = 24;

/// Work that a table was asked for, as DynamoDB counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableUse {
    /// Requests that read.
    pub reads: u64,
    /// Items returned.
    pub items_read: u64,
    /// Read units, all strongly consistent.
    pub read_units: u64,
    /// Transactions.
    pub transactions: u64,
    /// Items of transactions.
    pub items_written: u64,
    /// Write units, all in transactions.
    pub write_units: u64,
}

/// A table that counts what the table behind it is asked for.
#[derive(Debug)]
pub struct CountingTable {
    inner: Arc<dyn Table>,
    used: Mutex<TableUse>,
}

impl CountingTable {
    /// A table in front of `inner` that has counted nothing.
    #[must_use]
    pub fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, used: Mutex::default() }
    }

    /// Items returned since the last call of this or of [`Self::used`].
    pub fn items_read(&self) -> u64 {
        self.used().items_read
    }

    /// Everything since the last call.
    pub fn used(&self) -> TableUse {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, TableUse> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request that returned these items. A page is charged as a whole, single items one by one.
    fn count<'a>(&self, items: impl IntoIterator<Item = &'a Item>, is_page: bool) {
        let bytes: Vec<usize> = items.into_iter().map(|item| size(&item.key, item.body.len())).collect();
        let units = |bytes: usize| u64::try_from(bytes.div_ceil(READ_UNIT_BYTES).max(1)).unwrap_or(u64::MAX);
        let mut used = self.lock();
        used.reads += 1;
        used.items_read += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        used.read_units +=
            if is_page { units(bytes.iter().sum()) } else { bytes.iter().map(|bytes| units(*bytes)).sum() };
    }
}

fn size(key: &Key, body: usize) -> usize {
    key.pk.len() + key.sk.len() + body + ITEM_OVERHEAD_BYTES
}

#[async_trait]
impl Table for CountingTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let item = self.inner.get(key).await?;
        match &item {
            Some(item) => self.count([item], false),
            // An absent item costs as much as a small one.
            None => self.count([], true),
        }
        Ok(item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        let items = self.inner.get_many(keys).await?;
        self.count(items.iter().flatten(), false);
        let absent = items.iter().filter(|item| item.is_none()).count();
        self.lock().read_units += u64::try_from(absent).unwrap_or(u64::MAX);
        Ok(items)
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        let page = self.inner.query(query).await?;
        self.count(&page.items, true);
        Ok(page)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut units = 0;
        for write in &writes {
            // The larger of the item before and after.
            let before =
                self.inner.get(write.key()).await?.map_or(0, |item| size(&item.key, item.body.len()));
            let after = match write {
                Write::Put { key, body, .. } => size(key, body.len()),
                Write::Restore(item) => size(&item.key, item.body.len()),
                Write::Delete { .. } | Write::Check { .. } => 0,
            };
            units += before.max(after).div_ceil(WRITE_UNIT_BYTES).max(1);
        }
        {
            let mut used = self.lock();
            used.transactions += 1;
            used.items_written += u64::try_from(writes.len()).unwrap_or(u64::MAX);
            used.write_units += TRANSACTION_FACTOR * u64::try_from(units).unwrap_or(u64::MAX);
        }
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
        self.count(&page.items, true);
        Ok(page)
    }
}
