//! A table that fails when it is told to.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_store::memory::MemoryTable;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};
use tokio::sync::watch;

/// Does what a table does, and fails once as it is told to.
#[derive(Debug)]
pub(super) struct Silent {
    inner: Arc<dyn Table>,
    next: Mutex<Option<Failure>>,
    /// What was sent and has not arrived yet.
    late: Mutex<Option<Vec<Write>>>,
    /// Transactions that touch this partition fail like this.
    refused: Mutex<Option<(String, StoreError)>>,
    panics: AtomicBool,
    /// So many transactions that keep the answer of a key fail.
    unkept: AtomicU32,
    /// Transactions that touch this partition wait.
    held: watch::Sender<Option<String>>,
}

/// What happens to the next transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is committed, but nobody is told.
    Silence,
    /// It is not committed, and nobody can know.
    Loss,
    /// It is not committed yet: that can still happen.
    Late,
    /// It is not committed.
    Busy,
    /// It is committed, and the commit ends in a panic.
    Panic,
}

impl Silent {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self::around(Arc::new(MemoryTable::new(clock)))
    }

    pub(super) fn around(inner: Arc<dyn Table>) -> Self {
        Self {
            inner,
            next: Mutex::default(),
            late: Mutex::default(),
            refused: Mutex::default(),
            panics: AtomicBool::new(false),
            unkept: AtomicU32::new(0),
            held: watch::Sender::new(None),
        }
    }

    /// The next transaction is committed, but nobody is told.
    pub(super) fn lose_next(&self) {
        self.fail_next(Failure::Silence);
    }

    pub(super) fn fail_next(&self, failure: Failure) {
        *self.next.lock().unwrap() = Some(failure);
    }

    /// Whether the next transaction is to fail.
    pub(super) fn will_fail(&self) -> bool {
        self.next.lock().unwrap().is_some()
    }

    /// What was late arrives.
    pub(super) async fn late_arrive(&self) -> Result<(), StoreError> {
        let late = self.late.lock().unwrap().take().unwrap();
        self.inner.transact(late).await
    }

    /// Transactions of a partition fail like this from now on; with none, they all go on.
    pub(super) fn refuse(&self, refused: Option<(String, StoreError)>) {
        *self.refused.lock().unwrap() = refused;
    }

    /// Whoever reads next ends in a panic.
    pub(super) fn panic_next(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }

    /// So many of the next transactions that keep the answer of a key fail.
    pub(super) fn keep_not(&self, times: u32) {
        self.unkept.store(times, Ordering::SeqCst);
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
        if let Some((pk, error)) = &*self.refused.lock().unwrap()
            && writes.iter().any(|write| write.key().pk == *pk)
        {
            return Err(error.clone());
        }
        let keeps = writes.iter().any(|write| write.key().sk.starts_with("I#"));
        let one_less = |times: u32| times.checked_sub(1);
        if keeps && self.unkept.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Err(StoreError::unavailable("this item is away"));
        }
        let failure = self.next.lock().unwrap().take();
        match failure {
            Some(Failure::Late) => {
                *self.late.lock().unwrap() = Some(writes);
                return Err(StoreError::unavailable("no answer in time"));
            }
            Some(Failure::Loss) => return Err(StoreError::unavailable("the connection is gone")),
            Some(Failure::Busy) => return Err(StoreError::Busy),
            Some(Failure::Silence | Failure::Panic) | None => self.inner.transact(writes).await?,
        }
        assert_ne!(failure, Some(Failure::Panic), "as it was told to");
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
