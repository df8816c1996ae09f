//! Faults of the file since the process started.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cnop_store::{StoreError, TableHealth};

/// Pause between two log lines about damage: each read of a damaged page finds it again.
const DAMAGE_LOG_PAUSE: Duration = Duration::from_secs(60);

/// Faults of the file. Readers and writer share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileHealth(Arc<FileFaults>);

#[derive(Debug, Default)]
struct FileFaults {
    has_sync_failed: AtomicBool,
    has_writer_failed: AtomicBool,
    /// Reads and writes that found damage.
    damages: AtomicU64,
    logged_at: Mutex<Option<Instant>>,
}

impl FileHealth {
    /// Returns true if a sync has ever failed. The operating system may have lost bytes that it still shows, so
    /// nothing read since is known to be on disk.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.0.has_sync_failed.load(Ordering::Acquire)
    }

    pub(crate) fn sync_failed(&self) {
        self.0.has_sync_failed.store(true, Ordering::Release);
    }

    /// The writer has given up.
    pub(crate) fn writer_failed(&self) {
        self.0.has_writer_failed.store(true, Ordering::Release);
    }

    /// Notes damage, and logs it from time to time.
    pub(crate) fn damage_found(&self, reason: &str) {
        let damages = self.0.damages.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        let mut logged_at = self.0.logged_at.lock().unwrap_or_else(PoisonError::into_inner);
        if logged_at.is_none_or(|at| at.elapsed() >= DAMAGE_LOG_PAUSE) {
            *logged_at = Some(Instant::now());
            tracing::error!(
                reason,
                damages,
                "The store's file is damaged. Stop the venue, keep the file, and restore a backup; `cnop audit` lists what is wrong"
            );
        }
    }

    /// Notes damage that an operation found.
    pub(crate) fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Corrupt(reason)) = &result {
            self.damage_found(&reason.to_string());
        }
        result
    }

    pub(crate) fn summary(&self) -> TableHealth {
        if self.is_doubtful() || self.0.has_writer_failed.load(Ordering::Acquire) {
            TableHealth::Failed
        } else if self.0.damages.load(Ordering::Acquire) > 0 {
            TableHealth::Damaged
        } else {
            TableHealth::Sound
        }
    }
}
