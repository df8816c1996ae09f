//! Looking up orders.

use cnop_api::trading::{AssetTransaction, OrderQuery, OrderView, Page};
use cnop_api::{Caller, Code, FieldError, Problem};
use cnop_domain::{AccountId, AssetId, OrderId, OrderStatus, OrderType, Side};
use cnop_store::Query;

use super::{OrderRecord, Orders};
use crate::account::{Accounts, ORDER_PREFIX, account_pk, decode, order_key, order_number};
use crate::ledger::{cursor_fault, limit_check};
use crate::{Error, Result};

/// Orders that are read at once.
const READ_AT_ONCE: u32 = 128;
/// Orders that are read for one page at most: a filter that finds little ends early, with a cursor to go on.
const READ_MAX: usize = 20_000;
/// Most orders that are left out at the start of a page.
const OFFSET_MAX: u32 = 10_000;

/// Which orders are wanted.
#[derive(Debug, Default)]
struct Filter {
    asset_id: Option<AssetId>,
    kind: Option<(OrderType, Side)>,
    status: Option<OrderStatus>,
}

impl Filter {
    const fn is_empty(&self) -> bool {
        self.asset_id.is_none() && self.kind.is_none() && self.status.is_none()
    }

    fn wants(&self, record: &OrderRecord) -> bool {
        self.asset_id.is_none_or(|asset_id| asset_id == record.asset_id)
            && self.kind.is_none_or(|kind| kind == (record.order_type, record.side))
            && self.status.is_none_or(|status| status == record.status)
    }
}

/// Reads one order of an account.
pub(crate) async fn order_load(
    accounts: &Accounts,
    account_id: &AccountId,
    order_id: &OrderId,
) -> Result<Option<OrderView>> {
    let item = accounts.context.environment.table.get(&order_key(account_id, order_id)).await?;
    let record: Option<OrderRecord> = item.map(|item| decode(&item.body)).transpose()?;
    Ok(record.map(|record| record.view(order_id.clone())))
}

impl Orders {
    /// One order.
    ///
    /// # Errors
    /// `order.not_found` when there is none with this id in the caller's account.
    pub async fn get(&self, caller: &Caller, order_id: &OrderId) -> Result<OrderView> {
        let order = order_load(&self.accounts, &caller.account_id, order_id).await?;
        order.ok_or_else(|| {
            Problem::new(Code::OrderNotFound, "There is no order with this id in your account.").into()
        })
    }

    /// The account's orders, newest first.
    ///
    /// # Errors
    /// `request.invalid` for a bad filter, limit, offset or cursor; when the account cannot be read.
    pub async fn list(&self, caller: &Caller, query: OrderQuery) -> Result<Page<OrderView>> {
        let filter = Filter {
            asset_id: query.asset_id,
            kind: filter_read("order_type", query.order_type.as_deref(), OrderType::from_text_with_side)?,
            status: filter_read("status", query.status.as_deref(), OrderStatus::from_text)?,
        };
        let cursor = query.cursor.as_deref();
        self.page(caller, &filter, query.limit, query.offset, cursor, OrderRecord::view).await
    }

    /// What was bought and sold of one asset, newest first; nothing for one that was never traded.
    ///
    /// # Errors
    /// `request.invalid` for a bad limit, offset or cursor; when the account cannot be read.
    pub async fn asset_transactions(
        &self,
        caller: &Caller,
        asset_id: AssetId,
        limit: u32,
        offset: u32,
        cursor: Option<&str>,
    ) -> Result<Page<AssetTransaction>> {
        let filter = Filter { asset_id: Some(asset_id), ..Filter::default() };
        self.page(caller, &filter, limit, offset, cursor, OrderRecord::transaction).await
    }

    async fn page<T>(
        &self,
        caller: &Caller,
        filter: &Filter,
        limit: u32,
        offset: u32,
        cursor: Option<&str>,
        view: impl Fn(&OrderRecord, OrderId) -> T,
    ) -> Result<Page<T>> {
        let limit = usize::try_from(limit_check(limit)?).unwrap_or(usize::MAX);
        if offset > OFFSET_MAX {
            let detail = format!("The offset may be at most {OFFSET_MAX}. Use the cursor to go further.");
            return Err(Error::Invalid(vec![FieldError::parameter("offset", "range", detail)]));
        }
        let mut skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut after = cursor.map(cursor_read).transpose()?;
        let mut found: Vec<(OrderId, OrderRecord)> = Vec::new();
        let mut read = 0;
        let has_more = loop {
            // One more than is shown tells whether there is more; a filter may need any number.
            let wanted = u32::try_from(limit + skip + 1).unwrap_or(READ_AT_ONCE);
            let at_once = if filter.is_empty() { wanted.min(READ_AT_ONCE) } else { READ_AT_ONCE };
            let query = Query::prefix(account_pk(&caller.account_id), ORDER_PREFIX, at_once)
                .descending()
                .after(after.take());
            let page = self.accounts.context.environment.table.query(&query).await?;
            read += page.items.len();
            for item in &page.items {
                let record: OrderRecord = decode(&item.body)?;
                if filter.wants(&record) {
                    if skip > 0 {
                        skip -= 1;
                    } else {
                        found.push((id_of(&item.key.sk)?, record));
                    }
                }
            }
            after = page.items.last().map(|item| item.key.sk.clone());
            if found.len() > limit || !page.more {
                break found.len() > limit;
            }
            if read >= READ_MAX {
                break true;
            }
        };
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|(order_id, _)| order_id.to_string())
        } else {
            after.filter(|_| has_more).and_then(|sk| sk.strip_prefix(ORDER_PREFIX).map(str::to_owned))
        };
        let data = found.into_iter().map(|(order_id, record)| view(&record, order_id)).collect();
        Ok(Page { data, has_more, next_cursor: next })
    }
}

fn id_of(sort_key: &str) -> Result<OrderId> {
    sort_key
        .strip_prefix(ORDER_PREFIX)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::Internal("an order has no id".to_owned()))
}

/// The sort key of a cursor, which is the id of the last order that was shown.
fn cursor_read(cursor: &str) -> Result<String> {
    let order_id: OrderId = cursor.parse().map_err(|_| cursor_fault())?;
    order_number(&order_id).ok_or_else(cursor_fault)?;
    Ok(format!("{ORDER_PREFIX}{order_id}"))
}

fn filter_read<T>(name: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    text.map(|text| {
        read(text).ok_or_else(|| {
            let detail = format!("There is no such {name}.");
            Error::Invalid(vec![FieldError::parameter(name, "one_of", detail).given(text)])
        })
    })
    .transpose()
}
