//! The marks of trailing stops, kept so that they survive a crash.

use cnop_domain::AssetId;
use cnop_domain::book::Marks;
use cnop_store::limits::{TRANSACTION_BYTES_MAX, WRITES_MAX};
use cnop_store::{Condition, Write};
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::Result;
use crate::account::{Record, book_marks_key, encode, read_first};

/// `B#asset` / `MARKS`: the extremes that trailing stops follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredMarks(pub(super) Marks);

impl Record for StoredMarks {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

/// Marks that are written in one transaction at most: as many items as one may have.
const MARKS_AT_ONCE: usize = WRITES_MAX;
/// Bytes of them at most; what is left of a transaction is for their keys.
const MARKS_BYTES_AT_ONCE: usize = TRANSACTION_BYTES_MAX - MARKS_AT_ONCE * KEY_BYTES;
/// Bytes of the key of an asset's marks at most: `B#`, the asset, `MARKS`.
const KEY_BYTES: usize = 32;

/// One asset's marks on their way to the table.
struct Unstored {
    asset_id: AssetId,
    revision: u64,
    write: Write,
    bytes: usize,
}

impl Engine {
    /// Stores the marks of trailing stops that have changed, so that they survive a crash.
    ///
    /// # Errors
    /// When the table cannot be written; the next call tries again.
    pub async fn marks_store(&self) -> Result<()> {
        let books = &self.accounts.books;
        let mut unstored = Vec::new();
        for asset_id in books.assets() {
            if let Some((revision, marks)) = books.marks_unstored(asset_id) {
                let body = encode(&StoredMarks(marks))?;
                let bytes = body.len();
                let write = Write::put(book_marks_key(asset_id), body, Condition::Any);
                unstored.push(Unstored { asset_id, revision, write, bytes });
            }
        }
        let mut waiting = unstored.into_iter().peekable();
        while let Some(first) = waiting.next() {
            let mut bytes = first.bytes;
            let (mut writes, mut stored) = (vec![first.write], vec![(first.asset_id, first.revision)]);
            while writes.len() < MARKS_AT_ONCE
                && let Some(next) = waiting.next_if(|next| bytes + next.bytes <= MARKS_BYTES_AT_ONCE)
            {
                bytes += next.bytes;
                writes.push(next.write);
                stored.push((next.asset_id, next.revision));
            }
            self.accounts.context.environment.table.transact(writes).await?;
            for (asset_id, revision) in stored {
                books.marks_stored(asset_id, revision);
            }
        }
        Ok(())
    }
}
