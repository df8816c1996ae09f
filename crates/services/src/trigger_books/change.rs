//! Changes of trigger books: what a command prepares, and what its commit applies.

use cnop_domain::book::{Interest, TriggerBook};
use cnop_domain::{AccountId, AlertId, AssetId, BookEntryId, OrderId, Quantity, Side};

use super::unknown_outcomes::BookEntryKey;
use crate::records::{AlertIndexItem, BookInterest};

/// Changes of the books by a committed command.
#[derive(Debug, Default)]
pub(crate) struct BookChanges {
    /// Entries that come, change or go.
    pub(crate) entries: Vec<BookChange>,
    /// Displayed size that the command holds; returned when it is not committed.
    pub(crate) hold: Option<DisplayedSizeHold>,
}

/// One entry of a book.
#[derive(Debug)]
pub(crate) enum BookChange {
    /// The order waits for prices.
    Put {
        asset_id: AssetId,
        entry_id: BookEntryId,
        since_us: i64,
        interest: Interest,
        expires_us: Option<i64>,
        account_id: AccountId,
    },
    /// The order waits as before, with another size.
    Resize {
        asset_id: AssetId,
        entry_id: BookEntryId,
        from: Interest,
        waits: BookInterest,
        account_id: AccountId,
    },
    /// The order does not wait any more.
    Remove { asset_id: AssetId, entry_id: BookEntryId },
}

impl BookChanges {
    /// Assets whose books receive an entry.
    pub(crate) fn assets_put(&self) -> Vec<AssetId> {
        let put = self.entries.iter().filter(|change| !matches!(change, BookChange::Remove { .. }));
        put.map(|change| change.place().0).collect()
    }

    /// Keys of the changed entries, each with a flag: only its size changed.
    pub(crate) fn places(&self) -> Vec<(BookEntryKey, bool)> {
        let is_resize = |change: &BookChange| matches!(change, BookChange::Resize { .. });
        self.entries.iter().map(|change| (change.place(), is_resize(change))).collect()
    }
}

impl BookInterest {
    /// Its entry in the book.
    pub(crate) const fn entry(
        self,
        asset_id: AssetId,
        order_id: OrderId,
        account_id: AccountId,
    ) -> BookChange {
        let Self { since_us, interest, expires_us } = self;
        let entry_id = BookEntryId::Order(order_id);
        BookChange::Put { asset_id, entry_id, since_us, interest, expires_us, account_id }
    }
}

impl AlertIndexItem {
    /// Its entry in the book.
    pub(crate) fn entry(self, asset_id: AssetId, alert_id: AlertId) -> BookChange {
        BookChange::Put {
            asset_id,
            entry_id: BookEntryId::Alert(alert_id),
            since_us: self.created_us,
            interest: Interest::Trigger { above: self.above, price: self.price },
            expires_us: None,
            account_id: self.account_id,
        }
    }
}

impl BookChange {
    /// Applies it to the book of its asset.
    pub(super) fn apply(self, book: &mut TriggerBook<AccountId>) {
        match self {
            Self::Put { entry_id, since_us, interest, expires_us, account_id, .. } => {
                book.insert(entry_id, since_us, interest, expires_us, account_id);
            }
            Self::Resize { entry_id, from, waits, account_id, .. } => {
                resize(book, entry_id, &from, waits, account_id);
            }
            Self::Remove { entry_id, .. } => {
                book.remove(entry_id);
            }
        }
    }

    /// Book and entry that it changes.
    pub(crate) const fn place(&self) -> BookEntryKey {
        let (Self::Put { asset_id, entry_id, .. }
        | Self::Resize { asset_id, entry_id, .. }
        | Self::Remove { asset_id, entry_id }) = self;
        (*asset_id, *entry_id)
    }
}

/// Changes the size of an entry. One that differs from its expected state is inserted again, because its job
/// may be done.
fn resize(
    book: &mut TriggerBook<AccountId>,
    entry_id: BookEntryId,
    from: &Interest,
    waits: BookInterest,
    account_id: AccountId,
) {
    let BookInterest { since_us, interest, expires_us } = waits;
    let is_known = book.get(entry_id).is_some_and(|known| waits_alike(&known.interest, from));
    match interest {
        _ if !is_known => book.insert(entry_id, since_us, interest, expires_us, account_id),
        Interest::Limit { remaining, .. } => {
            book.resize(entry_id, remaining);
        }
        Interest::Trigger { .. } | Interest::Trail { .. } => {}
    }
}

/// Returns true if two entries wait for the same; the mark of a trailing order is not part of it.
pub(super) fn waits_alike(one: &Interest, other: &Interest) -> bool {
    match (one, other) {
        (
            Interest::Trail { side, trail, .. },
            Interest::Trail { side: other_side, trail: other_trail, .. },
        ) => side == other_side && trail == other_trail,
        _ => one == other,
    }
}

/// Displayed size held by a pending commit; returned when it is not committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DisplayedSizeHold {
    pub(crate) asset_id: AssetId,
    pub(crate) side: Side,
    pub(crate) quote_seq: u64,
    pub(crate) quantity: Quantity,
    pub(super) origin: HoldOrigin,
}

/// Origin of held size, to which it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HoldOrigin {
    /// The book of the asset.
    Book,
    /// This server's share of the quote.
    Share,
}

impl DisplayedSizeHold {
    /// Size from the book of the asset.
    pub(crate) const fn of_book(asset_id: AssetId, side: Side, quote_seq: u64, quantity: Quantity) -> Self {
        Self { asset_id, side, quote_seq, quantity, origin: HoldOrigin::Book }
    }
}
