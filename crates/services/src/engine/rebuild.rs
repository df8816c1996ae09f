//! The books of a server that starts: all that waits, as the table has it.

use std::collections::BTreeSet;

use cnop_domain::book::Resting;
use cnop_domain::{AccountId, AssetId};
use cnop_store::{Item, Query};

use super::Engine;
use super::marks::StoredMarks;
use crate::account::{ORDER_PREFIX, book_marks_key, book_pk, decode, order_number};
use crate::books::{BookChange, BookChanges};
use crate::orders::{LiveOrder, Waits};
use crate::{Error, Result, alerts, guards, side_by_side};

/// Live orders that are read at once when the books are rebuilt: the largest page that a table gives.
const READ_AT_ONCE: u32 = cnop_store::limits::PAGE_ITEMS_MAX;
/// Books that are rebuilt at once: on DynamoDB each waits for the network most of the time.
const BOOKS_AT_ONCE: usize = 16;

impl Engine {
    /// Fills the books from the table, and cancels what a kill switch has not come to before a crash. Call it before the
    /// first tick; answers how many orders and alerts wait.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn rebuild(&self) -> Result<usize> {
        let owners = side_by_side::each(self.accounts.books.assets(), BOOKS_AT_ONCE, |asset_id| {
            let engine = self.clone();
            async move { engine.book_rebuild(asset_id).await }
        });
        let owners = owners.await?.into_iter().flatten().collect();
        guards::kill_switches_finish(&self.accounts, &owners).await?;
        Ok(self.resting())
    }

    /// All that waits, in the order of assets and ids; a trailing stop with its mark of now.
    #[must_use]
    pub fn waiting(&self) -> Vec<(AssetId, u128, Resting<AccountId>)> {
        self.accounts.books.entries()
    }

    /// Fills one book; answers whose orders wait in it.
    async fn book_rebuild(&self, asset_id: AssetId) -> Result<BTreeSet<AccountId>> {
        let table = &self.accounts.context.environment.table;
        let stored = table.get(&book_marks_key(asset_id)).await?;
        let marks = stored.map(|item| decode::<StoredMarks>(&item.body)).transpose()?;
        self.accounts.books.restore(asset_id, &marks.unwrap_or_default().0);
        alerts::rebuild(&self.accounts, asset_id).await?;
        let mut owners = BTreeSet::new();
        let mut after = None;
        loop {
            let query = Query::prefix(book_pk(asset_id), ORDER_PREFIX, READ_AT_ONCE).after(after.take());
            let page = table.query(&query).await?;
            let mut entries = Vec::with_capacity(page.items.len());
            for item in &page.items {
                let live: LiveOrder = decode(&item.body)?;
                if !owners.contains(&live.account_id) {
                    owners.insert(live.account_id.clone());
                }
                entries.extend(self.entry(asset_id, item, live).await?);
            }
            self.accounts.books.apply(BookChanges { entries, taken: None }, true);
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                return Ok(owners);
            }
        }
    }

    /// The entry of a live order. What was written before the whole entry was kept is found in the order.
    async fn entry(&self, asset_id: AssetId, item: &Item, live: LiveOrder) -> Result<Option<BookChange>> {
        let id = item.key.sk.strip_prefix(ORDER_PREFIX).and_then(|id| id.parse().ok());
        let number = id.as_ref().and_then(order_number);
        let number = number.ok_or_else(|| Error::Internal("a live order has no id".to_owned()))?;
        let LiveOrder { account_id, waits } = live;
        let waits = match waits {
            Some(waits) => Some(waits),
            None => {
                let order = self.accounts.order(&account_id, number).await?;
                Waits::of(&order.ok_or_else(|| Error::Internal("a live order is missing".to_owned()))?.record)
            }
        };
        Ok(waits.map(|waits| waits.entry(asset_id, number, account_id)))
    }
}
