//! Free space of the disk that holds the store.
//!
//! On a full disk nothing can be written, not even a cancel. So commands that make the store grow are refused before
//! that, and the rest of the space is left to cancels, withdrawals and sign-in.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cnop_api::{Code, Problem};

use crate::error::{Error, Result};

/// Free bytes below which the disk of any size is short of space: some hours of cancels at the highest rate.
const LOW_BYTES: u64 = 1 << 30;
/// The same as a share, for a disk on which that would be a large part.
const LOW_PERCENT: u64 = 5;
/// Seconds after which a refused client may try again: an operator has to act.
const RETRY_SECONDS: u32 = 60;

/// Sizes of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that this program can still use.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

impl DiskSpace {
    /// Returns true if only what frees something should be written.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.free_bytes < LOW_BYTES.min(self.total_bytes / 100 * LOW_PERCENT)
    }
}

/// Reads the sizes of the store's file system.
pub trait DiskSpaceReader: Debug + Send + Sync {
    /// The sizes now.
    ///
    /// # Errors
    /// That of the operating system.
    fn read(&self) -> io::Result<DiskSpace>;
}

/// The free space of the store's disk, as last seen. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct FreeSpace(Arc<AtomicBool>);

impl FreeSpace {
    /// Looks at the disk, and logs a change. A disk that cannot be asked is taken as it was.
    pub fn refresh(&self, disk: &dyn DiskSpaceReader) {
        match disk.read() {
            Ok(space) => {
                let (is_low, DiskSpace { free_bytes, total_bytes }) = (space.is_low(), space);
                match (self.0.swap(is_low, Ordering::Relaxed), is_low) {
                    (false, true) => tracing::error!(
                        free_bytes,
                        total_bytes,
                        "The disk is short of space: new orders and registrations are refused until there is more"
                    ),
                    (true, false) => tracing::info!(free_bytes, total_bytes, "The disk has space again"),
                    _ => {}
                }
            }
            Err(error) => tracing::warn!(%error, "The free space of the disk cannot be read"),
        }
    }

    /// Returns true if only what frees something should be written.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Refuses what makes the store grow while space is short.
    ///
    /// # Errors
    /// `service.storage_low`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.is_low() {
            return Ok(());
        }
        let detail = "The venue is short of disk space, so it takes no new orders and registrations. Cancels, withdrawals \
                      and sign-in go on. Nothing was done.";
        Err(Problem::new(Code::StorageLow, detail).retry_after(RETRY_SECONDS).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_is_a_number_of_bytes_or_a_share_of_a_small_disk() {
        let is_low = |free_bytes, total_bytes| DiskSpace { free_bytes, total_bytes }.is_low();
        let terabyte = 1 << 40;
        assert!(!is_low(LOW_BYTES, terabyte) && is_low(LOW_BYTES - 1, terabyte));
        assert!(!is_low(5_000_000, 100_000_000) && is_low(4_999_999, 100_000_000));
        assert!(!is_low(0, 0), "a file system without sizes says nothing");
    }
}
