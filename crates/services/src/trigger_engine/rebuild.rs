//! Rebuild of the trigger books of a shard from the table, when the shard is acquired.

use std::collections::BTreeSet;

use cnop_domain::book::Resting;
use cnop_domain::{AccountId, AssetId, BookEntryId};

use super::TriggerEngine;
use super::index_read::IndexCursor;
use crate::error::Result;
use crate::guards;
use crate::ownership::BookShard;

impl TriggerEngine {
    /// Acquires the shards that nobody else owns, fills their books from the table, and completes the cancels of a kill
    /// switch after a crash. Call it before the first tick. Books that are open already are filled anew. Returns the
    /// number of waiting orders and alerts. Unreadable items are logged and skipped: one item of one account must not
    /// keep the venue closed.
    ///
    /// # Errors
    /// The table cannot be read, or is unavailable while orders are open under a kill switch.
    pub async fn rebuild(&self) -> Result<usize> {
        self.ownership_rebuild().await?;
        Ok(self.resting())
    }

    /// All entries, by asset and id; trailing stops with their present mark.
    #[must_use]
    pub fn waiting(&self) -> Vec<(AssetId, BookEntryId, Resting<AccountId>)> {
        self.accounts.books.entries()
    }

    /// Assets whose books belong to a shard.
    pub(super) fn assets_of(&self, shard: BookShard) -> Vec<AssetId> {
        self.accounts.books.assets().filter(|asset_id| BookShard::of(*asset_id) == shard).collect()
    }

    /// Fills and opens the books of a shard that was acquired with this epoch; returns the owners of its orders. Ends
    /// early, and leaves them closed, if the shard was lost in the meantime.
    pub(super) async fn shard_rebuild(&self, shard: BookShard, epoch: u64) -> Result<BTreeSet<AccountId>> {
        let (mut owners, mut unreadable) = (BTreeSet::new(), 0);
        let assets = self.assets_of(shard);
        for asset_id in &assets {
            let Some(left_out) = self.book_fill(*asset_id, epoch, &mut owners).await? else {
                return Ok(BTreeSet::new());
            };
            unreadable += left_out;
        }
        let snapshot = self.accounts.context.environment.market.snapshot();
        for asset_id in &assets {
            if self.accounts.ownership.had_company()
                && let Some(state) = snapshot.get(*asset_id)
            {
                // The owner before may have sold the displayed size of this quote.
                self.accounts.books.displayed_spend(*asset_id, &state.quote);
            }
            if !self.accounts.books.open(*asset_id, epoch) {
                return Ok(BTreeSet::new());
            }
        }
        unreadable_log(unreadable);
        Ok(owners)
    }

    /// Completes the kill switches of these accounts after a crash.
    pub(super) async fn kill_switches_complete(&self, owners: &BTreeSet<AccountId>) -> Result<()> {
        unreadable_log(guards::kill_switches_finish(&self.accounts, owners).await?);
        Ok(())
    }

    /// Fills one book; adds the owners of its orders, and returns the number of unreadable items. None if the shard was
    /// lost in the meantime.
    async fn book_fill(
        &self,
        asset_id: AssetId,
        epoch: u64,
        owners: &mut BTreeSet<AccountId>,
    ) -> Result<Option<usize>> {
        let books = &self.accounts.books;
        let (marks, unreadable) = self.marks.read(asset_id).await?;
        if !books.fill_begin(asset_id, epoch, &marks) {
            return Ok(None);
        }
        let mut cursor = IndexCursor::default();
        while let Some(page) = cursor.page(&self.accounts, asset_id).await? {
            for indexed in &page {
                if matches!(indexed.entry_id, BookEntryId::Order(_)) && !owners.contains(&indexed.account_id)
                {
                    owners.insert(indexed.account_id.clone());
                }
            }
            if !books.fill(asset_id, epoch, page.into_iter().filter_map(|indexed| indexed.entry).collect()) {
                return Ok(None);
            }
        }
        Ok(Some(unreadable + cursor.unreadable))
    }
}

fn unreadable_log(unreadable: usize) {
    if unreadable > 0 {
        tracing::error!(unreadable, "items that cannot be read were left out when the books were rebuilt");
    }
}
