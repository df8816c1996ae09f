//! Faults of the file since the process started.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cnop_store::{StoreError, TableHealth};

/// Pause between two log lines about damage: each read of a damaged page finds it again.
const DAMAGE_LOG_PAUSE: Duration = Duration::from_secs(60);
/// Time for which a partition counts as damaged after an operation has met damage there. One that can be read again, or
/// that nobody reads, is forgotten after it.
const DAMAGE_KEPT: Duration = Duration::from_secs(300);
/// Number of damaged partitions from which the whole file counts as damaged. A leaf has the items of a few small accounts,
/// so fewer concern their owners alone. Otherwise one of them could close the venue by reading again and again.
const DAMAGED_PARTITIONS: usize = 16;

/// Faults of the file. Readers and writer share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileHealth(Arc<FileFaults>);

#[derive(Debug, Default)]
struct FileFaults {
    has_sync_failed: AtomicBool,
    has_writer_failed: AtomicBool,
    /// Reads and writes that found damage.
    damages: AtomicU64,
    /// Partitions where damage was met lately, with the last time; at most [`DAMAGED_PARTITIONS`].
    partitions: Mutex<HashMap<String, Instant>>,
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

    /// Notes damage at a partition, and logs it from time to time.
    pub(crate) fn damage_found(&self, partition: &str, reason: &str) {
        self.damage_at(partition, Instant::now());
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

    /// Notes damage that an operation on a partition found.
    pub(crate) fn noted<T>(&self, partition: &str, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Corrupt(reason)) = &result {
            self.damage_found(partition, &reason.to_string());
        }
        result
    }

    pub(crate) fn summary(&self) -> TableHealth {
        self.summary_at(Instant::now())
    }

    fn summary_at(&self, now: Instant) -> TableHealth {
        if self.is_doubtful() || self.0.has_writer_failed.load(Ordering::Acquire) {
            return TableHealth::Failed;
        }
        match self.damaged_lately(now).len() {
            0 => TableHealth::Sound,
            1..DAMAGED_PARTITIONS => TableHealth::PartlyDamaged,
            _ => TableHealth::Damaged,
        }
    }

    fn damage_at(&self, partition: &str, now: Instant) {
        let mut partitions = self.damaged_lately(now);
        if partitions.len() < DAMAGED_PARTITIONS || partitions.contains_key(partition) {
            partitions.insert(partition.to_owned(), now);
        }
    }

    fn damaged_lately(&self, now: Instant) -> MutexGuard<'_, HashMap<String, Instant>> {
        let mut partitions = self.0.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        partitions.retain(|_, at| now.saturating_duration_since(*at) < DAMAGE_KEPT);
        partitions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One unreadable item kept readiness at 503 until a restart. Its owner could close the venue by reading it.
    #[test]
    fn damage_of_a_few_partitions_is_told_apart_and_ends() {
        let (health, begun) = (FileHealth::default(), Instant::now());
        for second in 0..1_000 {
            health.damage_at("A#one", begun + Duration::from_secs(second));
        }
        let last = begun + Duration::from_secs(999);
        assert_eq!(health.summary_at(last), TableHealth::PartlyDamaged);
        assert_eq!(health.summary_at(last + DAMAGE_KEPT), TableHealth::Sound, "nobody has met it again");
        for number in 0..100 {
            health.damage_at(&format!("A#{number}"), last);
        }
        assert_eq!(health.summary_at(last), TableHealth::Damaged);
        assert_eq!(health.damaged_lately(last).len(), DAMAGED_PARTITIONS);
        assert_eq!(health.summary_at(last + DAMAGE_KEPT), TableHealth::Sound);
        health.writer_failed();
        assert_eq!(health.summary_at(last + DAMAGE_KEPT), TableHealth::Failed, "until an operator acts");
    }
}
