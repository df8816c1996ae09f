//! Errors of redb as errors of the port.

use cnop_store::StoreError;

/// Distinguishes corrupt data from an unusable store.
pub(crate) fn from_redb(error: redb::Error) -> StoreError {
    match error {
        redb::Error::Corrupted(_) => StoreError::corrupt(error),
        other => StoreError::unavailable(other),
    }
}
