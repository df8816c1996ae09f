//! Group commit: several transactions in one redb commit.

use std::cell::Cell;
use std::collections::BTreeMap;

use bytes::Bytes;
use cnop_store::{FailedCondition, Item, StoreError, Write};
use redb::{Database, Durability, ReadableTable, Table};

use crate::key;
use crate::open::{EXPIRIES, ITEMS};
use crate::record::{self, Header};

/// Expired items that a commit removes at least, if there are so many: old ones go while new ones come.
const SWEEP_ITEMS_MIN: usize = 64;
/// Expired items that one commit removes at most: some 10 ms of work, so that no commit waits long.
pub(crate) const SWEEP_ITEMS_MAX: usize = 2_048;
/// Expired items that leave for each expiring one that comes: so a backlog shrinks under any load.
const SWEEP_PER_WRITE: usize = 2;

type Items<'txn> = Table<'txn, &'static [u8], &'static [u8]>;
type Expiries<'txn> = Table<'txn, (i64, u64), &'static [u8]>;

/// An item that this group writes.
#[derive(Debug)]
struct ItemChange {
    /// As it is in the file.
    stored: Option<Header>,
    /// As it will be.
    next: Option<(Header, Bytes)>,
}

/// A transaction's view of one item.
struct ItemState {
    key: Vec<u8>,
    /// As it is in the file, expired or not.
    stored: Option<Header>,
    /// Version after the earlier transactions of this group; `None` if the item is absent.
    version: Option<u64>,
}

/// The state as the group's accepted transactions leave it, over the state of the file.
struct Group<'table, 'txn> {
    items: &'table Items<'txn>,
    changes: BTreeMap<Vec<u8>, ItemChange>,
    now_s: i64,
}

/// CommitStage of a commit. Before the last one, nothing of it is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitStage {
    /// Transactions are checked and applied.
    Applying,
    /// Expired items are removed.
    Sweeping,
    /// It is written to the disk.
    Committing,
}

/// Commits every valid transaction and returns one result for each, in order. An error after stage `Committing` began
/// means an unknown outcome for all of them.
pub(crate) fn commit(
    database: &Database,
    transactions: &[Vec<Write>],
    now_s: i64,
    sweeps: bool,
    stage: &Cell<CommitStage>,
) -> Result<Vec<Result<(), StoreError>>, redb::Error> {
    stage.set(CommitStage::Applying);
    let mut write = database.begin_write()?;
    write.set_durability(Durability::Immediate)?;
    let mut items = write.open_table(ITEMS)?;
    let mut group = Group { items: &items, changes: BTreeMap::new(), now_s };
    let answers =
        transactions.iter().map(|writes| group.transact(writes)).collect::<Result<Vec<_>, redb::Error>>()?;
    let changes = group.changes;
    if changes.is_empty() {
        drop(items);
        write.abort()?;
        return Ok(answers);
    }
    let mut expiries = write.open_table(EXPIRIES)?;
    let expiring = changes_apply(&mut items, &mut expiries, changes)?;
    if sweeps {
        stage.set(CommitStage::Sweeping);
        let count = expiring.saturating_mul(SWEEP_PER_WRITE).clamp(SWEEP_ITEMS_MIN, SWEEP_ITEMS_MAX);
        expired_sweep(&mut items, &mut expiries, now_s, count)?;
    }
    drop(items);
    drop(expiries);
    stage.set(CommitStage::Committing);
    write.commit()?;
    Ok(answers)
}

/// Removes expired items in a commit of their own, and returns how many entries left the list.
pub(crate) fn sweep(database: &Database, now_s: i64) -> Result<usize, redb::Error> {
    let mut write = database.begin_write()?;
    write.set_durability(Durability::Immediate)?;
    let mut items = write.open_table(ITEMS)?;
    let mut expiries = write.open_table(EXPIRIES)?;
    let removed = expired_sweep(&mut items, &mut expiries, now_s, SWEEP_ITEMS_MAX)?;
    drop(items);
    drop(expiries);
    if removed == 0 {
        write.abort()?
    } else {
        write.commit()?
    }
    Ok(removed)
}

impl Group<'_, '_> {
    /// Checks one transaction; only an accepted one leaves something in `changes`.
    fn transact(&mut self, writes: &[Write]) -> Result<Result<(), StoreError>, redb::Error> {
        let mut seen = Vec::with_capacity(writes.len());
        let mut failed = Vec::new();
        for (index, write) in writes.iter().enumerate() {
            let item = self.look(key::encode(write.key()))?;
            if !write.condition().holds(item.version) {
                let current = if item.version.is_some() { self.item(&item.key)? } else { None };
                failed.push(FailedCondition { index, current });
            }
            seen.push(item);
        }
        if !failed.is_empty() {
            return Ok(Err(StoreError::Conflict(failed)));
        }
        for (write, ItemState { key, stored, version }) in writes.iter().zip(seen) {
            let next = match write {
                Write::Put { body, expires_at, .. } => {
                    let version = version.unwrap_or(0).saturating_add(1);
                    Some((Header { version, expires_at: *expires_at }, body.clone()))
                }
                Write::Restore(Item { version, expires_at, body, .. }) => {
                    Some((Header { version: *version, expires_at: *expires_at }, body.clone()))
                }
                Write::Delete { .. } => None,
                Write::Check { .. } => continue,
            };
            if stored.is_some() || next.is_some() || self.changes.contains_key(&key) {
                self.changes.insert(key, ItemChange { stored, next });
            }
        }
        Ok(Ok(()))
    }

    fn look(&self, key: Vec<u8>) -> Result<ItemState, redb::Error> {
        let (stored, next) = match self.changes.get(&key) {
            Some(change) => (change.stored, change.next.as_ref().map(|(header, _)| *header)),
            None => {
                let stored = self.items.get(key.as_slice())?;
                let stored = stored.map(|record| header(record.value())).transpose()?;
                (stored, stored)
            }
        };
        let version = next.filter(|header| !header.is_expired(self.now_s)).map(|header| header.version);
        Ok(ItemState { key, stored, version })
    }

    fn item(&self, bytes: &[u8]) -> Result<Option<Item>, redb::Error> {
        match self.changes.get(bytes) {
            Some(ItemChange { next, .. }) => Ok(next.as_ref().and_then(|(header, body)| {
                Some(Item {
                    key: key::decode(bytes)?,
                    version: header.version,
                    expires_at: header.expires_at,
                    body: body.clone(),
                })
            })),
            None => match self.items.get(bytes)? {
                Some(record) => Ok(Some(record::item(bytes, record.value()).ok_or_else(too_short)?)),
                None => Ok(None),
            },
        }
    }
}

/// Writes the changes, and returns the number of items that will expire.
fn changes_apply(
    items: &mut Items<'_>,
    expiries: &mut Expiries<'_>,
    changes: BTreeMap<Vec<u8>, ItemChange>,
) -> Result<usize, redb::Error> {
    let mut count = 0_usize;
    let mut buffer = Vec::new();
    let mut expiring: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
    for (key, ItemChange { stored, next }) in changes {
        let Some((header, body)) = next else {
            items.remove(key.as_slice())?;
            continue;
        };
        items.insert(key.as_slice(), record::encode(&mut buffer, &header, &body))?;
        if let Some(at) = header.expires_at
            && stored.and_then(|stored| stored.expires_at) != Some(at)
        {
            expiring.entry(at).or_default().push(key);
            count = count.saturating_add(1);
        }
    }
    for (at, keys) in expiring {
        expiries_append(expiries, at, &keys)?;
    }
    Ok(count)
}

/// Appends the keys to the list of items with the same expiry, so that they share few pages.
fn expiries_append(expiries: &mut Expiries<'_>, at: i64, keys: &[Vec<u8>]) -> Result<(), redb::Error> {
    let last = expiries.range((at, 0)..=(at, u64::MAX))?.next_back().transpose()?;
    let first_free = last.map_or(0, |(entry, _)| entry.value().1.saturating_add(1));
    for (number, key) in (first_free..).zip(keys) {
        expiries.insert((at, number), key.as_slice())?;
    }
    Ok(())
}

/// Removes the items that expired first, and returns the number of entries. An entry whose item is gone or has another
/// expiry is only dropped.
fn expired_sweep(
    items: &mut Items<'_>,
    expiries: &mut Expiries<'_>,
    now_s: i64,
    count: usize,
) -> Result<usize, redb::Error> {
    let mut expired = Vec::new();
    for entry in expiries.range(..=(now_s, u64::MAX))?.take(count) {
        let (entry, key) = entry?;
        expired.push((entry.value(), key.value().to_vec()));
    }
    let removed = expired.len();
    for ((at, number), key) in expired {
        expiries.remove((at, number))?;
        let stored = items.get(key.as_slice())?.map(|record| header(record.value())).transpose()?;
        if stored.is_some_and(|stored| stored.expires_at == Some(at)) {
            items.remove(key.as_slice())?;
        }
    }
    Ok(removed)
}

fn header(record: &[u8]) -> Result<Header, redb::Error> {
    record::decode(record).map(|(header, _)| header).ok_or_else(too_short)
}

fn too_short() -> redb::Error {
    redb::Error::Corrupted("a record is shorter than its header".to_owned())
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
