//! The number of parts of spread partitions, as the table itself states it, and the move to another number.
//!
//! A table without a statement is older: its partitions are whole. So such a table is read as it is until
//! `cnop migrate` has moved its items, and `cnop migrate --spread 1` moves them back for an older program.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use cnop_store::{Condition, Item, Key, StoreError, Write};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::DynamoTable;
use crate::attributes::{self, layout_key};
use crate::create::TableError;
use crate::failure::RequestFailure;
use crate::spread::{PARTS_MAX, Spread};

/// Parts of a spread partition in a new table: eight times what one partition of DynamoDB takes.
pub const SPREAD_PARTS: u32 = 8;
/// Schema of the statement's body; the number of parts follows, and 1 while items are being moved.
const SCHEMA: u8 = 1;
/// Items that are moved at once, each by a transaction of two writes.
const MOVES_AT_ONCE: usize = 32;
/// Partition of the items that a server writes before it knows the layout, and of those of readiness.
pub(crate) const CHECK_PARTITION: &str = "VENUE";
/// Items of a page of the table.
const PAGE_ITEMS: i32 = 1_000;

/// A stated layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    parts: u32,
    is_moving: bool,
}

impl Layout {
    fn body(self) -> Bytes {
        let mut body = vec![SCHEMA];
        body.extend(self.parts.to_be_bytes());
        body.push(u8::from(self.is_moving));
        body.into()
    }

    fn read(body: &[u8]) -> Option<Self> {
        let (SCHEMA, rest) = body.split_first().map(|(schema, rest)| (*schema, rest))? else { return None };
        let (parts, rest) = rest.split_first_chunk::<4>()?;
        let parts = u32::from_be_bytes(*parts);
        ((1..=PARTS_MAX).contains(&parts)).then_some(Self { parts, is_moving: rest == [1] })
    }
}

impl DynamoTable {
    /// The rule by which partitions are spread.
    pub(crate) fn spread(&self) -> Spread {
        Spread { prefixes: self.spread_prefixes, parts: self.parts.load(Ordering::Relaxed) }
    }

    /// Reads how the table's partitions are spread. Until then they count as whole.
    ///
    /// # Errors
    /// [`TableError`] when items are being moved, or when DynamoDB does not answer.
    pub async fn layout_load(&self) -> Result<(), TableError> {
        let layout = self.layout().await?;
        if layout.is_some_and(|layout| layout.is_moving) {
            return Err(TableError::Fault(format!(
                "a `cnop migrate` of the DynamoDB table `{}` has not ended; run it again",
                self.table
            )));
        }
        self.parts.store(layout.map_or(1, |layout| layout.parts), Ordering::Relaxed);
        Ok(())
    }

    async fn layout(&self) -> Result<Option<Layout>, TableError> {
        let failed = |error: StoreError| TableError::Failed(error.into());
        let item = self.stored_get(&layout_key()).await.map_err(failed)?;
        let Some(item) = item else { return Ok(None) };
        let unknown = || {
            let table = &self.table;
            TableError::Fault(format!(
                "the DynamoDB table `{table}` has a layout that this version does not know; use a newer one"
            ))
        };
        Layout::read(&item.body).map(Some).ok_or_else(unknown)
    }

    /// States the layout of a table that has none, so that all servers agree on it: spread if the table is empty, whole if it
    /// is older. Then as [`Self::layout_load`].
    ///
    /// # Errors
    /// As [`Self::layout_load`].
    pub async fn layout_settle(&self) -> Result<(), TableError> {
        if self.layout().await?.is_none() {
            let parts = if self.is_empty().await? { SPREAD_PARTS } else { 1 };
            self.layout_create(parts).await?;
        }
        self.layout_load().await
    }

    /// Returns true if the table has no item but those of servers that are starting.
    async fn is_empty(&self) -> Result<bool, TableError> {
        let mut cursor = None;
        loop {
            let page = self.stored_page(cursor).await;
            let (items, next) = page.map_err(|error| TableError::Failed(error.into()))?;
            if items.iter().any(|item| item.key.pk != CHECK_PARTITION) {
                return Ok(false);
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(true);
            }
        }
    }

    /// States the layout of a table that has none.
    async fn layout_create(&self, parts: u32) -> Result<(), TableError> {
        let body = Layout { parts, is_moving: false }.body();
        match self.write(&[Write::put(layout_key(), body, Condition::Absent)]).await {
            // Another server was faster.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(TableError::Failed(error.into())),
        }
    }

    /// Moves the items of spread partitions to this number of parts, and returns how many were moved. Run it while no server
    /// uses the table. After an interruption it goes on; no server starts before it has ended.
    ///
    /// # Errors
    /// [`TableError`] when DynamoDB does not answer, or when something else writes to the table.
    pub async fn layout_move(&self, parts: u32) -> Result<u64, TableError> {
        let parts = parts.clamp(1, PARTS_MAX);
        let before = self.layout().await?;
        let done = Layout { parts, is_moving: false };
        if before == Some(done) || (before.is_none() && parts == 1) {
            return Ok(0);
        }
        let failed = |error: StoreError| TableError::Failed(error.into());
        let state = |layout: Layout| vec![Write::put(layout_key(), layout.body(), Condition::Any)];
        self.write(&state(Layout { is_moving: true, ..done })).await.map_err(failed)?;
        let mut moved = 0;
        let mut cursor = None;
        loop {
            let (items, next) = self.stored_page(cursor).await.map_err(failed)?;
            let moves = items.into_iter().filter_map(|item| self.item_move(item, parts));
            let moves = stream::iter(moves).map(|writes| async move { self.write(&writes).await });
            let ended =
                moves.buffer_unordered(MOVES_AT_ONCE).try_fold(0, |count, ()| async move { Ok(count + 1) });
            moved += ended.await.map_err(failed)?;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        self.write(&state(done)).await.map_err(failed)?;
        self.parts.store(parts, Ordering::Relaxed);
        Ok(moved)
    }

    /// The transaction that moves an item, unless it is where it belongs.
    fn item_move(&self, item: Item, parts: u32) -> Option<Vec<Write>> {
        let spread = Spread { prefixes: self.spread_prefixes, parts };
        if !spread.has_prefix(&item.key.pk) {
            return None;
        }
        // The key of the port has one `#`; a second one is a part of the layout before.
        let pk = match item.key.pk.match_indices('#').nth(1) {
            Some((at, _)) => item.key.pk.get(..at)?,
            None => item.key.pk.as_str(),
        };
        let target = spread.stored(&Key::new(pk, &*item.key.sk));
        if target == item.key {
            return None;
        }
        let delete = Write::delete(item.key.clone(), Condition::Version(item.version));
        Some(vec![delete, Write::Restore(Item { key: target, ..item })])
    }

    async fn stored_page(
        &self,
        cursor: Option<attributes::Attributes>,
    ) -> Result<(Vec<Item>, Option<attributes::Attributes>), StoreError> {
        let request = self.client().scan().table_name(&self.table).consistent_read(true).limit(PAGE_ITEMS);
        let sent = request.set_exclusive_start_key(cursor).send().await;
        let answer = sent.map_err(|error| RequestFailure::new("Scan", &error))?;
        let now_s = self.now_s();
        let mut items = Vec::new();
        for found in answer.items.unwrap_or_default() {
            let item = attributes::item(found)?;
            if !item.is_expired(now_s) {
                items.push(item);
            }
        }
        Ok((items, answer.last_evaluated_key))
    }
}
