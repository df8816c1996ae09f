//! Shared handle to the database for readers and the writer.

use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::thread;
use std::time::Duration;

use cnop_store::StoreError;
use redb::Database;

/// Pause between two checks for the last reader.
const READERS_POLL: Duration = Duration::from_millis(1);

/// The database; empty while it is reopened.
#[derive(Debug)]
pub(crate) struct DatabaseSlot(RwLock<Option<Arc<Database>>>);

impl DatabaseSlot {
    pub(crate) fn new(database: Database) -> Self {
        Self(RwLock::new(Some(Arc::new(database))))
    }

    /// The database, for one read or one commit.
    pub(crate) fn database(&self) -> Result<Arc<Database>, StoreError> {
        let database = self.0.read().unwrap_or_else(PoisonError::into_inner);
        database.clone().ok_or_else(|| StoreError::unavailable("the store's file is being opened again"))
    }

    /// Closes the database after the last reader has finished; new readers find none. Each read is bounded,
    /// so the wait is bounded too.
    pub(crate) fn close(&self) {
        let Some(mut database) = self.write().take() else { return };
        loop {
            match Arc::try_unwrap(database) {
                Ok(database) => return drop(database),
                Err(shared) => database = shared,
            }
            thread::sleep(READERS_POLL);
        }
    }

    /// Makes a database available again.
    pub(crate) fn put(&self, database: Database) {
        *self.write() = Some(Arc::new(database));
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Arc<Database>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
