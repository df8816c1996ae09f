//! Errors of exports and imports.

use cnop_store::StoreError;

use super::format::FormatError;

/// Error of an export or import.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransferError {
    /// The store does not answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The target has items of its own.
    #[error("the store is not empty: it has the item {0} {1}; import into an empty store")]
    NotEmpty(String, String),
    /// The target has the beginning of another import.
    #[error(
        "an import of another file into the store has not ended; repeat that one, or begin with an empty store"
    )]
    OtherImport,
    /// The target has an item of the file with other content.
    #[error("the item {0} {1} of the store differs from that of the file; begin with an empty store")]
    Differs(String, String),
    /// The work ended early.
    #[error("the export ended early")]
    Ended,
}
