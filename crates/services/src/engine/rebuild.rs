//! The books of a server that starts: all that waits, as the table has it.

use std::collections::BTreeSet;

use cnop_domain::AccountId;
use cnop_store::Query;

use super::Engine;
use super::marks::StoredMarks;
use crate::account::{ORDER_PREFIX, book_marks_key, book_pk, decode, order_number};
use crate::books::BookChanges;
use crate::orders::{LiveOrder, book_change};
use crate::{Error, Result, alerts, guards};

/// Live orders that are read at once when the books are rebuilt.
const READ_AT_ONCE: u32 = 1_000;

impl Engine {
    /// Fills the books from the table, and cancels what a kill switch has not come to before a crash. Call it before the
    /// first tick; answers how many orders and alerts wait.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn rebuild(&self) -> Result<usize> {
        let mut owners = BTreeSet::new();
        for asset_id in self.accounts.books.assets() {
            let stored = self.accounts.context.environment.table.get(&book_marks_key(asset_id)).await?;
            let marks = stored.map(|item| decode::<StoredMarks>(&item.body)).transpose()?;
            self.accounts.books.restore(asset_id, &marks.unwrap_or_default().0);
            alerts::rebuild(&self.accounts, asset_id).await?;
            let mut after = None;
            loop {
                let query = Query::prefix(book_pk(asset_id), ORDER_PREFIX, READ_AT_ONCE).after(after.take());
                let page = self.accounts.context.environment.table.query(&query).await?;
                for item in &page.items {
                    let live: LiveOrder = decode(&item.body)?;
                    let id = item.key.sk.strip_prefix(ORDER_PREFIX).and_then(|id| id.parse().ok());
                    let number = id.as_ref().and_then(order_number);
                    self.enter(number, &live.account_id).await?;
                    owners.insert(live.account_id);
                }
                after = page.items.last().map(|item| item.key.sk.clone());
                if !page.more {
                    break;
                }
            }
        }
        guards::kill_switches_finish(&self.accounts, &owners).await?;
        Ok(self.resting())
    }

    /// Puts an order into its book as the table has it.
    async fn enter(&self, number: Option<u128>, account_id: &AccountId) -> Result<()> {
        let number = number.ok_or_else(|| Error::Internal("a live order has no id".to_owned()))?;
        let Some(loaded) = self.accounts.order(account_id, number).await? else {
            return Err(Error::Internal("a live order is missing".to_owned()));
        };
        let entries = book_change(account_id, number, Some(&loaded.record.state), &loaded.record);
        let changes = BookChanges { entries: entries.into_iter().collect(), taken: None };
        self.accounts.books.apply(changes, true);
        Ok(())
    }
}
