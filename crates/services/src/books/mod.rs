//! The trigger books of all assets, in memory: what waits for prices, and what is left of each displayed size.
//!
//! The table is the truth. A book holds what the last commits said and is rebuilt from the table at the start; an
//! entry that is wrong is found out when the order is read, and put right.

mod change;
mod doubts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::book::{Book, Handed, Interest, Marks, Resting, Tick};
use cnop_domain::{AccountId, AssetId, Price, Quantity, Quote, Side, TradingRules};
use cnop_market::Catalogue;
use tokio::sync::Notify;

pub(crate) use change::{BookChange, BookChanges, Taken};
pub(crate) use doubts::{Doubt, Doubts};

use crate::records::Waits;

/// One book an asset; each has a lock of its own that is held for one step and never across a wait.
#[derive(Debug)]
pub(crate) struct Books {
    books: BTreeMap<AssetId, Mutex<Shelf>>,
    /// What commits have changed whose end nobody knows.
    pub(crate) doubts: Doubts,
    /// Assets whose newest quote has not seen all entries.
    again: Mutex<BTreeSet<AssetId>>,
    again_added: Notify,
}

/// A book, and how much of it is stored.
#[derive(Debug)]
struct Shelf {
    book: Book<AccountId>,
    rules: TradingRules,
    /// The revision of the marks that the table has.
    marks_stored: u64,
}

impl Books {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let shelf = |asset: &cnop_market::CatalogueAsset| {
            let book = Book::new(&asset.rules);
            let marks_stored = book.marks_revision();
            (asset.asset_id, Mutex::new(Shelf { book, rules: asset.rules, marks_stored }))
        };
        Self {
            books: catalogue.iter().map(shelf).collect(),
            doubts: Doubts::default(),
            again: Mutex::default(),
            again_added: Notify::new(),
        }
    }

    fn shelf(&self, asset_id: AssetId) -> Option<MutexGuard<'_, Shelf>> {
        self.books.get(&asset_id).map(|book| book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn with<T>(&self, asset_id: AssetId, act: impl FnOnce(&mut Book<AccountId>) -> T) -> Option<T> {
        self.shelf(asset_id).map(|mut shelf| act(&mut shelf.book))
    }

    /// Empties a book and lets it go on from stored marks.
    pub(crate) fn restore(&self, asset_id: AssetId, marks: &Marks) {
        if let Some(mut shelf) = self.shelf(asset_id) {
            shelf.book = Book::restore(&shelf.rules, marks);
            shelf.marks_stored = shelf.book.marks_revision();
        }
    }

    /// The marks of an asset that the table does not have yet, with their revision.
    pub(crate) fn marks_unstored(&self, asset_id: AssetId) -> Option<(u64, Marks)> {
        let shelf = self.shelf(asset_id)?;
        let revision = shelf.book.marks_revision();
        (revision != shelf.marks_stored).then(|| (revision, shelf.book.marks()))
    }

    /// The table has the marks of this revision.
    pub(crate) fn marks_stored(&self, asset_id: AssetId, revision: u64) {
        if let Some(mut shelf) = self.shelf(asset_id) {
            shelf.marks_stored = revision;
        }
    }

    /// The assets that have a book.
    pub(crate) fn assets(&self) -> impl Iterator<Item = AssetId> {
        self.books.keys().copied()
    }

    /// Takes in what a command did, or gives back what it took.
    pub(crate) fn apply(&self, changes: BookChanges, committed: bool) {
        if !committed {
            if let Some(taken) = changes.taken {
                self.give_back(taken);
            }
            return;
        }
        for change in changes.entries {
            match change {
                BookChange::Put { asset_id, number, since_us, interest, expires_us, account_id } => {
                    self.with(asset_id, |book| {
                        book.insert(number, since_us, interest, expires_us, account_id);
                    });
                }
                BookChange::Resize { asset_id, number, from, waits, account_id } => {
                    self.with(asset_id, |book| resize(book, number, &from, waits, account_id));
                }
                BookChange::Remove { asset_id, number } => {
                    self.with(asset_id, |book| book.remove(number));
                }
            }
        }
    }

    /// No quote reaches an entry until it has been read from the table, and what it was granted is there for others.
    pub(crate) fn hold(&self, account_id: &AccountId, asset_id: AssetId, number: u128) {
        self.with(asset_id, |book| book.hold(number));
        self.doubts.hold(account_id, (asset_id, number));
    }

    /// An asset's newest quote has not seen an entry: it is to be looked at again.
    pub(crate) fn look_again(&self, asset_id: AssetId) {
        self.again().insert(asset_id);
        self.again_added.notify_one();
    }

    /// Returns when a quote was to be looked at again since it was asked last.
    pub(crate) async fn again_added(&self) {
        self.again_added.notified().await;
    }

    /// The assets whose newest quote is to be looked at again.
    pub(crate) fn again_take(&self) -> BTreeSet<AssetId> {
        std::mem::take(&mut self.again())
    }

    fn again(&self) -> MutexGuard<'_, BTreeSet<AssetId>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an entry what the table says. One that has not changed stays as it is: a trailing order has seen more
    /// since, and what was handed out is being done; only what was held waits again. So does one that is smaller when
    /// nothing else can have been done to it: `is_resize`.
    pub(crate) fn put_right(&self, entry: BookChange, is_resize: bool) {
        if let BookChange::Put { asset_id, number, since_us, interest, expires_us, .. } = &entry {
            let is_known = self.with(*asset_id, |book| {
                let Some(known) = book.get(*number) else { return false };
                if known.since_us != *since_us || known.expires_us != *expires_us {
                    return false;
                }
                let is_held = known.handed == Some(Handed::Held);
                if !waits_alike(&known.interest, interest) {
                    let smaller = if is_resize { smaller(&known.interest, interest) } else { None };
                    let Some(left) = smaller else { return false };
                    book.resize(*number, left);
                }
                if is_held {
                    book.release(*number);
                }
                true
            });
            if is_known == Some(true) {
                return;
            }
        }
        self.apply(BookChanges { entries: vec![entry], taken: None }, true);
    }

    /// What an entry was handed out for.
    pub(crate) fn handed(&self, asset_id: AssetId, number: u128) -> Option<Handed> {
        self.with(asset_id, |book| book.get(number).and_then(|known| known.handed))?
    }

    /// Whether an entry was handed out for this and has not changed since, but for what a fill of the other order of its
    /// OCO took of its size.
    pub(crate) fn is_handed(&self, asset_id: AssetId, number: u128, handed: Handed, waits: &Waits) -> bool {
        let is_handed = self.with(asset_id, |book| {
            book.get(number).is_some_and(|known| {
                known.handed.is_some_and(|known| handed_alike(known, handed))
                    && known.expires_us == waits.expires_us
                    && waits_alike(&known.interest, &waits.interest)
            })
        });
        is_handed == Some(true)
    }

    /// What is left of the displayed size that an order of this side could take.
    pub(crate) fn displayed_left(&self, asset_id: AssetId, side: Side, quote: &Quote) -> Quantity {
        self.with(asset_id, |book| book.displayed_left(side, quote)).unwrap_or(Quantity::ZERO)
    }

    /// Takes a part of a quote's displayed size; nothing when that much is not left.
    pub(crate) fn take(
        &self,
        asset_id: AssetId,
        side: Side,
        quote: &Quote,
        quantity: Quantity,
    ) -> Option<Taken> {
        self.with(asset_id, |book| {
            let granted = book.take_displayed(side, quote, quantity);
            let taken = Taken { asset_id, side, quote_seq: quote.seq, quantity: granted };
            if granted == quantity {
                return Some(taken);
            }
            book.give_back(side, quote.seq, granted);
            None
        })?
    }

    pub(crate) fn give_back(&self, taken: Taken) {
        self.with(taken.asset_id, |book| book.give_back(taken.side, taken.quote_seq, taken.quantity));
    }

    /// What a quote triggers and fills.
    pub(crate) fn tick(&self, asset_id: AssetId, quote: &Quote, now_us: i64) -> Tick<AccountId> {
        self.with(asset_id, |book| book.tick(quote, now_us)).unwrap_or_default()
    }

    /// At most `limit` orders whose time is over.
    pub(crate) fn expire(&self, asset_id: AssetId, now_us: i64, limit: usize) -> Vec<(u128, AccountId)> {
        self.with(asset_id, |book| book.expire(now_us, limit)).unwrap_or_default()
    }

    /// What was handed out does not wait any more, and leaves what it was granted.
    pub(crate) fn forget(&self, asset_id: AssetId, number: u128) {
        self.with(asset_id, |book| {
            book.release(number);
            book.remove(number);
        });
    }

    /// Mark and trigger of a trailing stop as they are now.
    pub(crate) fn trail(&self, asset_id: AssetId, number: u128) -> Option<(Price, Price)> {
        self.with(asset_id, |book| book.trail(number))?
    }

    /// All that waits, in the order of assets and numbers; a trailing stop with its mark of now.
    pub(crate) fn entries(&self) -> Vec<(AssetId, u128, Resting<AccountId>)> {
        let mut all = Vec::with_capacity(self.len());
        for asset_id in self.books.keys() {
            let entries: Option<Vec<_>> = self.with(*asset_id, |book| book.iter().collect());
            all.extend(
                entries.unwrap_or_default().into_iter().map(|(number, entry)| (*asset_id, number, entry)),
            );
        }
        all.sort_unstable_by_key(|(asset_id, number, _)| (*asset_id, *number));
        all
    }

    /// Orders in all books.
    pub(crate) fn len(&self) -> usize {
        self.books.keys().filter_map(|asset_id| self.with(*asset_id, |book| book.len())).sum()
    }
}

/// Gives an entry another size. One that is not what it should have been before is put in anew: what it was handed out
/// for may be done.
fn resize(book: &mut Book<AccountId>, number: u128, from: &Interest, waits: Waits, account_id: AccountId) {
    let Waits { since_us, interest, expires_us } = waits;
    let is_known = book.get(number).is_some_and(|known| waits_alike(&known.interest, from));
    match interest {
        _ if !is_known => book.insert(number, since_us, interest, expires_us, account_id),
        Interest::Limit { remaining, .. } => {
            book.resize(number, remaining);
        }
        Interest::Trigger { .. } | Interest::Trail { .. } => {}
    }
}

/// Whether an entry was handed out for the same. How much of a grant is left makes no difference.
fn handed_alike(known: Handed, handed: Handed) -> bool {
    match (known, handed) {
        (
            Handed::Granted { granted, quote_seq, .. },
            Handed::Granted { granted: other, quote_seq: other_seq, .. },
        ) => granted == other && quote_seq == other_seq,
        _ => known == handed,
    }
}

/// What remains of a limit order that is the same as another but smaller.
fn smaller(one: &Interest, other: &Interest) -> Option<Quantity> {
    match (one, other) {
        (
            Interest::Limit { side, price, remaining },
            Interest::Limit { side: other_side, price: other_price, remaining: left },
        ) if side == other_side && price == other_price && left < remaining => Some(*left),
        _ => None,
    }
}

/// Whether two entries wait for the same; the mark of a trailing order is not part of it.
fn waits_alike(one: &Interest, other: &Interest) -> bool {
    match (one, other) {
        (
            Interest::Trail { side, trail, .. },
            Interest::Trail { side: other_side, trail: other_trail, .. },
        ) => side == other_side && trail == other_trail,
        _ => one == other,
    }
}
