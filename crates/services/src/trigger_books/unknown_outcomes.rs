//! Entries that may differ from the table: those of commits with an unknown outcome, and those in quarantine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::{AccountId, AssetId, BookEntryId};
use tokio::sync::Notify;

/// Maximum number of accounts with an unknown outcome, so that a long outage of the table does not fill the
/// memory. Each has the changes of one commit, because its next command waits for the resolution.
const ACCOUNTS_MAX: usize = 100_000;

/// The key of a book entry.
pub(crate) type BookEntryKey = (AssetId, BookEntryId);

/// The entries to reload from the table.
#[derive(Debug, Default)]
pub(crate) struct UnknownOutcomes {
    /// Accounts whose last commit has an unknown outcome, each with the entries it may have changed. The flag
    /// says that it can only have reduced the entry.
    accounts: Mutex<BTreeMap<AccountId, BTreeMap<BookEntryKey, bool>>>,
    /// Quarantined entries. Only the background task reloads them, at intervals: a job that fails every time
    /// must not be retried with every command of its owner.
    quarantined: Mutex<BTreeMap<AccountId, BTreeSet<BookEntryKey>>>,
    added: Notify,
}

impl UnknownOutcomes {
    /// Records that an account's last commit has an unknown outcome.
    pub(crate) fn add(&self, account_id: &AccountId, places: Vec<(BookEntryKey, bool)>) {
        let mut accounts = self.accounts();
        let entries = accounts.entry(account_id.clone()).or_default();
        for (place, is_resize) in places {
            entries.entry(place).and_modify(|before| *before &= is_resize).or_insert(is_resize);
        }
        self.added.notify_one();
    }

    /// Records an entry in quarantine.
    pub(crate) fn quarantine(&self, account_id: &AccountId, place: BookEntryKey) {
        self.quarantined().entry(account_id.clone()).or_default().insert(place);
        self.added.notify_one();
    }

    /// Makes [`UnknownOutcomes::added`] return for what is there already.
    pub(crate) fn wake(&self) {
        self.added.notify_one();
    }

    /// Returns when an entry has been added since the last call.
    pub(crate) async fn added(&self) {
        self.added.notified().await;
    }

    /// Returns true if no more may be added before some are resolved.
    pub(crate) fn is_full(&self) -> bool {
        self.accounts().len() >= ACCOUNTS_MAX
    }

    /// Number of accounts with an unknown outcome.
    pub(crate) fn accounts_len(&self) -> usize {
        self.accounts().len()
    }

    /// Number of entries in quarantine.
    pub(crate) fn quarantined_len(&self) -> usize {
        self.quarantined().values().map(BTreeSet::len).sum()
    }

    /// All accounts of which something is to be read.
    pub(crate) fn waiting(&self) -> BTreeSet<AccountId> {
        let mut waiting: BTreeSet<AccountId> = self.accounts().keys().cloned().collect();
        waiting.extend(self.quarantined().keys().cloned());
        waiting
    }

    pub(crate) fn of(&self, account_id: &AccountId) -> Option<BTreeMap<BookEntryKey, bool>> {
        self.accounts().get(account_id).cloned()
    }

    pub(crate) fn quarantined_of(&self, account_id: &AccountId) -> BTreeSet<BookEntryKey> {
        self.quarantined().get(account_id).cloned().unwrap_or_default()
    }

    pub(crate) fn resolved(&self, account_id: &AccountId, entries: &BTreeMap<BookEntryKey, bool>) {
        let mut accounts = self.accounts();
        if let Some(left) = accounts.get_mut(account_id) {
            left.retain(|entry, _| !entries.contains_key(entry));
            if left.is_empty() {
                accounts.remove(account_id);
            }
        }
    }

    pub(crate) fn quarantined_resolved(&self, account_id: &AccountId, place: &BookEntryKey) {
        let mut quarantined = self.quarantined();
        if let Some(left) = quarantined.get_mut(account_id) {
            left.remove(place);
            if left.is_empty() {
                quarantined.remove(account_id);
            }
        }
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<AccountId, BTreeMap<BookEntryKey, bool>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quarantined(&self) -> MutexGuard<'_, BTreeMap<AccountId, BTreeSet<BookEntryKey>>> {
        self.quarantined.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
