//! What every adapter accepts, so that what works on one works on all.

use std::collections::HashSet;

use crate::{Condition, Invalid, Key, Query, Write};

/// Writes in one transaction (DynamoDB's limit).
pub const WRITES_MAX: usize = 100;
/// Bytes of a partition key.
pub const PARTITION_KEY_BYTES_MAX: usize = 1024;
/// Bytes of a sort key.
pub const SORT_KEY_BYTES_MAX: usize = 512;
/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of all keys and bodies of one transaction.
pub const TRANSACTION_BYTES_MAX: usize = 1024 * 1024;
/// Items of one page of a query or a scan.
pub const PAGE_ITEMS_MAX: u32 = 1_000;
/// Bytes of keys and bodies after which a page ends early (it always has one item if there is one).
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Segments of one scan.
pub const SEGMENTS_MAX: u32 = 1_024;
/// The last expiry, in seconds since 1970: the end of the year 9999.
pub const EXPIRY_S_MAX: i64 = 253_402_300_799;

/// Checks a transaction against the limits.
///
/// # Errors
/// The first limit that it breaks.
pub fn validate(writes: &[Write]) -> Result<(), Invalid> {
    if writes.is_empty() {
        return Err(Invalid::NoWrites);
    }
    if writes.len() > WRITES_MAX {
        return Err(Invalid::TooManyWrites);
    }
    let mut bytes = 0;
    for write in writes {
        validate_key(write.key())?;
        bytes += write.key().pk.len() + write.key().sk.len();
        if write.condition() == Condition::Version(0) {
            return Err(Invalid::VersionZero);
        }
        if let Write::Put { body, expires_at, .. } = write {
            if body.len() > BODY_BYTES_MAX {
                return Err(Invalid::BodyTooLong);
            }
            if expires_at.is_some_and(|at| !(0..=EXPIRY_S_MAX).contains(&at)) {
                return Err(Invalid::Expiry);
            }
            bytes += body.len();
        }
    }
    if bytes > TRANSACTION_BYTES_MAX {
        return Err(Invalid::TransactionTooLong);
    }
    if has_duplicates(writes) { Err(Invalid::DuplicateItem) } else { Ok(()) }
}

fn has_duplicates(writes: &[Write]) -> bool {
    /// Up to here comparing each with each is faster than hashing.
    const PAIRWISE_MAX: usize = 12;
    if writes.len() <= PAIRWISE_MAX {
        return writes
            .iter()
            .enumerate()
            .any(|(index, write)| writes.iter().take(index).any(|earlier| earlier.key() == write.key()));
    }
    let mut seen = HashSet::with_capacity(writes.len());
    !writes.iter().all(|write| seen.insert(write.key()))
}

/// Checks a key against the limits.
///
/// # Errors
/// The first limit that it breaks.
pub fn validate_key(key: &Key) -> Result<(), Invalid> {
    validate_partition_key(&key.pk)?;
    if key.sk.is_empty() {
        return Err(Invalid::KeyEmpty);
    }
    validate_sort_key(&key.sk)
}

/// Checks a query against the limits.
///
/// # Errors
/// The first limit that it breaks.
pub fn validate_query(query: &Query) -> Result<(), Invalid> {
    validate_partition_key(&query.pk)?;
    for bound in query.range.bounds().into_iter().chain(query.after.as_deref()) {
        validate_sort_key(bound)?;
    }
    validate_page(query.limit)
}

/// Checks what a scan is asked against the limits.
///
/// # Errors
/// The first limit that it breaks.
pub fn validate_scan(segment: u32, segments: u32, cursor: Option<&Key>, limit: u32) -> Result<(), Invalid> {
    if segment >= segments || segments > SEGMENTS_MAX {
        return Err(Invalid::Segment);
    }
    if let Some(key) = cursor {
        validate_key(key)?;
    }
    validate_page(limit)
}

fn validate_page(limit: u32) -> Result<(), Invalid> {
    if (1..=PAGE_ITEMS_MAX).contains(&limit) { Ok(()) } else { Err(Invalid::PageSize) }
}

fn validate_partition_key(pk: &str) -> Result<(), Invalid> {
    if pk.is_empty() {
        return Err(Invalid::KeyEmpty);
    }
    if pk.len() > PARTITION_KEY_BYTES_MAX {
        return Err(Invalid::PartitionKeyTooLong);
    }
    validate_characters(pk)
}

fn validate_sort_key(sk: &str) -> Result<(), Invalid> {
    if sk.len() > SORT_KEY_BYTES_MAX {
        return Err(Invalid::SortKeyTooLong);
    }
    validate_characters(sk)
}

fn validate_characters(text: &str) -> Result<(), Invalid> {
    if text.as_bytes().contains(&0) { Err(Invalid::KeyNul) } else { Ok(()) }
}
