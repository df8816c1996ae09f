//! The file as redb sees it, with a record of its failures.

use std::io;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{BackendError, StorageBackend};

/// Failures of the file since the process started.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileHealth(Arc<AtomicBool>);

impl FileHealth {
    /// Returns true if a sync has ever failed. The operating system may have lost bytes that it still shows, so
    /// nothing read since is known to be on disk.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn doubt(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A backend that notes a failed sync; everything else is passed on.
#[derive(Debug)]
pub(crate) struct Watched<B> {
    inner: B,
    health: FileHealth,
}

impl<B> Watched<B> {
    pub(crate) const fn new(inner: B, health: FileHealth) -> Self {
        Self { inner, health }
    }
}

impl<B: StorageBackend> StorageBackend for Watched<B> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data().inspect_err(|_| self.health.doubt())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
