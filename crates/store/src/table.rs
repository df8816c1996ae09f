//! The port as a trait.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Item, Key, QueryPage, ScanPage, StoreError, TableQuery, Write};

/// State of the data, as far as an adapter knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableHealth {
    /// No fault was found.
    Sound,
    /// Lately, a few partitions could not be read. They concern their owners, and the rest can be used.
    PartlyDamaged,
    /// Lately, many partitions could not be read.
    Damaged,
    /// Nothing more is written until an operator acts.
    Failed,
}

/// The one table. Every read sees every transaction that was answered before the read began.
#[async_trait]
pub trait Table: Debug + Send + Sync {
    /// Reads one item; an expired one is absent.
    ///
    /// # Errors
    /// `Invalid` for a key outside the limits, `Unavailable`, `Corrupt`.
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError>;

    /// Reads a few items, each as [`Self::get`] does. The answers are in the order of the keys and need not be of one moment.
    ///
    /// # Errors
    /// As [`Self::get`].
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.push(self.get(key).await?);
        }
        Ok(items)
    }

    /// Reads a page of one partition.
    ///
    /// # Errors
    /// `Invalid` for a query outside the limits, `Unavailable`, `Corrupt`.
    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError>;

    /// Applies all writes or none. Returns when they are durable.
    ///
    /// # Errors
    /// `Conflict`, `Invalid`, `Busy` and `CircuitOpen` guarantee that nothing was written. `Unavailable` means an
    /// unknown outcome.
    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Reads a page of a segment of the whole table, for audit, export and rebuild. An item that exists
    /// during the whole scan is returned exactly once over all segments.
    ///
    /// # Errors
    /// `Invalid` for a request outside the limits, `Unavailable`, `Corrupt`.
    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError>;

    /// The state of the data as far as this process has seen it; does not read anything.
    fn health(&self) -> TableHealth {
        TableHealth::Sound
    }
}
