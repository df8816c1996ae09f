//! Items and what a transaction does to them.

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

/// What the table holds under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub key: Key,
    /// 1 when the item was created, one more with each put.
    ///
    /// An item that was deleted, or that expired, starts again at 1; only a put with [`Condition::Any`] over an item
    /// that has just expired may count on.
    pub version: u64,
    /// From this moment on (seconds since 1970) nobody sees the item any more. It is removed some time later.
    pub expires_at: Option<i64>,
    /// What it says; the table does not look into it.
    pub body: Bytes,
}

impl Item {
    /// Whether nobody sees it any more at this moment.
    #[must_use]
    pub fn is_expired(&self, now_s: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now_s)
    }
}

/// What must be true of an item for its transaction to happen. An expired item is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Any,
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// There is such an item and its version is this one.
    Version(u64),
}

impl Condition {
    /// Whether it holds for an item of this version, or for no item.
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
        /// The item.
        key: Key,
        /// Its new body.
        body: Bytes,
        /// Its new expiry, seconds since 1970.
        expires_at: Option<i64>,
        /// What must be true of the item as it is.
        condition: Condition,
    },
    /// Removes the item if there is one.
    Delete {
        /// The item.
        key: Key,
        /// What must be true of the item as it is.
        condition: Condition,
    },
    /// Writes nothing, but the transaction happens only under this condition.
    Check {
        /// The item.
        key: Key,
        /// What must be true of the item as it is.
        condition: Condition,
    },
}

impl Write {
    /// A put without expiry.
    pub fn put(key: Key, body: impl Into<Bytes>, condition: Condition) -> Self {
        Self::Put { key, body: body.into(), expires_at: None, condition }
    }

    /// A put of an item that nobody sees from `expires_at` on (seconds since 1970).
    pub fn put_expiring(key: Key, body: impl Into<Bytes>, expires_at: i64, condition: Condition) -> Self {
        Self::Put { key, body: body.into(), expires_at: Some(expires_at), condition }
    }

    /// A removal.
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
        }
    }

    /// What must be true of that item.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Put { condition, .. } | Self::Delete { condition, .. } | Self::Check { condition, .. } => {
                *condition
            }
        }
    }
}
