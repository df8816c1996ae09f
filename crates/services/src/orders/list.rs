//! Lists of orders, with filters and pages.

use std::collections::BTreeMap;

use cnop_api::trading::{OrderQuery, OrderView, Page, StatusFilter};
use cnop_api::{Caller, FieldError};
use cnop_domain::{AccountId, AssetId, OrderId, OrderStatus, OrderType, Side, SidedOrderType};
use cnop_store::{Item, QueryPage, TableQuery};

use super::Orders;
use super::decision::not_found;
use crate::account::{Accounts, ReadMarks};
use crate::error::{Error, Result};
use crate::paging::{OFFSET_MAX, cursor_fault, limit_check};
use crate::records::{OPEN_ORDER_PREFIX, ORDER_PREFIX, OrderRecord, account_pk, decode, order_key};

/// Orders that are read at once.
const READ_AT_ONCE: u32 = 128;
/// Maximum orders read for one page: a selective filter ends early, with a cursor to continue.
const READ_MAX: usize = if cfg!(test) { 256 } else { 5_000 };
/// Orders that an offset passes over at once. So many are read apart from the threads that serve requests.
const SKIP_AT_ONCE: u32 = 500;
/// Maximum pages that one request passes over. Large orders make small pages, so the number of orders is no bound.
const SKIP_PAGES_MAX: u32 = 2 * OFFSET_MAX / SKIP_AT_ONCE;

/// µs of a millisecond.
const MS_US: i64 = 1_000;

/// Filter of a list of orders.
#[derive(Debug, Default)]
struct Filter {
    asset_id: Option<AssetId>,
    order_type: Option<SidedOrderType>,
    kind: Option<OrderType>,
    side: Option<Side>,
    status: Option<StatusFilter>,
    /// Accepted at this time (µs) or later.
    since_us: Option<i64>,
    /// Accepted before this time (µs).
    until_us: Option<i64>,
    /// Changed or filled at this time (µs) or later.
    updated_since_us: Option<i64>,
}

/// Returns true if orders in a status are wanted.
fn status_matches(filter: StatusFilter, status: OrderStatus) -> bool {
    match filter {
        StatusFilter::One(only) => only == status,
        StatusFilter::Open => !status.is_final(),
        StatusFilter::Closed => status.is_final(),
    }
}

/// Returns true if only open orders can match: those have an index of their own.
const fn is_open_only(filter: StatusFilter) -> bool {
    match filter {
        StatusFilter::One(status) => !status.is_final(),
        StatusFilter::Open => true,
        StatusFilter::Closed => false,
    }
}

impl Filter {
    const fn is_empty(&self) -> bool {
        self.asset_id.is_none()
            && self.order_type.is_none()
            && self.kind.is_none()
            && self.side.is_none()
            && self.status.is_none()
            && self.since_us.is_none()
            && self.until_us.is_none()
            && self.updated_since_us.is_none()
    }

    fn wants(&self, record: &OrderRecord) -> bool {
        let terms = &record.state.terms;
        self.asset_id.is_none_or(|asset_id| asset_id == terms.asset_id)
            && self.order_type.is_none_or(|sided| {
                sided == SidedOrderType { order_type: terms.order_type, side: terms.side }
            })
            && self.kind.is_none_or(|kind| kind == terms.order_type)
            && self.side.is_none_or(|side| side == terms.side)
            && self.status.is_none_or(|status| status_matches(status, record.state.status))
            // The key contains only the millisecond.
            && self.since_us.is_none_or(|since_us| record.created_us >= since_us)
            && self.until_us.is_none_or(|until_us| record.created_us < until_us)
            && self.updated_since_us.is_none_or(|since_us| record.updated_us >= since_us)
    }

    /// Prefix of the sort keys to read.
    fn prefix(&self) -> &'static str {
        if self.status.is_some_and(is_open_only) { OPEN_ORDER_PREFIX } else { ORDER_PREFIX }
    }

    /// The first and the last sort key that can be wanted.
    fn bounds(&self, after: Option<OrderId>) -> (String, String) {
        let prefix = self.prefix();
        let first = self.since_us.map(OrderId::first_at).unwrap_or_default();
        // Orders of the last millisecond may be before or after its end.
        let end = |until_us: i64| OrderId::first_at(until_us.saturating_add(MS_US - 1)).before();
        let until = self.until_us.map_or(OrderId::MAX, end);
        let last = after.map_or(until, |after| until.min(after.before()));
        (format!("{prefix}{first}"), format!("{prefix}{last}"))
    }
}

/// Reads one order of an account.
pub(crate) async fn order_load(
    accounts: &Accounts,
    account_id: &AccountId,
    order_id: OrderId,
) -> Result<Option<OrderView>> {
    let item = accounts.context.environment.table.get(&order_key(account_id, order_id)).await?;
    let record: Option<OrderRecord> = item.map(|item| decode(&item.body)).transpose()?;
    Ok(record.map(|record| record.view(order_id)))
}

impl Orders {
    /// One order.
    ///
    /// # Errors
    /// `order.not_found` when there is none with this id in the caller's account.
    pub async fn get(&self, caller: &Caller, order_id: OrderId) -> Result<OrderView> {
        let loaded = self.accounts.order(&caller.account_id, order_id).await?.ok_or_else(not_found)?;
        let mut order = self.view_now(&loaded.record, order_id);
        self.trail_view(order_id, &loaded.record, &mut order, &mut BTreeMap::new()).await?;
        Ok(order)
    }

    /// The order with the present mark and trigger of a trailing stop. They move with the price, and the
    /// table has them as of the order's last event.
    fn view_now(&self, record: &OrderRecord, order_id: OrderId) -> OrderView {
        let trail = (record.state.status == OrderStatus::WaitingTrigger)
            .then(|| self.accounts.books.trail(record.state.terms.asset_id, order_id.into()))
            .flatten();
        let mut order = record.view(order_id);
        if let Some((mark, trigger)) = trail {
            (order.mark_price, order.trigger_price) = (Some(mark), Some(trigger));
        }
        order
    }

    /// Completes the view of a trailing stop whose book is another server's, from the marks that its owner has stored.
    async fn trail_view(
        &self,
        order_id: OrderId,
        record: &OrderRecord,
        order: &mut OrderView,
        marks: &mut BTreeMap<AssetId, ReadMarks>,
    ) -> Result<()> {
        if self.trails_elsewhere(record)
            && let Some((mark, trigger)) = self.accounts.trail_now_with(order_id, record, marks).await?
        {
            (order.mark_price, order.trigger_price) = (Some(mark), Some(trigger));
        }
        Ok(())
    }

    fn trails_elsewhere(&self, record: &OrderRecord) -> bool {
        let terms = &record.state.terms;
        record.state.status == OrderStatus::WaitingTrigger
            && terms.trail.is_some()
            && !self.accounts.books.is_open(terms.asset_id)
    }

    /// The account's orders, newest first.
    ///
    /// # Errors
    /// `request.invalid` for a bad limit, offset or cursor; when the account cannot be read.
    pub async fn list(&self, caller: &Caller, query: OrderQuery) -> Result<Page<OrderView>> {
        let filter = Filter {
            asset_id: query.asset_id,
            order_type: query.order_type,
            kind: query.kind,
            side: query.side,
            status: query.status,
            since_us: query.since.map(|time| time.0),
            until_us: query.until.map(|time| time.0),
            updated_since_us: query.updated_since.map(|time| time.0),
        };
        let cursor = query.cursor.as_deref();
        let view = |record: &OrderRecord, order_id| {
            (self.view_now(record, order_id), self.trails_elsewhere(record).then(|| record.clone()))
        };
        let page = self.page(caller, &filter, query.limit, query.offset, cursor, view).await?;
        let (mut data, mut marks) = (Vec::with_capacity(page.data.len()), BTreeMap::new());
        for (mut order, trailing) in page.data {
            if let Some(record) = trailing {
                self.trail_view(order.order_id, &record, &mut order, &mut marks).await?;
            }
            data.push(order);
        }
        Ok(Page { data, has_more: page.has_more, next_cursor: page.next_cursor })
    }

    /// The order behind an item of the list; `None` when it was closed since the list was read.
    async fn record_of(
        &self,
        caller: &Caller,
        filter: &Filter,
        item: &Item,
        order_id: OrderId,
    ) -> Result<Option<OrderRecord>> {
        if filter.prefix() == ORDER_PREFIX {
            return decode(&item.body).map(Some);
        }
        let key = order_key(&caller.account_id, order_id);
        let item = self.accounts.context.environment.table.get(&key).await?;
        item.map(|item| decode(&item.body)).transpose()
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
        // A cursor contains the remaining offset; an offset beside it was that of the first page.
        let mut cursor = match cursor {
            Some(text) => Cursor::read(text)?,
            None => Cursor { after: None, skip: offset },
        };
        let mut found: Vec<(OrderId, OrderRecord)> = Vec::new();
        let mut read = 0;
        let is_skipped = !filter.is_empty() || self.skip(caller, filter, &mut cursor).await?;
        let has_more = !is_skipped
            || loop {
                // One more than the page shows whether there are more; a filter may need any number.
                let wanted = u32::try_from(limit + 1).unwrap_or(READ_AT_ONCE);
                let at_once = if filter.is_empty() { wanted.min(READ_AT_ONCE) } else { READ_AT_ONCE };
                let Some(page) = self.orders_read(caller, filter, cursor.after, at_once).await? else {
                    break false;
                };
                read += page.items.len();
                for item in &page.items {
                    let order_id = id_of(filter.prefix(), &item.key.sk)?;
                    cursor.after = Some(order_id);
                    let Some(record) = self.record_of(caller, filter, item, order_id).await? else {
                        continue;
                    };
                    if filter.wants(&record) {
                        if cursor.skip > 0 {
                            cursor.skip -= 1;
                        } else {
                            found.push((order_id, record));
                        }
                    }
                }
                if found.len() > limit || !page.more {
                    break found.len() > limit;
                }
                if read >= READ_MAX {
                    break true;
                }
                // Between two pieces other requests get their turn, and a request that was given up ends.
                tokio::task::yield_now().await;
            };
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|(order_id, _)| order_id.to_string())
        } else {
            has_more.then(|| cursor.text()).flatten()
        };
        let data = found.into_iter().map(|(order_id, record)| view(&record, order_id)).collect();
        Ok(Page { data, has_more, next_cursor: next })
    }
}

impl Orders {
    /// The next items of a list; none if nothing can follow.
    async fn orders_read(
        &self,
        caller: &Caller,
        filter: &Filter,
        after: Option<OrderId>,
        at_once: u32,
    ) -> Result<Option<QueryPage>> {
        let (first, last) = filter.bounds(after);
        if first > last {
            return Ok(None);
        }
        let query = TableQuery::between(account_pk(&caller.account_id), first, last, at_once).descending();
        Ok(Some(self.accounts.context.environment.table.query(&query).await?))
    }

    /// Passes over the orders that an offset leaves out of a list without a filter. They are counted and not decoded.
    /// Returns false if the request has read enough: its cursor has the rest of the offset.
    async fn skip(&self, caller: &Caller, filter: &Filter, cursor: &mut Cursor) -> Result<bool> {
        for _ in 0..SKIP_PAGES_MAX {
            if cursor.skip == 0 {
                return Ok(true);
            }
            let at_once = cursor.skip.min(SKIP_AT_ONCE);
            let Some(page) = self.orders_read(caller, filter, cursor.after, at_once).await? else {
                return Ok(true);
            };
            let Some(last) = page.items.last() else { return Ok(true) };
            cursor.after = Some(id_of(filter.prefix(), &last.key.sk)?);
            cursor.skip = cursor.skip.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
            // Between two pieces other requests get their turn, and a request that was given up ends.
            tokio::task::yield_now().await;
        }
        Ok(cursor.skip == 0)
    }
}

fn id_of(prefix: &str, sort_key: &str) -> Result<OrderId> {
    sort_key
        .strip_prefix(prefix)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::Internal("an order has no id".to_owned()))
}

/// End of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    /// The last order that was shown or looked at.
    after: Option<OrderId>,
    /// Number of matches still to skip: a page may end before the first one.
    skip: u32,
}

impl Cursor {
    fn read(text: &str) -> Result<Self> {
        let (id, skip) = text.split_once('.').unwrap_or((text, "0"));
        let after = Some(id.parse().map_err(|_| cursor_fault())?);
        let skip = skip.parse().ok().filter(|skip| *skip <= OFFSET_MAX).ok_or_else(cursor_fault)?;
        Ok(Self { after, skip })
    }

    fn text(self) -> Option<String> {
        let id = self.after?;
        Some(if self.skip == 0 { id.to_string() } else { format!("{id}.{}", self.skip) })
    }
}
