//! The state of a book: whether this server has the shard of its asset.

use cnop_domain::book::Marks;

/// The state of an asset's book on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BookState {
    /// Another server has it, or nobody. It is empty.
    Closed,
    /// It is being filled from the table. Commits are told like those of other servers.
    Filling { epoch: u64 },
    /// Quotes are matched against it.
    Open { epoch: u64 },
    /// Running jobs finish; quotes reach nothing any more.
    Closing { epoch: u64 },
}

impl BookState {
    /// Returns true if commits of this server change the book.
    pub(super) const fn takes_changes(self) -> bool {
        matches!(self, Self::Open { .. } | Self::Closing { .. })
    }

    /// Epoch of the shard's lease, while the book has content.
    pub(super) const fn epoch(self) -> Option<u64> {
        match self {
            Self::Closed | Self::Filling { .. } => None,
            Self::Open { epoch } | Self::Closing { epoch } => Some(epoch),
        }
    }
}

/// Marks on their way to the table.
#[derive(Debug)]
pub(crate) struct UnstoredMarks {
    pub(crate) revision: u64,
    /// Epoch of the shard's lease.
    pub(crate) epoch: u64,
    pub(crate) marks: Marks,
}
