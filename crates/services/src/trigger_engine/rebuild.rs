//! Rebuild of the trigger books from the table when a server starts.

use std::collections::BTreeSet;

use cnop_domain::book::Resting;
use cnop_domain::{AccountId, AssetId, BookEntryId};
use cnop_store::{Item, TableQuery};

use super::TriggerEngine;
use crate::concurrency::try_join_bounded;
use crate::error::{Error, Result};
use crate::records::{BookInterest, ORDER_PREFIX, TriggerIndexItem, book_pk, decode};
use crate::trigger_books::{BookChange, BookChanges};
use crate::{alerts, guards};

/// Orders read at once during the rebuild: the largest page of a table.
const READ_AT_ONCE: u32 = cnop_store::limits::PAGE_ITEMS_MAX;
/// Books that are rebuilt at once: on DynamoDB each waits for the network most of the time.
const BOOKS_AT_ONCE: usize = 16;

impl TriggerEngine {
    /// Fills the books from the table, and completes the cancels of a kill switch after a crash. Call it
    /// before the first tick. Returns the number of waiting orders and alerts. Unreadable items are logged
    /// and skipped: one item of one account must not keep the venue closed.
    ///
    /// # Errors
    /// The table cannot be read, or is unavailable while orders are open under a kill switch.
    pub async fn rebuild(&self) -> Result<usize> {
        let books = try_join_bounded(self.accounts.books.assets(), BOOKS_AT_ONCE, |asset_id| {
            let engine = self.clone();
            async move { engine.book_rebuild(asset_id).await }
        });
        let (mut owners, mut unreadable) = (BTreeSet::new(), 0);
        for (owners_here, unreadable_here) in books.await? {
            owners.extend(owners_here);
            unreadable += unreadable_here;
        }
        unreadable += guards::kill_switches_finish(&self.accounts, &owners).await?;
        if unreadable > 0 {
            tracing::error!(
                unreadable,
                "items that cannot be read were left out when the books were rebuilt"
            );
        }
        Ok(self.resting())
    }

    /// All entries, by asset and id; trailing stops with their present mark.
    #[must_use]
    pub fn waiting(&self) -> Vec<(AssetId, BookEntryId, Resting<AccountId>)> {
        self.accounts.books.entries()
    }

    /// Fills one book; returns the owners of its orders and the number of unreadable items.
    async fn book_rebuild(&self, asset_id: AssetId) -> Result<(BTreeSet<AccountId>, usize)> {
        let table = &self.accounts.context.environment.table;
        let (marks, mut unreadable) = self.marks.read(asset_id).await?;
        self.accounts.books.restore(asset_id, &marks);
        unreadable += alerts::rebuild(&self.accounts, asset_id).await?;
        let mut owners = BTreeSet::new();
        let mut after = None;
        loop {
            let query = TableQuery::prefix(book_pk(asset_id), ORDER_PREFIX, READ_AT_ONCE).after(after.take());
            let page = table.query(&query).await?;
            let mut entries = Vec::with_capacity(page.items.len());
            for item in &page.items {
                match self.entry(asset_id, item, &mut owners).await {
                    Ok(entry) => entries.extend(entry),
                    Err(error) if error.is_unreadable() => {
                        tracing::error!(cause = ?error, pk = item.key.pk, sk = item.key.sk, "a live order cannot be read");
                        unreadable += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
            self.accounts.books.apply(BookChanges { entries, hold: None }, true);
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                return Ok((owners, unreadable));
            }
        }
    }

    /// The entry of a waiting order; its owner is recorded. Items written before the whole entry was stored
    /// refer to the order.
    async fn entry(
        &self,
        asset_id: AssetId,
        item: &Item,
        owners: &mut BTreeSet<AccountId>,
    ) -> Result<Option<BookChange>> {
        let TriggerIndexItem { account_id, waits } = decode(&item.body)?;
        if !owners.contains(&account_id) {
            owners.insert(account_id.clone());
        }
        let order_id = item.key.sk.strip_prefix(ORDER_PREFIX).and_then(|id| id.parse().ok());
        let order_id = order_id.ok_or_else(|| Error::Internal("a live order has no id".to_owned()))?;
        let waits = match waits {
            Some(waits) => Some(waits),
            None => {
                let order = self.accounts.order(&account_id, order_id).await?;
                BookInterest::of(
                    &order.ok_or_else(|| Error::Internal("a live order is missing".to_owned()))?.record,
                )
            }
        };
        Ok(waits.map(|waits| waits.entry(asset_id, order_id, account_id)))
    }
}
