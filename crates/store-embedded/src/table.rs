//! The `Table` implementation on redb.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_store::{
    Item, Key, QueryPage, ScanPage, StoreError, Table, TableHealth, TableQuery, Write, validate,
    validate_key, validate_query, validate_scan,
};
use tokio::sync::oneshot;
use tokio::task::coop::consume_budget;

use crate::health::FileHealth;
use crate::open::{EmbeddedOptions, OpenError, StoreFile};
use crate::read;
use crate::slot::DatabaseSlot;
use crate::writer::{QUEUE_TRANSACTIONS_MAX, Writer, WriterCommand};

/// Queries of at most this many items are answered on the spot; longer ones may not hold up other tasks. Each answer on
/// the spot takes from the task's budget, so that a loop over reads lets other tasks run.
const INLINE_ITEMS_MAX: u32 = 128;

/// The table in one file. After a failed write (a full disk, for example) it returns `Unavailable`, reopens
/// the file and continues by itself. After a failed sync the state of the disk is unknown, and an operator
/// must act. Dropping it commits the waiting transactions and closes the file, which may take a few commits.
#[derive(Debug)]
pub struct EmbeddedTable {
    /// Absent once the drop has begun.
    queue: Option<SyncSender<WriterCommand>>,
    writer: Option<JoinHandle<()>>,
    slot: Arc<DatabaseSlot>,
    health: FileHealth,
    clock: Arc<dyn Clock>,
}

impl EmbeddedTable {
    /// Opens the file at `path`, or creates it with its directory. The clock decides which items have
    /// expired.
    ///
    /// A file that was not closed properly is checked first, which takes time in proportion to its size.
    ///
    /// # Errors
    /// Each variant of [`OpenError`].
    pub fn open(path: &Path, options: &EmbeddedOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let file = StoreFile::open(path, options)?;
        let slot = Arc::new(DatabaseSlot::new(file.database()?));
        let health = file.health();
        let (queue, commands) = mpsc::sync_channel(QUEUE_TRANSACTIONS_MAX);
        let open = Box::new(move || file.database());
        let writer = Writer::new(Arc::clone(&slot), open, health.clone(), commands, Arc::clone(&clock))
            .start()
            .map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
        Ok(Self { queue: Some(queue), writer: Some(writer), slot, health, clock })
    }

    fn now_s(&self) -> i64 {
        self.clock.now_us().div_euclid(1_000_000)
    }
}

impl Drop for EmbeddedTable {
    fn drop(&mut self) {
        drop(self.queue.take());
        if self.writer.take().is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("The store's writer ended by a panic");
        }
    }
}

#[async_trait]
impl Table for EmbeddedTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        validate_key(key)?;
        consume_budget().await;
        self.health.noted(&key.pk, guarded(|| read::get(&*self.slot.database()?, key, self.now_s())))
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        validate_query(query)?;
        let now_s = self.now_s();
        if query.limit <= INLINE_ITEMS_MAX {
            consume_budget().await;
            return self
                .health
                .noted(&query.pk, guarded(|| read::query(&*self.slot.database()?, query, now_s)));
        }
        let slot = Arc::clone(&self.slot);
        let wanted = query.clone();
        let page = blocking(move || read::query(&*slot.database()?, &wanted, now_s)).await;
        self.health.noted(&query.pk, page)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        validate(&writes)?;
        let partition = writes.first().map(|write| write.key().pk.clone()).unwrap_or_default();
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(WriterCommand { writes, answer }).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => stopped(),
        })?;
        let answer = answered.await.map_err(|_| stopped())?;
        self.health.noted(&partition, answer)
    }

    /// The file is one b-tree, read in order: its first segment has everything.
    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        validate_scan(segment, segments, cursor.as_ref(), limit)?;
        if segment > 0 {
            return Ok(ScanPage::default());
        }
        let now_s = self.now_s();
        let slot = Arc::clone(&self.slot);
        let page = blocking(move || read::scan(&*slot.database()?, cursor.as_ref(), limit, now_s)).await;
        self.health.noted("scan", page)
    }

    fn health(&self) -> TableHealth {
        self.health.summary()
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(move || guarded(read))
        .await
        .map_err(|_| StoreError::unavailable("the program is stopping"))?
}

/// A damaged page can cause a panic in redb.
fn guarded<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(StoreError::corrupt("the store's pages contradict each other")))
}

fn stopped() -> StoreError {
    StoreError::unavailable("the store's writer has stopped")
}
