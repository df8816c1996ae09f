//! A table that fails when it is told to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_store::memory::MemoryTable;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};
use tokio::sync::watch;

/// Does what a table does, and fails once as it is told to.
#[derive(Debug)]
pub(super) struct Silent {
    inner: MemoryTable,
    next: Mutex<Option<Failure>>,
    panics: AtomicBool,
    /// Transactions that touch this partition wait.
    held: watch::Sender<Option<String>>,
    /// Transactions that touch this partition are refused as too many.
    busy: Mutex<Option<String>>,
}

/// What happens to the next transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is committed, but nobody is told.
    Silence,
    /// It is not committed, and nobody can know.
    Loss,
    /// It is not committed.
    Busy,
}

impl Silent {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: MemoryTable::new(clock),
            next: Mutex::default(),
            panics: AtomicBool::new(false),
            held: watch::Sender::new(None),
            busy: Mutex::default(),
        }
    }

    /// The next transaction is committed, but nobody is told.
    pub(super) fn lose_next(&self) {
        self.fail_next(Failure::Silence);
    }

    pub(super) fn fail_next(&self, failure: Failure) {
        *self.next.lock().unwrap() = Some(failure);
    }

    /// Whoever reads next ends in a panic.
    pub(super) fn panic_next(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }

    /// Transactions of a partition are refused as too many from now on; with none, they all go on.
    pub(super) fn refuse(&self, pk: Option<String>) {
        *self.busy.lock().unwrap() = pk;
    }

    /// Transactions of a partition wait from now on; with none, they all go on.
    pub(super) fn hold(&self, pk: Option<String>) {
        self.held.send_replace(pk);
    }
}

#[async_trait]
impl Table for Silent {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "as it was told to");
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let is_free = |held: &Option<String>| {
            held.as_ref().is_none_or(|pk| writes.iter().all(|write| write.key().pk != *pk))
        };
        self.held.subscribe().wait_for(is_free).await.map_err(StoreError::unavailable)?;
        let busy = self.busy.lock().unwrap().clone();
        if busy.is_some_and(|pk| writes.iter().any(|write| write.key().pk == pk)) {
            return Err(StoreError::Busy);
        }
        let failure = self.next.lock().unwrap().take();
        match failure {
            Some(Failure::Loss) => return Err(StoreError::unavailable("the connection is gone")),
            Some(Failure::Busy) => return Err(StoreError::Busy),
            Some(Failure::Silence) | None => self.inner.transact(writes).await?,
        }
        if failure.is_some() { Err(StoreError::unavailable("the answer is lost")) } else { Ok(()) }
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
