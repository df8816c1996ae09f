//! Reading the trigger index of an asset page by page.

use cnop_domain::{AccountId, AssetId, BookEntryId};
use cnop_store::{Item, TableQuery};

use crate::account::Accounts;
use crate::error::{Error, Result};
use crate::records::{ALERT_PREFIX, AlertIndexItem, ORDER_PREFIX, book_pk, decode};
use crate::trigger_books::BookChange;

/// Items read at once: the largest page of a table.
const READ_AT_ONCE: u32 = cnop_store::limits::PAGE_ITEMS_MAX;

/// An order or alert in the trigger index.
#[derive(Debug)]
pub(super) struct Indexed {
    pub(super) entry_id: BookEntryId,
    pub(super) account_id: AccountId,
    /// None if no price can change it.
    pub(super) entry: Option<BookChange>,
}

/// A place in the trigger index of an asset: alerts come first, then orders.
#[derive(Debug, Default)]
pub(super) struct IndexCursor {
    is_at_orders: bool,
    after: Option<String>,
    is_at_end: bool,
    /// Number of items that could not be read.
    pub(super) unreadable: usize,
}

impl IndexCursor {
    /// The next page; none at the end. Unreadable items are logged and left out.
    pub(super) async fn page(
        &mut self,
        accounts: &Accounts,
        asset_id: AssetId,
    ) -> Result<Option<Vec<Indexed>>> {
        if self.is_at_end {
            return Ok(None);
        }
        let prefix = if self.is_at_orders { ORDER_PREFIX } else { ALERT_PREFIX };
        let query = TableQuery::prefix(book_pk(asset_id), prefix, READ_AT_ONCE).after(self.after.clone());
        let page = accounts.context.environment.table.query(&query).await?;
        let mut entries = Vec::with_capacity(page.items.len());
        for item in &page.items {
            match indexed(accounts, asset_id, item).await {
                Ok(entry) => entries.push(entry),
                Err(error) if error.is_unreadable() => {
                    tracing::error!(cause = ?error, pk = item.key.pk, sk = item.key.sk, "a waiting order or alert cannot be read");
                    self.unreadable += 1;
                }
                Err(error) => return Err(error),
            }
        }
        self.after = page.items.last().map(|item| item.key.sk.clone());
        if !page.more {
            self.is_at_end = self.is_at_orders;
            self.is_at_orders = true;
            self.after = None;
        }
        Ok(Some(entries))
    }
}

async fn indexed(accounts: &Accounts, asset_id: AssetId, item: &Item) -> Result<Indexed> {
    let no_id = || Error::Internal("an item of the trigger index has no id".to_owned());
    if let Some(id) = item.key.sk.strip_prefix(ALERT_PREFIX) {
        let alert_id = id.parse().map_err(|_| no_id())?;
        let live: AlertIndexItem = decode(&item.body)?;
        let account_id = live.account_id.clone();
        return Ok(Indexed {
            entry_id: BookEntryId::Alert(alert_id),
            account_id,
            entry: Some(live.entry(asset_id, alert_id)),
        });
    }
    let order_id = item.key.sk.strip_prefix(ORDER_PREFIX).and_then(|id| id.parse().ok()).ok_or_else(no_id)?;
    let (account_id, entry) = accounts.indexed_order(asset_id, order_id, &item.body).await?;
    Ok(Indexed { entry_id: BookEntryId::Order(order_id), account_id, entry })
}
