//! Comparison of the books of a shard with the table, when changes may not have been told.
//!
//! A page of the index only names suspects. Each is then read alone in its account's turn, so that no commit of this
//! server comes in between.

use std::collections::HashSet;

use cnop_domain::AssetId;

use super::TriggerEngine;
use super::index_read::IndexCursor;
use crate::concurrency::try_join_bounded;
use crate::error::Result;
use crate::ownership::{BookShard, ChangedEntry};

/// Entries that are read at once.
const ENTRIES_AT_ONCE: usize = 16;

impl TriggerEngine {
    /// Compares the books of a shard with the table; returns the number of entries that were different.
    pub(super) async fn shard_reconcile(&self, shard: BookShard) -> Result<usize> {
        let mut different = 0;
        for asset_id in self.assets_of(shard) {
            let suspects = self.suspects(asset_id).await?;
            different += self.entries_reload(suspects).await?;
        }
        Ok(different)
    }

    /// Sets entries to the state of the table; returns the number of those that were different.
    pub(super) async fn entries_reload(&self, entries: Vec<ChangedEntry>) -> Result<usize> {
        let reloaded = try_join_bounded(entries, ENTRIES_AT_ONCE, |entry| {
            let accounts = self.accounts.clone();
            async move { accounts.entry_reload(&entry.account_id, (entry.asset_id, entry.entry_id)).await }
        });
        Ok(reloaded.await?.into_iter().filter(|is_different| *is_different).count())
    }

    /// Entries of an asset's book that the table seems to have otherwise.
    async fn suspects(&self, asset_id: AssetId) -> Result<Vec<ChangedEntry>> {
        let books = &self.accounts.books;
        let (mut suspects, mut listed) = (Vec::new(), HashSet::new());
        let mut cursor = IndexCursor::default();
        while let Some(page) = cursor.page(&self.accounts, asset_id).await? {
            for indexed in page {
                let entry_id = indexed.entry_id;
                listed.insert(entry_id);
                if !indexed.entry.as_ref().is_some_and(|entry| books.agrees(entry)) {
                    suspects.push(ChangedEntry { asset_id, entry_id, account_id: indexed.account_id });
                }
            }
        }
        let beyond = books.entries_beyond(asset_id, &listed).into_iter();
        suspects.extend(beyond.map(|(entry_id, account_id)| ChangedEntry { asset_id, entry_id, account_id }));
        Ok(suspects)
    }
}
