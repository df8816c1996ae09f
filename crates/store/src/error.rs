//! Errors of the table.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::Item;

/// Error of an operation.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// At least one condition did not hold, and nothing was written. Sorted by index.
    #[error("a condition on an item did not hold")]
    Conflict(Vec<FailedCondition>),
    /// The request exceeds a limit of the table, and nothing was written.
    #[error("the request is not one that the table takes: {0}")]
    Invalid(#[from] Invalid),
    /// The table is overloaded at the moment, and nothing was written.
    #[error("the store has too much to do at the moment")]
    Busy,
    /// The table has not answered lately and is not asked for a moment. Nothing was sent, so nothing was written.
    #[error("the store is not asked for another {} ms, because it did not answer", retry_after.as_millis())]
    CircuitOpen {
        /// Time until it is asked again.
        retry_after: Duration,
    },
    /// The table cannot be reached or cannot write. A transaction may or may not have been committed.
    #[error("the store cannot be used")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// Stored data is damaged.
    #[error("the store's data cannot be read")]
    Corrupt(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// The table cannot be used, because of `source` (an error, or a sentence).
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(source.into()))
    }

    /// The data cannot be read, because of `source` (an error, or a sentence).
    pub fn corrupt(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt(Arc::from(source.into()))
    }
}

/// A write whose condition did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCondition {
    /// The write's position in the transaction.
    pub index: usize,
    /// The item as it is, if there is one: a retry need not read it again.
    pub current: Option<Item>,
}

/// Limit that a request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A transaction without writes.
    #[error("a transaction has at least one write")]
    NoWrites,
    /// The transaction has more than [`crate::limits::WRITES_MAX`] writes.
    #[error("a transaction has at most {} writes", crate::limits::WRITES_MAX)]
    TooManyWrites,
    /// Two writes of one transaction name the same item.
    #[error("an item appears once in a transaction")]
    DuplicateItem,
    /// An empty partition key or sort key.
    #[error("a key is not empty")]
    KeyEmpty,
    /// A key with a NUL character.
    #[error("a key has no NUL character")]
    KeyNul,
    /// A partition key is longer than [`crate::limits::PARTITION_KEY_BYTES_MAX`].
    #[error("a partition key has at most {} bytes", crate::limits::PARTITION_KEY_BYTES_MAX)]
    PartitionKeyTooLong,
    /// A sort key is longer than [`crate::limits::SORT_KEY_BYTES_MAX`].
    #[error("a sort key has at most {} bytes", crate::limits::SORT_KEY_BYTES_MAX)]
    SortKeyTooLong,
    /// A body is longer than [`crate::limits::BODY_BYTES_MAX`].
    #[error("a body has at most {} bytes", crate::limits::BODY_BYTES_MAX)]
    BodyTooLong,
    /// All keys and bodies together are longer than [`crate::limits::TRANSACTION_BYTES_MAX`].
    #[error("a transaction has at most {} bytes", crate::limits::TRANSACTION_BYTES_MAX)]
    TransactionTooLong,
    /// A page of zero items or of more than [`crate::limits::PAGE_ITEMS_MAX`].
    #[error("a page has 1 to {} items", crate::limits::PAGE_ITEMS_MAX)]
    PageSize,
    /// A segment that is not below the number of segments, or too many of them.
    #[error(
        "a segment is below the number of segments, of which there are 1 to {}",
        crate::limits::SEGMENTS_MAX
    )]
    Segment,
    /// A version of zero: the first put makes version 1.
    #[error("versions count from 1")]
    VersionZero,
    /// An expiry outside [`crate::limits::EXPIRY_S_MAX`].
    #[error("an expiry lies between 1970 and the year 9999")]
    Expiry,
}
