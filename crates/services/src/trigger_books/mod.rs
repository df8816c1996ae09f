//! The trigger books of all assets, in memory, with the remaining displayed size of each quote.
//!
//! The table is the source of truth. A server has the books of the shards that it owns; the others are closed and
//! empty. A book contains the last commits and is rebuilt from the table when its shard is acquired. A wrong entry is
//! detected when its order is read, and corrected.

mod book_state;
mod change;
mod opening;
mod shares;
mod unknown_outcomes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::book::{Dispatched, Interest, Resting, TickResult, TriggerBook};
use cnop_domain::{AccountId, AssetId, BookEntryId, Price, Quantity, Quote, Side, TradingRules};
use cnop_market::Catalogue;
use tokio::sync::Notify;

use book_state::BookState;
pub(crate) use book_state::UnstoredMarks;
pub(crate) use change::{BookChange, BookChanges, DisplayedSizeHold};
use change::{HoldOrigin, waits_alike};
pub(crate) use shares::DisplayedShares;
pub(crate) use unknown_outcomes::{BookEntryKey, UnknownOutcomes};

use crate::records::BookInterest;

/// One book per asset, each behind its own lock, which is held for one step and never across an await.
#[derive(Debug)]
pub(crate) struct TriggerBooks {
    books: BTreeMap<AssetId, Mutex<AssetBook>>,
    /// Entries of commits with an unknown outcome.
    pub(crate) unknown_outcomes: UnknownOutcomes,
    /// Displayed size of quotes whose books other servers own.
    pub(crate) shares: DisplayedShares,
    /// Assets whose newest quote must be matched again, because entries were added after it.
    rechecks: Mutex<BTreeSet<AssetId>>,
    recheck_added: Notify,
}

/// The trigger book of one asset, and how much of its marks is stored.
#[derive(Debug)]
struct AssetBook {
    /// Under the same lock as the book: a commit that comes while the shard is lost leaves no entry behind.
    state: BookState,
    book: TriggerBook<AccountId>,
    rules: TradingRules,
    /// The revision of the marks that the table has.
    marks_stored: u64,
}

impl AssetBook {
    /// Loses all entries and marks.
    fn empty(&mut self, state: BookState) {
        self.state = state;
        self.book = TriggerBook::new(&self.rules);
        self.marks_stored = self.book.marks_revision();
    }
}

impl TriggerBooks {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let asset_book = |asset: &cnop_market::CatalogueAsset| {
            let book = TriggerBook::new(&asset.rules);
            let marks_stored = book.marks_revision();
            (
                asset.asset_id,
                Mutex::new(AssetBook { state: BookState::Closed, book, rules: asset.rules, marks_stored }),
            )
        };
        Self {
            books: catalogue.iter().map(asset_book).collect(),
            unknown_outcomes: UnknownOutcomes::default(),
            shares: DisplayedShares::default(),
            rechecks: Mutex::default(),
            recheck_added: Notify::new(),
        }
    }

    fn asset_book(&self, asset_id: AssetId) -> Option<MutexGuard<'_, AssetBook>> {
        self.books.get(&asset_id).map(|book| book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn with<T>(&self, asset_id: AssetId, act: impl FnOnce(&mut TriggerBook<AccountId>) -> T) -> Option<T> {
        self.asset_book(asset_id).map(|mut asset_book| act(&mut asset_book.book))
    }

    /// The assets that have a book.
    pub(crate) fn assets(&self) -> impl Iterator<Item = AssetId> {
        self.books.keys().copied()
    }

    /// Applies the changes of a committed command. Returns the entries of books that are not open here: their owner must
    /// hear of them.
    pub(crate) fn apply(&self, changes: BookChanges) -> Vec<BookEntryKey> {
        let mut elsewhere = Vec::new();
        for change in changes.entries {
            let place = change.place();
            let taken = self.asset_book(place.0).is_some_and(|mut asset_book| {
                let is_open = asset_book.state.takes_changes();
                if is_open {
                    change.apply(&mut asset_book.book);
                }
                is_open
            });
            if !taken {
                elsewhere.push(place);
            }
        }
        elsewhere
    }

    /// Returns the displayed size of a command that was not committed.
    pub(crate) fn drop_changes(&self, changes: &BookChanges) {
        if let Some(hold) = changes.hold {
            self.give_back(hold);
        }
    }

    /// Quarantines an entry until it is reloaded, and returns its grant.
    pub(crate) fn quarantine(&self, account_id: &AccountId, asset_id: AssetId, entry_id: BookEntryId) {
        if !self.is_open(asset_id) {
            return;
        }
        self.with(asset_id, |book| book.quarantine(entry_id));
        self.unknown_outcomes.quarantine(account_id, (asset_id, entry_id));
    }

    /// Requests another match of an asset's newest quote.
    pub(crate) fn recheck(&self, asset_id: AssetId) {
        self.rechecks().insert(asset_id);
        self.recheck_added.notify_one();
    }

    /// Waits for a requested recheck.
    pub(crate) async fn recheck_added(&self) {
        self.recheck_added.notified().await;
    }

    /// Takes the assets to recheck.
    pub(crate) fn recheck_take(&self) -> BTreeSet<AssetId> {
        std::mem::take(&mut self.rechecks())
    }

    fn rechecks(&self) -> MutexGuard<'_, BTreeSet<AssetId>> {
        self.rechecks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets an entry to the state of the table. An unchanged one stays: its mark has moved since, or its job
    /// is running. Only a quarantined one waits again. One of another size stays too, when nothing else can have
    /// happened to it: `is_resize`.
    pub(crate) fn put_right(&self, entry: BookChange, is_resize: bool) -> PutRight {
        let Some(mut asset_book) = self.asset_book(entry.place().0) else { return PutRight::Closed };
        if !asset_book.state.takes_changes() {
            return PutRight::Closed;
        }
        let book = &mut asset_book.book;
        match &entry {
            BookChange::Put { entry_id, since_us, interest, expires_us, .. } => {
                if let Some(known) = book.get(*entry_id)
                    && known.since_us == *since_us
                    && known.expires_us == *expires_us
                {
                    let is_held = known.dispatched == Some(Dispatched::Quarantined);
                    let is_alike = waits_alike(&known.interest, interest);
                    let left = if is_resize { resized(&known.interest, interest) } else { None };
                    if is_alike || left.is_some() {
                        if let Some(left) = left {
                            book.resize(*entry_id, left);
                        }
                        if is_held {
                            book.release(*entry_id);
                        }
                        let is_same = is_alike && !is_held;
                        return if is_same { PutRight::Same } else { PutRight::Changed };
                    }
                }
            }
            BookChange::Remove { entry_id, .. } if book.get(*entry_id).is_none() => return PutRight::Same,
            BookChange::Resize { .. } | BookChange::Remove { .. } => {}
        }
        entry.apply(book);
        PutRight::Changed
    }

    /// Reason for the dispatch of an entry.
    pub(crate) fn dispatched(&self, asset_id: AssetId, entry_id: BookEntryId) -> Option<Dispatched> {
        self.with(asset_id, |book| book.get(entry_id).and_then(|known| known.dispatched))?
    }

    /// Returns true if an entry is still dispatched for this reason, unchanged except for a size that another order of
    /// its group changed.
    pub(crate) fn is_dispatched(
        &self,
        asset_id: AssetId,
        entry_id: BookEntryId,
        dispatched: Dispatched,
        waits: &BookInterest,
    ) -> bool {
        let is_dispatched = self.with(asset_id, |book| {
            book.get(entry_id).is_some_and(|known| {
                known.dispatched.is_some_and(|known| dispatched_alike(known, dispatched))
                    && known.expires_us == waits.expires_us
                    && waits_alike(&known.interest, &waits.interest)
            })
        });
        is_dispatched == Some(true)
    }

    /// Displayed size left for an order of this side.
    pub(crate) fn displayed_left(&self, asset_id: AssetId, side: Side, quote: &Quote) -> Quantity {
        self.with(asset_id, |book| book.displayed_left(side, quote)).unwrap_or(Quantity::ZERO)
    }

    /// Takes a part of a quote's displayed size; `None` when too little is left.
    pub(crate) fn take(
        &self,
        asset_id: AssetId,
        side: Side,
        quote: &Quote,
        quantity: Quantity,
    ) -> Option<DisplayedSizeHold> {
        self.with(asset_id, |book| {
            let granted = book.take_displayed(side, quote, quantity);
            let hold = DisplayedSizeHold::of_book(asset_id, side, quote.seq, granted);
            if granted == quantity {
                return Some(hold);
            }
            book.give_back(side, quote.seq, granted);
            None
        })?
    }

    /// Takes a quantity, or as many whole steps as are left.
    pub(crate) fn take_part(
        &self,
        asset_id: AssetId,
        side: Side,
        quote: &Quote,
        quantity: Quantity,
    ) -> Quantity {
        self.with(asset_id, |book| book.take_displayed(side, quote, quantity)).unwrap_or(Quantity::ZERO)
    }

    /// The smallest difference of two quantities of an asset.
    pub(crate) fn step_size(&self, asset_id: AssetId) -> Quantity {
        self.asset_book(asset_id).map_or(Quantity::ZERO, |asset_book| asset_book.rules.step_size)
    }

    /// Uses a quote's displayed size up: another server may have sold it.
    pub(crate) fn displayed_spend(&self, asset_id: AssetId, quote: &Quote) {
        for side in Side::ALL {
            self.take_part(asset_id, side, quote, self.displayed_left(asset_id, side, quote));
        }
    }

    pub(crate) fn give_back(&self, hold: DisplayedSizeHold) {
        match hold.origin {
            HoldOrigin::Book => {
                self.with(hold.asset_id, |book| book.give_back(hold.side, hold.quote_seq, hold.quantity));
            }
            HoldOrigin::Share => self.shares.give_back(&hold),
        }
    }

    /// Matches a quote against the book.
    pub(crate) fn tick(&self, asset_id: AssetId, quote: &Quote, now_us: i64) -> TickResult<AccountId> {
        self.with_open(asset_id, |book| book.tick(quote, now_us)).unwrap_or_default()
    }

    /// At most `limit` orders whose time in force is over.
    pub(crate) fn expire(
        &self,
        asset_id: AssetId,
        now_us: i64,
        limit: usize,
    ) -> Vec<(BookEntryId, AccountId)> {
        self.with_open(asset_id, |book| book.expire(now_us, limit)).unwrap_or_default()
    }

    /// Removes a dispatched entry and returns its grant.
    pub(crate) fn forget(&self, asset_id: AssetId, entry_id: BookEntryId) {
        self.with(asset_id, |book| {
            book.release(entry_id);
            book.remove(entry_id);
        });
    }

    /// Mark and trigger of a trailing stop as they are now.
    pub(crate) fn trail(&self, asset_id: AssetId, entry_id: BookEntryId) -> Option<(Price, Price)> {
        self.with(asset_id, |book| book.trail(entry_id))?
    }

    /// All entries, by asset and id; trailing stops with their present mark.
    pub(crate) fn entries(&self) -> Vec<(AssetId, BookEntryId, Resting<AccountId>)> {
        let mut all = Vec::with_capacity(self.len());
        for asset_id in self.books.keys() {
            let entries: Option<Vec<_>> = self.with(*asset_id, |book| book.iter().collect());
            all.extend(
                entries.unwrap_or_default().into_iter().map(|(entry_id, entry)| (*asset_id, entry_id, entry)),
            );
        }
        all.sort_unstable_by_key(|(asset_id, entry_id, _)| (*asset_id, *entry_id));
        all
    }

    /// Orders in all books.
    pub(crate) fn len(&self) -> usize {
        self.books.keys().filter_map(|asset_id| self.with(*asset_id, |book| book.len())).sum()
    }
}

/// Result of setting an entry to the state of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PutRight {
    /// It was so already.
    Same,
    /// It was different.
    Changed,
    /// The book is not open here.
    Closed,
}

/// Returns true if an entry was dispatched for the same reason. How much of a grant is left makes no difference.
fn dispatched_alike(known: Dispatched, dispatched: Dispatched) -> bool {
    match (known, dispatched) {
        (
            Dispatched::Granted { granted, quote_seq, .. },
            Dispatched::Granted { granted: other, quote_seq: other_seq, .. },
        ) => granted == other && quote_seq == other_seq,
        _ => known == dispatched,
    }
}

/// Remainder of a limit order that is the same as another but for its size.
fn resized(one: &Interest, other: &Interest) -> Option<Quantity> {
    match (one, other) {
        (
            Interest::Limit { side, price, remaining },
            Interest::Limit { side: other_side, price: other_price, remaining: left },
        ) if side == other_side && price == other_price && left != remaining => Some(*left),
        _ => None,
    }
}
