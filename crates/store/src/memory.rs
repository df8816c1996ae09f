//! A table in memory, for unit tests of what stands on the port: nothing survives it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_domain::Clock;

use crate::limits::{validate, validate_key, validate_query, validate_scan};
use crate::{
    Direction, FailedCondition, Item, Key, Page, Place, Query, QueryPage, ScanPage, Start, StoreError, Table,
    Write,
};

/// Items in a map behind one lock.
#[derive(Debug)]
pub struct MemoryTable {
    items: Mutex<BTreeMap<Key, Item>>,
    clock: Arc<dyn Clock>,
}

impl MemoryTable {
    /// An empty table; the clock decides what has expired.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { items: Mutex::default(), clock }
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<Key, Item>> {
        let now_s = self.clock.now_us().div_euclid(1_000_000);
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.retain(|_, item| !item.is_expired(now_s));
        items
    }
}

#[async_trait]
impl Table for MemoryTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        validate_key(key)?;
        Ok(self.live().get(key).cloned())
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        validate_query(query)?;
        let start = query.start();
        let items = self.live();
        let mut found: Vec<&Item> = items
            .values()
            .filter(|item| item.key.pk == query.pk && query.range.place(&item.key.sk) == Place::Inside)
            .collect();
        if query.direction == Direction::Descending {
            found.reverse();
        }
        let mut page = Page::new(query.limit);
        let mut more = false;
        for item in found {
            let is_behind = match (start, query.direction) {
                (Start::Edge, _) => true,
                (Start::Nowhere, _) => false,
                (Start::After(after), Direction::Ascending) => item.key.sk.as_str() > after,
                (Start::After(after), Direction::Descending) => item.key.sk.as_str() < after,
            };
            if is_behind && !page.push(item.clone()) {
                more = true;
                break;
            }
        }
        Ok(QueryPage { items: page.into_items(), more })
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        validate(&writes)?;
        let mut items = self.live();
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
        let items = self.live();
        let mut page = Page::new(limit);
        let mut is_full = false;
        for item in items.values().filter(|item| cursor.as_ref().is_none_or(|cursor| item.key > *cursor)) {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryTable;
    use crate::conformance::{Fixture, ManualClock};

    async fn fixture() -> Option<Fixture> {
        let clock = Arc::new(ManualClock::default());
        Some(Fixture::new(Arc::new(MemoryTable::new(clock.clone())), clock, ()))
    }

    crate::conformance_tests!(fixture);
}
