//! Items that an audit will read one by one, read at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_store::{Item, Key, QueryPage, ScanPage, StoreError, Table, TableQuery, Write};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// Items that are read at once: on DynamoDB each waits for the network.
const READS_AT_ONCE: usize = 16;

/// A table in front of another one that has read the next items ahead.
#[derive(Debug)]
pub(super) struct ReadAhead<'a> {
    inner: &'a dyn Table,
    /// Each is taken out by the first read, so there are as many as a page of events names at most.
    ahead: Mutex<HashMap<Key, Option<Item>>>,
}

impl<'a> ReadAhead<'a> {
    pub(super) fn new(inner: &'a dyn Table) -> Self {
        Self { inner, ahead: Mutex::default() }
    }

    fn ahead(&self) -> MutexGuard<'_, HashMap<Key, Option<Item>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads these items. What was read ahead before and not taken is forgotten.
    pub(super) async fn load(&self, keys: Vec<Key>) -> Result<(), StoreError> {
        let read = stream::iter(keys)
            .map(|key| async move { self.inner.get(&key).await.map(|item| (key, item)) })
            .buffer_unordered(READS_AT_ONCE);
        let items = read.try_collect().await?;
        *self.ahead() = items;
        Ok(())
    }
}

#[async_trait]
impl Table for ReadAhead<'_> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let ahead = self.ahead().remove(key);
        match ahead {
            Some(item) => Ok(item),
            None => self.inner.get(key).await,
        }
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        self.inner.query(query).await
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
        self.inner.scan(segment, segments, cursor, limit).await
    }
}
