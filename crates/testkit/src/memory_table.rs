//! The table port on a map in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_domain::Clock;
use cnop_store::{
    Direction, FailedCondition, Item, Key, PageBuilder, QueryPage, QueryStart, RangePosition, ScanPage,
    SortKeyRange, StoreError, Table, TableQuery, Write, validate, validate_key, validate_query,
    validate_scan,
};

/// The part of the map that a query can match; `None` when it starts behind its end.
fn bounds(query: &TableQuery) -> Option<(Bound<Key>, Bound<Key>)> {
    let lowest = match &query.range {
        SortKeyRange::Prefix(prefix) => prefix.as_str(),
        SortKeyRange::Between { from, .. } => from.as_deref().unwrap_or_default(),
    };
    let key = |sk: &str| Key::new(query.pk.as_str(), sk);
    // No key has a NUL: this lies behind the whole partition.
    let end = Bound::Excluded(Key::new(format!("{}\0", query.pk), ""));
    match (query.start(), query.direction) {
        (QueryStart::Nowhere, _) => None,
        (QueryStart::Edge, _) => Some((Bound::Included(key(lowest)), end)),
        (QueryStart::After(after), Direction::Ascending) => Some((Bound::Excluded(key(after)), end)),
        (QueryStart::After(after), Direction::Descending) => {
            Some((Bound::Included(key(lowest)), Bound::Excluded(key(after))))
        }
    }
}

/// A table on a map behind one lock. Its items live as long as the value.
#[derive(Debug)]
pub struct MemoryTable {
    items: Mutex<BTreeMap<Key, Item>>,
    clock: Arc<dyn Clock>,
}

impl MemoryTable {
    /// An empty table. The clock decides which items have expired.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { items: Mutex::default(), clock }
    }

    fn items(&self) -> MutexGuard<'_, BTreeMap<Key, Item>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_s(&self) -> i64 {
        self.clock.now_us().div_euclid(1_000_000)
    }
}

#[async_trait]
impl Table for MemoryTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        validate_key(key)?;
        let now_s = self.now_s();
        Ok(self.items().get(key).filter(|item| !item.is_expired(now_s)).cloned())
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        validate_query(query)?;
        let now_s = self.now_s();
        let items = self.items();
        let is_descending = query.direction == Direction::Descending;
        let Some(bounds) = bounds(query) else { return Ok(QueryPage::default()) };
        let range = items.range(bounds);
        let ordered: Box<dyn Iterator<Item = (&Key, &Item)>> =
            if is_descending { Box::new(range.rev()) } else { Box::new(range) };
        let place = |key: &Key| query.range.place(&key.sk);
        let found = ordered
            .skip_while(|(key, _)| is_descending && place(key) == RangePosition::Above)
            .take_while(|(key, _)| place(key) == RangePosition::Inside)
            .filter(|(_, item)| !item.is_expired(now_s));
        let mut page = PageBuilder::new(query.limit);
        let mut more = false;
        for (_, item) in found {
            if !page.push(item.clone()) {
                more = true;
                break;
            }
        }
        Ok(QueryPage { items: page.into_items(), more })
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        validate(&writes)?;
        let now_s = self.now_s();
        let mut items = self.items();
        for write in &writes {
            if items.get(write.key()).is_some_and(|item| item.is_expired(now_s)) {
                items.remove(write.key());
            }
        }
        let failed: Vec<FailedCondition> = writes
            .iter()
            .enumerate()
            .filter_map(|(index, write)| {
                let current = items.get(write.key());
                let holds = write.condition().holds(current.map(|item| item.version));
                (!holds).then(|| FailedCondition { index, current: current.cloned() })
            })
            .collect();
        if !failed.is_empty() {
            return Err(StoreError::Conflict(failed));
        }
        for write in writes {
            match write {
                Write::Put { key, body, expires_at, .. } => {
                    let version = items.get(&key).map_or(0, |item| item.version) + 1;
                    items.insert(key.clone(), Item { key, version, expires_at, body });
                }
                Write::Restore(item) => {
                    items.insert(item.key.clone(), item);
                }
                Write::Delete { key, .. } => {
                    items.remove(&key);
                }
                Write::Check { .. } => {}
            }
        }
        Ok(())
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        validate_scan(segment, segments, cursor.as_ref(), limit)?;
        if segment > 0 {
            return Ok(ScanPage::default());
        }
        let now_s = self.now_s();
        let items = self.items();
        let mut page = PageBuilder::new(limit);
        let mut is_full = false;
        let start = cursor.map_or(Bound::Unbounded, Bound::Excluded);
        for (_, item) in items.range((start, Bound::Unbounded)).filter(|(_, item)| !item.is_expired(now_s)) {
            if !page.push(item.clone()) {
                is_full = true;
                break;
            }
        }
        let items = page.into_items();
        let cursor = if is_full { items.last().map(|item| item.key.clone()) } else { None };
        Ok(ScanPage { items, cursor })
    }
}
