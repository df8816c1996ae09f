//! Resolution of commits with an unknown outcome: reload from the table, correct the trigger books, notify
//! listeners.
//!
//! A transaction whose answer is lost may still be committed later. So the account's head is first written
//! once more unchanged. Transactions based on the previous version can then never commit, and the data read
//! afterwards stays valid.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use cnop_domain::{AccountId, AssetId, BookEntryId, OrderId};
use cnop_store::{Condition, StoreError, Write};
use tokio::time::timeout;

use super::queue::WAIT_MAX;
use super::read::{Reads, topic};
use super::state::AccountState;
use super::{ATTEMPTS_MAX, Accounts};
use crate::concurrency::try_join_bounded;
use crate::error::{Error, Result};
use crate::records::{
    AlertIndexItem, BookInterest, TriggerIndexItem, book_alert_key, book_order_key, decode, head_key,
};
use crate::trigger_books::{BookChange, BookChanges, BookEntryKey, PutRight, TriggerBooks};

/// Accounts that are resolved at once: on DynamoDB each waits for the network most of the time.
const ACCOUNTS_AT_ONCE: usize = 16;

/// A pending commit. If it is dropped before its outcome is known, also by a panic, the outcome is recorded as unknown.
/// The displayed size that it holds is not returned then, so that none is used twice.
#[derive(Debug)]
pub(super) struct PendingCommit {
    books: Arc<TriggerBooks>,
    account_id: AccountId,
    places: Vec<(BookEntryKey, bool)>,
    is_known: bool,
}

impl PendingCommit {
    pub(super) fn new(books: Arc<TriggerBooks>, account_id: AccountId, changes: &BookChanges) -> Self {
        Self { books, account_id, places: changes.places(), is_known: false }
    }

    /// The outcome is known, and the books have it.
    pub(super) const fn known(&mut self) {
        self.is_known = true;
    }
}

impl Drop for PendingCommit {
    fn drop(&mut self) {
        if !self.is_known {
            self.books.unknown_outcomes.add(&self.account_id, std::mem::take(&mut self.places));
        }
    }
}

impl Accounts {
    /// Resolves the unknown outcomes and the quarantined entries of all accounts; returns how many accounts are left. One that cannot be
    /// resolved now delays no other.
    pub(crate) async fn unknown_outcomes_resolve(&self) -> usize {
        let waiting = self.books.unknown_outcomes.waiting();
        if waiting.is_empty() {
            return 0;
        }
        let resolved = try_join_bounded(waiting, ACCOUNTS_AT_ONCE, |account_id| {
            let accounts = self.clone();
            async move { Ok(accounts.account_resolve(&account_id).await.err()) }
        });
        match resolved.await.map(|errors| errors.into_iter().flatten().next_back()) {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => tracing::warn!(%error, "what some commits did is not known yet"),
        }
        self.books.unknown_outcomes.waiting().len()
    }

    async fn account_resolve(&self, account_id: &AccountId) -> Result<()> {
        // Who is in the line settles it, too: no account has to be waited for here.
        let turn = timeout(WAIT_MAX, self.queue.enter_always(account_id)).await;
        let _turn = turn.map_err(|_| Error::Contention)??;
        self.own_outcome_resolve(account_id).await?;
        let unknown_outcomes = &self.books.unknown_outcomes;
        for place in unknown_outcomes.quarantined_of(account_id) {
            self.entry_resolve(account_id, place, false).await?;
            unknown_outcomes.quarantined_resolved(account_id, &place);
        }
        Ok(())
    }

    /// Resolves an account's unknown outcome, in its turn, so that no commit comes between reading and correcting.
    pub(super) async fn own_outcome_resolve(&self, account_id: &AccountId) -> Result<()> {
        let unknown_outcomes = &self.books.unknown_outcomes;
        let Some(entries) = unknown_outcomes.of(account_id) else {
            return if unknown_outcomes.is_full() { Err(Error::Unavailable("the table")) } else { Ok(()) };
        };
        // Boxed: nearly no command comes here, and all of them would carry the room for it.
        Box::pin(self.entries_resolve(account_id, &entries)).await
    }

    async fn entries_resolve(
        &self,
        account_id: &AccountId,
        entries: &BTreeMap<BookEntryKey, bool>,
    ) -> Result<()> {
        self.fence(account_id).await?;
        for (place, is_resize) in entries {
            self.entry_resolve(account_id, *place, *is_resize).await?;
        }
        self.books.unknown_outcomes.resolved(account_id, entries);
        // It may have been committed, and no listener was notified then.
        let coordinator = &self.context.environment.coordinator;
        if let Err(error) = coordinator.publish(&topic(account_id), Bytes::new()).await {
            tracing::warn!(%error, "what may have been committed could not be published");
        }
        Ok(())
    }

    /// Writes the head once more as it is, so that no earlier transaction on it can be committed from now on.
    async fn fence(&self, account_id: &AccountId) -> Result<()> {
        let table = &self.context.environment.table;
        for attempt in 1..=ATTEMPTS_MAX {
            // Without a head there is no account, and no commit either.
            let Some(head) = table.get(&head_key(account_id)).await? else { return Ok(()) };
            let same = Write::put(head.key, head.body, Condition::Version(head.version));
            match table.transact(vec![same]).await {
                Err(StoreError::Conflict(_)) => tokio::time::sleep(self.pause(attempt)).await,
                written => return Ok(written?),
            }
        }
        Err(Error::Contention)
    }

    /// Sets an entry to the state of the table. An unreadable item no longer waits: no quote could have an
    /// effect on it.
    async fn entry_resolve(
        &self,
        account_id: &AccountId,
        (asset_id, entry_id): BookEntryKey,
        is_resize: bool,
    ) -> Result<()> {
        // All that a command on it reads, so that it is found out here if one of the items cannot be read.
        let reads = match entry_id {
            BookEntryId::Order(order_id) => Reads::Order(order_id),
            BookEntryId::Alert(alert_id) => Reads::Alert(alert_id),
        };
        let entry = match self.state(account_id, reads).await {
            Ok(state) => entry_of(&state, asset_id, entry_id),
            Err(error) if error.is_unreadable() => {
                let (account_id, id) = (account_id.as_str(), tracing::field::display(entry_id));
                tracing::error!(cause = ?error, account_id, id, "an order or alert cannot be read; no price reaches it");
                None
            }
            Err(error) => return Err(error),
        };
        let waits = entry.is_some();
        match self.books.put_right(entry.unwrap_or(BookChange::Remove { asset_id, entry_id }), is_resize) {
            PutRight::Closed => self.ownership.tell((asset_id, entry_id), account_id),
            // It may have missed quotes.
            PutRight::Same | PutRight::Changed if waits => self.books.recheck(asset_id),
            PutRight::Same | PutRight::Changed => {}
        }
        Ok(())
    }

    /// Sets an entry to the state of the table, in its account's turn, so that no commit of this server comes between
    /// reading and correcting. Returns true if it was different.
    pub(crate) async fn entry_reload(
        &self,
        account_id: &AccountId,
        (asset_id, entry_id): BookEntryKey,
    ) -> Result<bool> {
        let turn = timeout(WAIT_MAX, self.queue.enter_always(account_id)).await;
        let _turn = turn.map_err(|_| Error::Contention)??;
        let entry = match self.index_entry(asset_id, entry_id).await {
            Ok(entry) => entry,
            Err(error) if error.is_unreadable() => {
                let (account_id, id) = (account_id.as_str(), tracing::field::display(entry_id));
                tracing::error!(cause = ?error, account_id, id, "an order or alert cannot be read; no price reaches it");
                None
            }
            Err(error) => return Err(error),
        };
        let put = self.books.put_right(entry.unwrap_or(BookChange::Remove { asset_id, entry_id }), false);
        if put == PutRight::Changed {
            self.books.recheck(asset_id);
        }
        Ok(put == PutRight::Changed)
    }

    /// The entry of an order or alert as the trigger index has it; none when it does not wait.
    async fn index_entry(&self, asset_id: AssetId, entry_id: BookEntryId) -> Result<Option<BookChange>> {
        let table = &self.context.environment.table;
        match entry_id {
            BookEntryId::Order(order_id) => match table.get(&book_order_key(asset_id, order_id)).await? {
                Some(item) => {
                    self.indexed_order(asset_id, order_id, &item.body).await.map(|(_, entry)| entry)
                }
                None => Ok(None),
            },
            BookEntryId::Alert(alert_id) => {
                let item = table.get(&book_alert_key(asset_id, alert_id)).await?;
                let live: Option<AlertIndexItem> = item.map(|item| decode(&item.body)).transpose()?;
                Ok(live.map(|live| live.entry(asset_id, alert_id)))
            }
        }
    }

    /// Owner and entry of an order from its item in the trigger index. Items written before the whole entry was stored
    /// refer to the order.
    pub(crate) async fn indexed_order(
        &self,
        asset_id: AssetId,
        order_id: OrderId,
        body: &[u8],
    ) -> Result<(AccountId, Option<BookChange>)> {
        let TriggerIndexItem { account_id, waits } = decode(body)?;
        let waits = match waits {
            Some(waits) => Some(waits),
            None => {
                let order = self.order(&account_id, order_id).await?;
                let order = order.ok_or_else(|| Error::Internal("a live order is missing".to_owned()))?;
                BookInterest::of(&order.record)
            }
        };
        let entry = waits.map(|waits| waits.entry(asset_id, order_id, account_id.clone()));
        Ok((account_id, entry))
    }
}

/// The entry of an order or alert as it was read; none when it does not wait.
fn entry_of(state: &AccountState<'_>, asset_id: AssetId, entry_id: BookEntryId) -> Option<BookChange> {
    if let Some(alert) = state.alerts.first() {
        let waiting = alert.record.fired.is_none();
        return waiting.then(|| alert.record.live(state.account_id).entry(asset_id, alert.id));
    }
    let order = state.orders.iter().find(|order| BookEntryId::Order(order.id) == entry_id)?;
    BookInterest::of(&order.record).map(|waits| waits.entry(asset_id, order.id, state.account_id.clone()))
}
