//! Reads from the last commit.

use std::ops::Bound;

use cnop_store::{Direction, Item, Key, PageBuilder, QueryPage, ScanPage, StoreError, TableQuery};
use redb::{Database, ReadOnlyTable, ReadableDatabase};

use crate::fault::from_redb;
use crate::open::ITEMS;
use crate::{key, record};

/// Expired items that a page of a scan passes over before it ends early.
const SCAN_EXPIRED_MAX: usize = 10_000;

fn items(database: &Database) -> Result<ReadOnlyTable<&'static [u8], &'static [u8]>, redb::Error> {
    Ok(database.begin_read()?.open_table(ITEMS)?)
}

/// One item that has not expired.
pub(crate) fn get(database: &Database, key: &Key, now_s: i64) -> Result<Option<Item>, StoreError> {
    let bytes = key::encode(key);
    // `get_owned` keeps the snapshot until the record is dropped; `get` would not, and the page could be freed before.
    let record =
        items(database).and_then(|items| Ok(items.get_owned(bytes.as_slice())?)).map_err(from_redb)?;
    let Some(record) = record else { return Ok(None) };
    let item = record::item(&bytes, record.value()).ok_or_else(unreadable)?;
    Ok(Some(item).filter(|item| !item.is_expired(now_s)))
}

/// A page of one partition.
pub(crate) fn query(database: &Database, query: &TableQuery, now_s: i64) -> Result<QueryPage, StoreError> {
    let Some((lower, upper)) = key::bounds(query) else { return Ok(QueryPage::default()) };
    let mut entries = items(database)
        .and_then(|items| {
            let bounds = (lower.as_ref().map(Vec::as_slice), upper.as_ref().map(Vec::as_slice));
            Ok(items.range::<&[u8]>(bounds)?)
        })
        .map_err(from_redb)?;
    let mut page = PageBuilder::new(query.limit);
    loop {
        let entry = match query.direction {
            Direction::Ascending => entries.next(),
            Direction::Descending => entries.next_back(),
        };
        let Some(entry) = entry else { break };
        let (key, record) = entry.map_err(|error| from_redb(error.into()))?;
        let item = record::item(key.value(), record.value()).ok_or_else(unreadable)?;
        if !item.is_expired(now_s) && !page.push(item) {
            return Ok(QueryPage { items: page.into_items(), more: true });
        }
    }
    Ok(QueryPage { items: page.into_items(), more: false })
}

/// A page of everything.
pub(crate) fn scan(
    database: &Database,
    cursor: Option<&Key>,
    limit: u32,
    now_s: i64,
) -> Result<ScanPage, StoreError> {
    let lower = cursor.map(key::encode);
    let lower = lower.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let entries = items(database)
        .and_then(|items| Ok(items.range::<&[u8]>((lower, Bound::Unbounded))?))
        .map_err(from_redb)?;
    let mut page = PageBuilder::new(limit);
    let mut expired = 0;
    let mut last = None;
    for entry in entries {
        let (key, record) = entry.map_err(|error| from_redb(error.into()))?;
        let item = record::item(key.value(), record.value()).ok_or_else(unreadable)?;
        let key = item.key.clone();
        if item.is_expired(now_s) {
            expired += 1;
            if expired == SCAN_EXPIRED_MAX {
                return Ok(ScanPage { items: page.into_items(), cursor: Some(key) });
            }
        } else if !page.push(item) {
            return Ok(ScanPage { items: page.into_items(), cursor: last });
        }
        last = Some(key);
    }
    Ok(ScanPage { items: page.into_items(), cursor: None })
}

fn unreadable() -> StoreError {
    StoreError::corrupt("a stored item cannot be read")
}
