//! A table in front of another one, with scripted faults, prepared answers and a record of its calls.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cnop_store::{Item, Key, QueryPage, ScanPage, StoreError, Table, TableQuery, Write};
use tokio::sync::watch;

/// A fault of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitFault {
    /// The request never arrives: nothing is written, and the caller cannot know.
    RequestLost,
    /// The writes are committed, but the answer is lost.
    AnswerLost,
    /// The request is under way: [`FlakyTable::deliver_delayed`] lets it arrive.
    Delayed,
    /// The table refuses with `Busy`: nothing is written.
    Busy,
    /// The table refuses with a conflict on no item, as if another server had been first.
    Conflict,
    /// The writes are committed, and then the call panics.
    PanicAfterCommit,
}

/// A source of faults that depend on more than the next call.
pub trait FaultInjector: std::fmt::Debug + Send + Sync {
    /// The fault of the next transaction.
    fn on_commit(&self) -> Option<CommitFault>;

    /// The error of the next read.
    fn on_read(&self) -> Option<StoreError>;
}

/// A recorded call of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableCall {
    /// A read of one item.
    Get(Key),
    /// A read of a range in this partition.
    Query(String),
    /// A transaction that writes these keys.
    Transact(Vec<Key>),
    /// A read of a segment of the whole table.
    Scan,
}

/// A table that fails by script and otherwise forwards to the table behind it. Faults of transactions apply
/// in this order: blocked partition, refused partition, refused prefix, next fault, injector.
#[derive(Debug)]
pub struct FlakyTable {
    inner: Arc<dyn Table>,
    injector: Option<Arc<dyn FaultInjector>>,
    next_fault: Mutex<Option<CommitFault>>,
    delayed: Mutex<Option<Vec<Write>>>,
    blocked_partition: watch::Sender<Option<String>>,
    held_queries: watch::Sender<Option<String>>,
    refused_partition: Mutex<Option<(String, StoreError)>>,
    refused_prefix: Mutex<String>,
    refused_prefix_times: AtomicU32,
    panics_on_get: AtomicBool,
    stale_item: Mutex<Option<Item>>,
    stale_page: Mutex<Option<QueryPage>>,
    calls: Mutex<Option<Vec<TableCall>>>,
}

impl FlakyTable {
    /// A transparent table in front of `inner`.
    pub fn new(inner: Arc<dyn Table>) -> Self {
        Self {
            inner,
            injector: None,
            next_fault: Mutex::default(),
            delayed: Mutex::default(),
            blocked_partition: watch::Sender::new(None),
            held_queries: watch::Sender::new(None),
            refused_partition: Mutex::default(),
            refused_prefix: Mutex::default(),
            refused_prefix_times: AtomicU32::new(0),
            panics_on_get: AtomicBool::new(false),
            stale_item: Mutex::default(),
            stale_page: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// A table in front of `inner` with the faults of an injector.
    pub fn with_injector(inner: Arc<dyn Table>, injector: Arc<dyn FaultInjector>) -> Self {
        Self { injector: Some(injector), ..Self::new(inner) }
    }

    /// The table behind this one.
    pub fn inner(&self) -> &dyn Table {
        self.inner.as_ref()
    }

    /// Sets the fault of the next transaction.
    pub fn fail_next_commit(&self, fault: CommitFault) {
        *self.next_fault.lock().unwrap() = Some(fault);
    }

    /// Commits the next transaction and loses its answer.
    pub fn lose_next_answer(&self) {
        self.fail_next_commit(CommitFault::AnswerLost);
    }

    /// Returns true if a fault of [`Self::fail_next_commit`] is still to come.
    pub fn has_next_fault(&self) -> bool {
        self.next_fault.lock().unwrap().is_some()
    }

    /// Commits the transaction that a [`CommitFault::Delayed`] has kept.
    ///
    /// # Errors
    /// As [`Table::transact`].
    pub async fn deliver_delayed(&self) -> Result<(), StoreError> {
        let delayed = self.delayed.lock().unwrap().take().expect("a delayed transaction");
        self.inner.transact(delayed).await
    }

    /// Blocks the transactions that write to a partition, until [`Self::unblock`].
    pub fn block_partition(&self, pk: String) {
        self.blocked_partition.send_replace(Some(pk));
    }

    /// Lets the blocked transactions continue.
    pub fn unblock(&self) {
        self.blocked_partition.send_replace(None);
    }

    /// Holds the queries of a partition, until it is called with none.
    pub fn hold_queries(&self, pk: Option<String>) {
        self.held_queries.send_replace(pk);
    }

    /// Refuses every transaction that writes to a partition, until [`Self::accept_all`].
    pub fn refuse_partition(&self, pk: String, error: StoreError) {
        *self.refused_partition.lock().unwrap() = Some((pk, error));
    }

    /// Ends the effect of [`Self::refuse_partition`].
    pub fn accept_all(&self) {
        *self.refused_partition.lock().unwrap() = None;
    }

    /// Refuses the next `times` transactions that write a sort key with this prefix.
    pub fn refuse_prefix(&self, sk_prefix: &str, times: u32) {
        sk_prefix.clone_into(&mut self.refused_prefix.lock().unwrap());
        self.refused_prefix_times.store(times, Ordering::SeqCst);
    }

    /// Lets the next read of one item panic.
    pub fn panic_on_next_get(&self) {
        self.panics_on_get.store(true, Ordering::SeqCst);
    }

    /// Answers the next read of this item's key with an older state of it.
    pub fn answer_next_get(&self, stale: Item) {
        *self.stale_item.lock().unwrap() = Some(stale);
    }

    /// Returns this page for the next query, whatever its key.
    pub fn answer_next_query(&self, stale: QueryPage) {
        *self.stale_page.lock().unwrap() = Some(stale);
    }

    /// Returns true if a prepared answer is still to come.
    pub fn has_prepared_answer(&self) -> bool {
        self.stale_item.lock().unwrap().is_some() || self.stale_page.lock().unwrap().is_some()
    }

    /// Starts to record calls, or starts again.
    pub fn record_calls(&self) {
        *self.calls.lock().unwrap() = Some(Vec::new());
    }

    /// The calls since [`Self::record_calls`]; ends the recording.
    pub fn recorded_calls(&self) -> Vec<TableCall> {
        self.calls.lock().unwrap().take().expect("calls are recorded")
    }

    fn record(&self, call: impl FnOnce() -> TableCall) {
        if let Some(calls) = &mut *self.calls.lock().unwrap() {
            calls.push(call());
        }
    }

    fn check_read(&self) -> Result<(), StoreError> {
        self.injector.as_ref().and_then(|injector| injector.on_read()).map_or(Ok(()), Err)
    }

    async fn check_refusals(&self, writes: &[Write]) -> Result<(), StoreError> {
        let is_free = |blocked: &Option<String>| {
            blocked.as_ref().is_none_or(|pk| writes.iter().all(|write| write.key().pk != *pk))
        };
        self.blocked_partition.subscribe().wait_for(is_free).await.map_err(StoreError::unavailable)?;
        if let Some((pk, error)) = &*self.refused_partition.lock().unwrap()
            && writes.iter().any(|write| write.key().pk == *pk)
        {
            return Err(error.clone());
        }
        let prefix = self.refused_prefix.lock().unwrap().clone();
        let has_prefix = writes.iter().any(|write| write.key().sk.starts_with(&prefix));
        let decrement = |times: u32| times.checked_sub(1);
        if has_prefix
            && self.refused_prefix_times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement).is_ok()
        {
            return Err(StoreError::unavailable("an injected fault: this prefix is refused"));
        }
        Ok(())
    }
}

#[async_trait]
impl Table for FlakyTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        assert!(!self.panics_on_get.swap(false, Ordering::SeqCst), "an injected panic");
        self.record(|| TableCall::Get(key.clone()));
        self.check_read()?;
        let stale = self.stale_item.lock().unwrap().take_if(|item| item.key == *key);
        if stale.is_some() { Ok(stale) } else { self.inner.get(key).await }
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        self.record(|| TableCall::Query(query.pk.clone()));
        let is_free = |held: &Option<String>| held.as_ref() != Some(&query.pk);
        self.held_queries.subscribe().wait_for(is_free).await.map_err(StoreError::unavailable)?;
        self.check_read()?;
        let stale = self.stale_page.lock().unwrap().take();
        if let Some(page) = stale { Ok(page) } else { self.inner.query(query).await }
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.record(|| TableCall::Transact(writes.iter().map(|write| write.key().clone()).collect()));
        self.check_refusals(&writes).await?;
        let next_fault = self.next_fault.lock().unwrap().take();
        let fault = next_fault.or_else(|| self.injector.as_ref().and_then(|injector| injector.on_commit()));
        match fault {
            None => self.inner.transact(writes).await,
            Some(CommitFault::RequestLost) => {
                Err(StoreError::unavailable("an injected fault: the request is lost"))
            }
            Some(CommitFault::AnswerLost) => {
                self.inner.transact(writes).await?;
                Err(StoreError::unavailable("an injected fault: the answer is lost"))
            }
            Some(CommitFault::Delayed) => {
                *self.delayed.lock().unwrap() = Some(writes);
                Err(StoreError::unavailable("an injected fault: no answer in time"))
            }
            Some(CommitFault::Busy) => Err(StoreError::Busy),
            Some(CommitFault::Conflict) => Err(StoreError::Conflict(Vec::new())),
            Some(CommitFault::PanicAfterCommit) => {
                self.inner.transact(writes).await?;
                panic!("an injected panic")
            }
        }
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.record(|| TableCall::Scan);
        self.check_read()?;
        self.inner.scan(segment, segments, cursor, limit).await
    }
}
