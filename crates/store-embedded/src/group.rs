//! Group commit: several transactions in one redb commit.

use std::collections::BTreeMap;

use bytes::Bytes;
use cnop_store::{FailedCondition, Item, StoreError, Write};
use redb::{Database, Durability, ReadableTable, Table};

use crate::key;
use crate::open::{EXPIRIES, ITEMS};
use crate::record::{self, Header};

/// Expired items that one commit removes at most: old ones go while new ones come, and no commit waits long.
const SWEEP_ITEMS_MAX: usize = 64;

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

/// Commits every valid transaction and returns one result for each, in order. An error means an unknown
/// outcome for all of them.
pub(crate) fn commit(
    database: &Database,
    transactions: Vec<Vec<Write>>,
    now_s: i64,
) -> Result<Vec<Result<(), StoreError>>, redb::Error> {
    let mut write = database.begin_write()?;
    write.set_durability(Durability::Immediate)?;
    let mut items = write.open_table(ITEMS)?;
    let mut group = Group { items: &items, changes: BTreeMap::new(), now_s };
    let answers = transactions
        .into_iter()
        .map(|writes| group.transact(writes))
        .collect::<Result<Vec<_>, redb::Error>>()?;
    let changes = group.changes;
    if changes.is_empty() {
        drop(items);
        write.abort()?;
        return Ok(answers);
    }
    let mut expiries = write.open_table(EXPIRIES)?;
    changes_apply(&mut items, &mut expiries, changes)?;
    expired_sweep(&mut items, &mut expiries, now_s)?;
    drop(items);
    drop(expiries);
    write.commit()?;
    Ok(answers)
}

impl Group<'_, '_> {
    /// Checks one transaction; only an accepted one leaves something in `changes`.
    fn transact(&mut self, writes: Vec<Write>) -> Result<Result<(), StoreError>, redb::Error> {
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
        for (write, ItemState { key, stored, version }) in writes.into_iter().zip(seen) {
            let next = match write {
                Write::Put { body, expires_at, .. } => {
                    let version = version.unwrap_or(0).saturating_add(1);
                    Some((Header { version, expires_at }, body))
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

fn changes_apply(
    items: &mut Items<'_>,
    expiries: &mut Expiries<'_>,
    changes: BTreeMap<Vec<u8>, ItemChange>,
) -> Result<(), redb::Error> {
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
        }
    }
    for (at, keys) in expiring {
        expiries_append(expiries, at, &keys)?;
    }
    Ok(())
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

/// Removes the items that expired first. An entry whose item is gone or has another expiry is only dropped.
fn expired_sweep(items: &mut Items<'_>, expiries: &mut Expiries<'_>, now_s: i64) -> Result<(), redb::Error> {
    let mut expired = Vec::new();
    for entry in expiries.range(..=(now_s, u64::MAX))?.take(SWEEP_ITEMS_MAX) {
        let (entry, key) = entry?;
        expired.push((entry.value(), key.value().to_vec()));
    }
    for ((at, number), key) in expired {
        expiries.remove((at, number))?;
        let stored = items.get(key.as_slice())?.map(|record| header(record.value())).transpose()?;
        if stored.is_some_and(|stored| stored.expires_at == Some(at)) {
            items.remove(key.as_slice())?;
        }
    }
    Ok(())
}

fn header(record: &[u8]) -> Result<Header, redb::Error> {
    record::decode(record).map(|(header, _)| header).ok_or_else(too_short)
}

fn too_short() -> redb::Error {
    redb::Error::Corrupted("a record is shorter than its header".to_owned())
}

#[cfg(test)]
mod tests {
    use cnop_store::{Condition, Key, StoreError, Write};
    use redb::{ReadableDatabase, ReadableTableMetadata};

    use super::{SWEEP_ITEMS_MAX, commit};
    use crate::open::{EXPIRIES, EmbeddedOptions, ITEMS, StoreFile};

    fn put(sk: &str, condition: Condition) -> Write {
        Write::put(Key::new("p", sk), "body", condition)
    }

    fn counts(database: &redb::Database) -> (u64, u64) {
        let read = database.begin_read().unwrap();
        (read.open_table(ITEMS).unwrap().len().unwrap(), read.open_table(EXPIRIES).unwrap().len().unwrap())
    }

    /// Each transaction sees the earlier ones of its group. A refused one has no effect.
    #[test]
    fn a_group_is_a_sequence() {
        let directory = tempfile::tempdir().unwrap();
        let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
        let database = file.database().unwrap();
        let answers = commit(
            &database,
            vec![
                vec![put("a", Condition::Absent)],
                vec![put("b", Condition::Absent), put("a", Condition::Absent)],
                vec![put("a", Condition::Version(1)), put("c", Condition::Absent)],
                vec![Write::delete(Key::new("p", "c"), Condition::Version(1))],
                vec![Write::check(Key::new("p", "c"), Condition::Absent), put("b", Condition::Absent)],
                vec![put("c", Condition::Absent)],
            ],
            0,
        )
        .unwrap();
        let Err(StoreError::Conflict(failed)) = &answers[1] else { panic!("{:?}", answers[1]) };
        assert_eq!(failed.len(), 1);
        let current = failed[0].current.as_ref().unwrap();
        assert_eq!((failed[0].index, &current.key, current.version), (1, &Key::new("p", "a"), 1));
        assert!(
            answers.iter().enumerate().all(|(index, answer)| index == 1 || answer.is_ok()),
            "{answers:?}"
        );
        assert_eq!(counts(&database), (3, 0));
    }

    /// Expired items leave the file with later commits, a bounded number with each.
    #[test]
    fn the_expired_leave_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
        let database = file.database().unwrap();
        let many = SWEEP_ITEMS_MAX + 5;
        for index in 0..many {
            let key = Key::new("p", format!("short {index}"));
            let write = Write::put_expiring(key, "body", 100, Condition::Absent);
            commit(&database, vec![vec![write]], 0).unwrap()[0].as_ref().unwrap();
        }
        let kept = |at, condition| Write::put_expiring(Key::new("p", "kept"), "body", at, condition);
        commit(&database, vec![vec![kept(50, Condition::Absent)]], 0).unwrap();
        commit(&database, vec![vec![kept(1_000, Condition::Version(1))]], 0).unwrap();
        let many = u64::try_from(many).unwrap();
        assert_eq!(counts(&database), (many + 1, many + 2));
        commit(&database, vec![vec![put("x", Condition::Any)]], 99).unwrap();
        assert_eq!(counts(&database), (many + 2, many + 1));
        commit(&database, vec![vec![put("x", Condition::Any)]], 100).unwrap();
        assert_eq!(counts(&database), (7, 6));
        commit(&database, vec![vec![put("x", Condition::Any)]], 100).unwrap();
        assert_eq!(counts(&database), (2, 1));
    }
}
