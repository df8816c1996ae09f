//! Items, and the writes of a transaction.

use bytes::Bytes;

/// Names one item. Keys sort by their UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The partition key: one query sees one partition.
    pub pk: String,
    /// The sort key, unique within its partition.
    pub sk: String,
}

impl Key {
    /// The key of these two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// An item of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Partition and sort key.
    pub key: Key,
    /// 1 when the item was created, one more with each put.
    ///
    /// An item that was deleted, or that expired, starts again at 1. Only a put with [`Condition::Any`] over
    /// an item that has just expired may continue the count.
    pub version: u64,
    /// Time in seconds since 1970 from which the item is invisible. It is removed later.
    pub expires_at: Option<i64>,
    /// Content, opaque to the table.
    pub body: Bytes,
}

impl Item {
    /// Returns true if the item is invisible at this moment.
    #[must_use]
    pub fn is_expired(&self, now_s: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now_s)
    }
}

/// Condition on an item for its transaction to commit. An expired item counts as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// No condition at all.
    Any,
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// There is such an item and its version is this one.
    Version(u64),
}

impl Condition {
    /// Returns true if it holds for an item of this version, or for no item.
    #[must_use]
    pub fn holds(self, version: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => version.is_none(),
            Self::Present => version.is_some(),
            Self::Version(expected) => version == Some(expected),
        }
    }
}

/// One part of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Creates the item or replaces it; its version becomes one more.
    Put {
        /// Key of the item.
        key: Key,
        /// New body of the item.
        body: Bytes,
        /// Its new expiry, seconds since 1970.
        expires_at: Option<i64>,
        /// Condition on the current item.
        condition: Condition,
    },
    /// Creates the item with a version that it had in another table, if there is none: for an import.
    Restore(Item),
    /// Removes the item if there is one.
    Delete {
        /// Key of the item.
        key: Key,
        /// Condition on the current item.
        condition: Condition,
    },
    /// Writes nothing; the transaction commits only if this condition holds.
    Check {
        /// Key of the item.
        key: Key,
        /// Condition on the current item.
        condition: Condition,
    },
}

impl Write {
    /// A put without expiry.
    pub fn put(key: Key, body: impl Into<Bytes>, condition: Condition) -> Self {
        Self::Put { key, body: body.into(), expires_at: None, condition }
    }

    /// A put of an item that is invisible from `expires_at` on (seconds since 1970).
    pub fn put_expiring(key: Key, body: impl Into<Bytes>, expires_at: i64, condition: Condition) -> Self {
        Self::Put { key, body: body.into(), expires_at: Some(expires_at), condition }
    }

    /// A removal of the item.
    #[must_use]
    pub fn delete(key: Key, condition: Condition) -> Self {
        Self::Delete { key, condition }
    }

    /// A condition on an item that is not written.
    #[must_use]
    pub fn check(key: Key, condition: Condition) -> Self {
        Self::Check { key, condition }
    }

    /// The item that it is about.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
            Self::Restore(item) => &item.key,
        }
    }

    /// The item that it is about, for a table that keeps it under another key.
    #[must_use]
    pub fn key_mut(&mut self) -> &mut Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
            Self::Restore(item) => &mut item.key,
        }
    }

    /// Condition on the item of this write.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Put { condition, .. } | Self::Delete { condition, .. } | Self::Check { condition, .. } => {
                *condition
            }
            Self::Restore(_) => Condition::Absent,
        }
    }
}
