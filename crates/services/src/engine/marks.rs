//! The marks of trailing stops, kept so that they survive a crash.

use cnop_domain::book::Marks;
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

impl Engine {
    /// Stores the marks of trailing stops that have changed, so that they survive a crash.
    ///
    /// # Errors
    /// When the table cannot be written; the next call tries again.
    pub async fn marks_store(&self) -> Result<()> {
        let books = &self.accounts.books;
        let unstored: Vec<_> = books
            .assets()
            .filter_map(|asset_id| {
                books.marks_unstored(asset_id).map(|(revision, marks)| (asset_id, revision, marks))
            })
            .collect();
        for (asset_id, revision, marks) in unstored {
            let write = Write::put(book_marks_key(asset_id), encode(&StoredMarks(marks))?, Condition::Any);
            self.accounts.context.environment.table.transact(vec![write]).await?;
            books.marks_stored(asset_id, revision);
        }
        Ok(())
    }
}
