//! The outbox: changes of books that other servers own, until they are published.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::message::{ChangedEntry, ENTRIES_MAX, ShardMessage};
use super::shard::{ALL_SHARDS, BookShard};

/// Changes of one shard that wait at most. Beyond them its owner is asked to compare everything.
const WAITING_MAX: usize = 8 * ENTRIES_MAX;

/// Changes that are not published yet, bounded for each shard.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Mutex<[ShardChanges; ALL_SHARDS]>,
    added: Notify,
}

#[derive(Debug, Default)]
struct ShardChanges {
    entries: BTreeSet<ChangedEntry>,
    /// Some change was not kept or not published.
    reconcile: bool,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { waiting: Mutex::new(std::array::from_fn(|_| ShardChanges::default())), added: Notify::new() }
    }
}

impl Outbox {
    /// Adds a change.
    pub(crate) fn add(&self, shard: BookShard, entry: ChangedEntry) {
        if let Some(changes) = self.waiting().get_mut(shard.index()) {
            if changes.entries.len() < WAITING_MAX {
                changes.entries.insert(entry);
            } else {
                changes.entries.clear();
                changes.reconcile = true;
            }
        }
        self.added.notify_one();
    }

    /// Remembers that the shard's owner may have missed something.
    pub(crate) fn unpublished(&self, shard: BookShard) {
        if let Some(changes) = self.waiting().get_mut(shard.index()) {
            changes.reconcile = true;
        }
    }

    /// Waits for a change.
    pub(crate) async fn added(&self) {
        self.added.notified().await;
    }

    /// Takes the messages to publish.
    pub(crate) fn take(&self) -> Vec<(BookShard, ShardMessage)> {
        let mut messages = Vec::new();
        for (shard, changes) in BookShard::all().zip(self.waiting().iter_mut()) {
            if std::mem::take(&mut changes.reconcile) {
                changes.entries.clear();
                messages.push((shard, ShardMessage::Reconcile));
            }
            let mut entries = std::mem::take(&mut changes.entries).into_iter();
            loop {
                let some: Vec<_> = entries.by_ref().take(ENTRIES_MAX).collect();
                if some.is_empty() {
                    break;
                }
                messages.push((shard, ShardMessage::Entries(some)));
            }
        }
        messages
    }

    fn waiting(&self) -> MutexGuard<'_, [ShardChanges; ALL_SHARDS]> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::{BookEntryId, OrderId};

    use super::*;

    fn entry(number: usize) -> ChangedEntry {
        let order_id = OrderId::from_bits(u128::try_from(number).unwrap());
        let account_id = "acc_00000000000000000000000001".parse().unwrap();
        ChangedEntry { asset_id: "BTC".parse().unwrap(), entry_id: BookEntryId::Order(order_id), account_id }
    }

    #[test]
    fn changes_are_coalesced_and_cut_into_messages() {
        let (outbox, shard) = (Outbox::default(), BookShard::all().nth(3).unwrap());
        for number in 0..=ENTRIES_MAX {
            outbox.add(shard, entry(number));
            outbox.add(shard, entry(number));
        }
        let messages = outbox.take();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[1], (shard, ShardMessage::Entries(vec![entry(ENTRIES_MAX)])));
        assert_eq!(outbox.take(), []);
    }

    /// Without a bound a coordinator that is away would fill the memory.
    #[test]
    fn what_is_too_much_becomes_one_request_to_compare() {
        let (outbox, shard) = (Outbox::default(), BookShard::all().next().unwrap());
        for number in 0..=WAITING_MAX {
            outbox.add(shard, entry(number));
        }
        assert_eq!(outbox.take(), [(shard, ShardMessage::Reconcile)]);
        outbox.add(shard, entry(1));
        outbox.unpublished(shard);
        assert_eq!(outbox.take(), [(shard, ShardMessage::Reconcile)]);
    }
}
