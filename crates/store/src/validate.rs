//! Validation of requests against the limits, alike in every adapter.

use std::collections::HashSet;

use crate::limits::{
    BODY_BYTES_MAX, EXPIRY_S_MAX, PAGE_ITEMS_MAX, PARTITION_KEY_BYTES_MAX, SEGMENTS_MAX, SORT_KEY_BYTES_MAX,
    TRANSACTION_BYTES_MAX, WRITES_MAX,
};
use crate::{Condition, Invalid, Item, Key, TableQuery, Write};

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
        let content = match write {
            Write::Put { body, expires_at, .. } => Some((body, expires_at)),
            Write::Restore(Item { version: 0, .. }) => return Err(Invalid::VersionZero),
            Write::Restore(Item { body, expires_at, .. }) => Some((body, expires_at)),
            Write::Delete { .. } | Write::Check { .. } => None,
        };
        if let Some((body, expires_at)) = content {
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
pub fn validate_query(query: &TableQuery) -> Result<(), Invalid> {
    validate_partition_key(&query.pk)?;
    for bound in query.range.bounds().into_iter().chain(query.after.as_deref()) {
        validate_sort_key(bound)?;
    }
    validate_page(query.limit)
}

/// Checks the arguments of a scan against the limits.
///
/// # Errors
/// The first limit that is exceeded.
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
