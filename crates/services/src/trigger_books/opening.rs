//! Filling, opening and closing books, and their comparison with the table.

use std::collections::HashSet;

use cnop_domain::book::{Marks, TriggerBook};
use cnop_domain::{AccountId, AssetId, BookEntryId};

use super::TriggerBooks;
use super::book_state::{BookState, UnstoredMarks};
use super::change::{BookChange, waits_alike};

impl TriggerBooks {
    /// Returns true if quotes are matched against the book here.
    pub(crate) fn is_open(&self, asset_id: AssetId) -> bool {
        self.asset_book(asset_id).is_some_and(|asset_book| matches!(asset_book.state, BookState::Open { .. }))
    }

    /// Acts on a book that is open.
    pub(super) fn with_open<T>(
        &self,
        asset_id: AssetId,
        act: impl FnOnce(&mut TriggerBook<AccountId>) -> T,
    ) -> Option<T> {
        let mut asset_book = self.asset_book(asset_id)?;
        matches!(asset_book.state, BookState::Open { .. }).then(|| act(&mut asset_book.book))
    }

    /// Empties a book that waits to be filled from the table under this epoch. A task that fills it under another one
    /// changes nothing any more.
    pub(crate) fn close_to_fill(&self, asset_id: AssetId, epoch: u64) {
        if let Some(mut asset_book) = self.asset_book(asset_id) {
            asset_book.empty(BookState::Filling { epoch });
        }
    }

    /// Begins to fill a book, and continues from stored marks. Returns false if the shard was lost in the meantime.
    pub(crate) fn fill_begin(&self, asset_id: AssetId, epoch: u64, marks: &Marks) -> bool {
        let Some(mut asset_book) = self.asset_book(asset_id) else { return false };
        if asset_book.state != (BookState::Filling { epoch }) {
            return false;
        }
        asset_book.book = TriggerBook::restore(&asset_book.rules, marks);
        asset_book.marks_stored = asset_book.book.marks_revision();
        true
    }

    /// Adds entries from the table. Returns false if the shard was lost in the meantime.
    pub(crate) fn fill(&self, asset_id: AssetId, epoch: u64, entries: Vec<BookChange>) -> bool {
        let Some(mut asset_book) = self.asset_book(asset_id) else { return false };
        if asset_book.state != (BookState::Filling { epoch }) {
            return false;
        }
        for entry in entries {
            entry.apply(&mut asset_book.book);
        }
        true
    }

    /// Opens a book that is filled; the newest quote is matched next. Returns false if the shard was lost in the
    /// meantime.
    pub(crate) fn open(&self, asset_id: AssetId, epoch: u64) -> bool {
        let Some(mut asset_book) = self.asset_book(asset_id) else { return false };
        if asset_book.state != (BookState::Filling { epoch }) {
            return false;
        }
        asset_book.state = BookState::Open { epoch };
        drop(asset_book);
        self.recheck(asset_id);
        true
    }

    /// Quotes reach nothing in the book any more; running jobs finish. One that is not filled yet never opens.
    pub(crate) fn closing(&self, asset_id: AssetId) {
        let Some(mut asset_book) = self.asset_book(asset_id) else { return };
        match asset_book.state {
            BookState::Open { epoch } => asset_book.state = BookState::Closing { epoch },
            BookState::Filling { .. } => asset_book.empty(BookState::Closed),
            BookState::Closed | BookState::Closing { .. } => {}
        }
    }

    /// Empties a book: its shard is another server's. Returns false if it was closed already.
    pub(crate) fn close(&self, asset_id: AssetId) -> bool {
        let Some(mut asset_book) = self.asset_book(asset_id) else { return false };
        if asset_book.state == BookState::Closed {
            return false;
        }
        asset_book.empty(BookState::Closed);
        true
    }

    /// The lease of the book's shard has a new epoch, and nothing else has changed.
    pub(crate) fn epoch_set(&self, asset_id: AssetId, epoch: u64) {
        if let Some(mut asset_book) = self.asset_book(asset_id) {
            match &mut asset_book.state {
                BookState::Closed => {}
                BookState::Filling { epoch: known }
                | BookState::Open { epoch: known }
                | BookState::Closing { epoch: known } => *known = epoch,
            }
        }
    }

    /// The marks of an asset that the table does not have yet, with their revision and the epoch of the shard.
    pub(crate) fn marks_unstored(&self, asset_id: AssetId) -> Option<UnstoredMarks> {
        let asset_book = self.asset_book(asset_id)?;
        let epoch = asset_book.state.epoch()?;
        let revision = asset_book.book.marks_revision();
        (revision != asset_book.marks_stored).then(|| UnstoredMarks {
            revision,
            epoch,
            marks: asset_book.book.marks(),
        })
    }

    /// The table has the marks of this revision, written under this epoch.
    pub(crate) fn marks_stored(&self, asset_id: AssetId, revision: u64, epoch: u64) {
        if let Some(mut asset_book) = self.asset_book(asset_id)
            && asset_book.state.epoch() == Some(epoch)
        {
            asset_book.marks_stored = revision;
        }
    }

    /// Returns true if the book has this entry as the table does.
    pub(crate) fn agrees(&self, entry: &BookChange) -> bool {
        let BookChange::Put { asset_id, entry_id, since_us, interest, expires_us, .. } = entry else {
            return false;
        };
        let agrees = self.with(*asset_id, |book| {
            book.get(*entry_id).is_some_and(|known| {
                known.since_us == *since_us
                    && known.expires_us == *expires_us
                    && waits_alike(&known.interest, interest)
            })
        });
        agrees == Some(true)
    }

    /// Ids and owners of the entries of a book, without those in `known`.
    pub(crate) fn entries_beyond(
        &self,
        asset_id: AssetId,
        known: &HashSet<BookEntryId>,
    ) -> Vec<(BookEntryId, AccountId)> {
        let beyond = self.with(asset_id, |book| {
            let entries = book.iter().filter(|(entry_id, _)| !known.contains(entry_id));
            entries.map(|(entry_id, entry)| (entry_id, entry.owner)).collect()
        });
        beyond.unwrap_or_default()
    }
}
