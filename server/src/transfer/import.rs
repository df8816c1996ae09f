//! A file into an empty table.
//!
//! A marker is written first and removed last, and no server uses a table with a marker. An import that was interrupted
//! is repeated with the same file: items that are there as the file has them are left.

use std::io::Read;
use std::time::Duration;

use cnop_store::limits::WRITES_MAX;
use cnop_store::{Condition, FailedCondition, Item, StoreError, Table, Write};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::error::TransferError;
use super::format::ExportReader;
use crate::unfinished_import as marker;

/// Bytes of items in one transaction.
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// Transactions at once.
const BATCHES_AT_ONCE: usize = 8;
/// Attempts of one transaction while the table is busy or away.
const ATTEMPTS_MAX: u32 = 20;
/// The pause after the first attempt; each further one is longer by as much.
const PAUSE: Duration = Duration::from_millis(100);
/// Items that are read at once to see that a table is empty.
const LOOK_ITEMS: u32 = 100;

/// Writes all items of a file that was checked.
pub(super) async fn run<R: Read>(
    table: &dyn Table,
    items: ExportReader<R>,
    checksum: [u8; 32],
) -> Result<(), TransferError> {
    begin(table, checksum).await?;
    stream::iter(Batches { items, next: None, is_ended: false })
        .map(|batch| async { batch_write(table, batch?).await })
        .buffer_unordered(BATCHES_AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    Ok(table.transact(vec![Write::delete(marker::key(), Condition::Present)]).await?)
}

/// Marks an empty table, or finds the marker of the same file.
async fn begin(table: &dyn Table, checksum: [u8; 32]) -> Result<(), TransferError> {
    let body = marker::body(checksum);
    match table.get(&marker::key()).await? {
        Some(item) if item.body == body.as_slice() => return Ok(()),
        Some(_) => return Err(TransferError::OtherImport),
        None => {}
    }
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, LOOK_ITEMS).await?;
        if let Some(item) = page.items.into_iter().find(|item| !marker::is_of_process(&item.key)) {
            return Err(TransferError::NotEmpty(item.key.pk, item.key.sk));
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(table.transact(vec![Write::put(marker::key(), body, Condition::Absent)]).await?)
}

/// The items of a file in parts for one transaction each.
struct Batches<R> {
    items: ExportReader<R>,
    /// The first item of the next part.
    next: Option<Item>,
    is_ended: bool,
}

impl<R: Read> Iterator for Batches<R> {
    type Item = Result<Vec<Item>, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch: Vec<Item> = self.next.take().into_iter().collect();
        let size = |item: &Item| item.key.pk.len() + item.key.sk.len() + item.body.len();
        let mut bytes: usize = batch.iter().map(size).sum();
        while !self.is_ended && batch.len() < WRITES_MAX {
            match self.items.next() {
                Ok(Some(item)) if bytes + size(&item) > BATCH_BYTES_MAX && !batch.is_empty() => {
                    self.next = Some(item);
                    break;
                }
                Ok(Some(item)) => {
                    bytes += size(&item);
                    batch.push(item);
                }
                Ok(None) => self.is_ended = true,
                Err(error) => {
                    self.is_ended = true;
                    return Some(Err(error.into()));
                }
            }
        }
        (!batch.is_empty()).then_some(Ok(batch))
    }
}

/// Writes the items that are not there yet.
async fn batch_write(table: &dyn Table, mut batch: Vec<Item>) -> Result<(), TransferError> {
    let mut attempt = 0;
    while !batch.is_empty() {
        let writes = batch.iter().cloned().map(Write::Restore).collect();
        match table.transact(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict(failed)) if !failed.is_empty() => present_remove(&mut batch, failed)?,
            // An unknown outcome is one of these: what was written is found by the next attempt.
            Err(StoreError::Busy | StoreError::CircuitOpen { .. } | StoreError::Unavailable(_))
                if attempt < ATTEMPTS_MAX =>
            {
                attempt += 1;
                tokio::time::sleep(PAUSE * attempt).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Removes the items that the table has already, exactly as the file has them.
fn present_remove(batch: &mut Vec<Item>, failed: Vec<FailedCondition>) -> Result<(), TransferError> {
    for FailedCondition { index, current } in failed.into_iter().rev() {
        let Some(item) = batch.get(index) else { continue };
        if current.as_ref() != Some(item) {
            return Err(TransferError::Differs(item.key.pk.clone(), item.key.sk.clone()));
        }
        batch.remove(index);
    }
    Ok(())
}
