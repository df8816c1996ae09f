//! Changes of trigger books: what a command prepares, and what its commit applies.

use cnop_domain::book::Interest;
use cnop_domain::{AccountId, AssetId, Quantity, Side};

use super::doubts::Doubt;
use crate::records::{LiveAlert, Waits};

/// What a committed command changes in the books.
#[derive(Debug, Default)]
pub(crate) struct BookChanges {
    /// Entries that come, change or go.
    pub(crate) entries: Vec<BookChange>,
    /// Displayed size that the command took; given back when it is not committed.
    pub(crate) taken: Option<Taken>,
}

/// One entry of a book.
#[derive(Debug)]
pub(crate) enum BookChange {
    /// The order waits for prices.
    Put {
        asset_id: AssetId,
        number: u128,
        since_us: i64,
        interest: Interest,
        expires_us: Option<i64>,
        account_id: AccountId,
    },
    /// The order waits for what it waited for, but has become smaller.
    Resize { asset_id: AssetId, number: u128, from: Interest, waits: Waits, account_id: AccountId },
    /// The order does not wait any more.
    Remove { asset_id: AssetId, number: u128 },
}

impl BookChanges {
    /// The assets into whose books something comes.
    pub(crate) fn assets_put(&self) -> Vec<AssetId> {
        let put = self.entries.iter().filter(|change| !matches!(change, BookChange::Remove { .. }));
        put.map(|change| change.place().0).collect()
    }

    /// The entries that they change, each with whether it becomes smaller and nothing else.
    pub(crate) fn places(&self) -> Vec<(Doubt, bool)> {
        let is_resize = |change: &BookChange| matches!(change, BookChange::Resize { .. });
        self.entries.iter().map(|change| (change.place(), is_resize(change))).collect()
    }
}

impl Waits {
    /// The entry of the book.
    pub(crate) const fn entry(self, asset_id: AssetId, number: u128, account_id: AccountId) -> BookChange {
        let Self { since_us, interest, expires_us } = self;
        BookChange::Put { asset_id, number, since_us, interest, expires_us, account_id }
    }
}

impl LiveAlert {
    /// Its entry in the book.
    pub(crate) fn entry(self, asset_id: AssetId, number: u128) -> BookChange {
        BookChange::Put {
            asset_id,
            number,
            since_us: self.created_us,
            interest: Interest::Trigger { above: self.above, price: self.price },
            expires_us: None,
            account_id: self.account_id,
        }
    }
}

impl BookChange {
    /// Which entry of which book it changes.
    const fn place(&self) -> Doubt {
        let (Self::Put { asset_id, number, .. }
        | Self::Resize { asset_id, number, .. }
        | Self::Remove { asset_id, number }) = self;
        (*asset_id, *number)
    }
}

/// A part of a quote's displayed size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) asset_id: AssetId,
    pub(crate) side: Side,
    pub(crate) quote_seq: u64,
    pub(crate) quantity: Quantity,
}
