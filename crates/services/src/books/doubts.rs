//! Entries that may not be what the table says: those of commits whose end nobody knows, and those whose work failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::{AccountId, AssetId};
use tokio::sync::Notify;

/// Accounts in doubt at most: a table that is away for long must not fill the memory. Each has what one commit
/// changes, because its next command waits until that is known.
const ACCOUNTS_MAX: usize = 100_000;

/// An entry of a book that may not be what the table says: its asset, and the 128 bits of an order's or an alert's id.
pub(crate) type Doubt = (AssetId, u128);

/// What is to be read from the table again.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    /// The accounts of which nobody knows whether their last commit was done, each with the entries that it may have
    /// changed, and with whether it can have made them smaller only.
    accounts: Mutex<BTreeMap<AccountId, BTreeMap<Doubt, bool>>>,
    /// Entries whose work cannot be done. Only the background puts them right, once in a while: what goes wrong each
    /// time must not do so as often as its owner sends commands.
    held: Mutex<BTreeMap<AccountId, BTreeSet<Doubt>>>,
    added: Notify,
}

impl Doubts {
    /// Remembers that an account's last commit may have been done or not.
    pub(crate) fn add(&self, account_id: &AccountId, places: Vec<(Doubt, bool)>) {
        let mut accounts = self.accounts();
        let entries = accounts.entry(account_id.clone()).or_default();
        for (place, is_resize) in places {
            entries.entry(place).and_modify(|before| *before &= is_resize).or_insert(is_resize);
        }
        self.added.notify_one();
    }

    /// Remembers an entry that no quote reaches until it is put right.
    pub(crate) fn hold(&self, account_id: &AccountId, place: Doubt) {
        self.held().entry(account_id.clone()).or_default().insert(place);
        self.added.notify_one();
    }

    /// Returns when something has come into doubt since it was asked last.
    pub(crate) async fn added(&self) {
        self.added.notified().await;
    }

    /// Whether so much is in doubt that nothing may be added before some of it is known.
    pub(crate) fn is_full(&self) -> bool {
        self.accounts().len() >= ACCOUNTS_MAX
    }

    /// All accounts of which something is to be read.
    pub(crate) fn waiting(&self) -> BTreeSet<AccountId> {
        let mut waiting: BTreeSet<AccountId> = self.accounts().keys().cloned().collect();
        waiting.extend(self.held().keys().cloned());
        waiting
    }

    pub(crate) fn of(&self, account_id: &AccountId) -> Option<BTreeMap<Doubt, bool>> {
        self.accounts().get(account_id).cloned()
    }

    pub(crate) fn held_of(&self, account_id: &AccountId) -> BTreeSet<Doubt> {
        self.held().get(account_id).cloned().unwrap_or_default()
    }

    pub(crate) fn settled(&self, account_id: &AccountId, entries: &BTreeMap<Doubt, bool>) {
        let mut accounts = self.accounts();
        if let Some(left) = accounts.get_mut(account_id) {
            left.retain(|entry, _| !entries.contains_key(entry));
            if left.is_empty() {
                accounts.remove(account_id);
            }
        }
    }

    pub(crate) fn held_settled(&self, account_id: &AccountId, place: &Doubt) {
        let mut held = self.held();
        if let Some(left) = held.get_mut(account_id) {
            left.remove(place);
            if left.is_empty() {
                held.remove(account_id);
            }
        }
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<AccountId, BTreeMap<Doubt, bool>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<AccountId, BTreeSet<Doubt>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
