//! Commits whose end nobody knows: what they may have changed in the books is read again from the table.

use cnop_domain::{AccountId, AssetId};

use super::Accounts;
use super::command::no_turn;
use crate::Result;
use crate::books::BookChange;
use crate::number::is_alert;
use crate::orders::Waits;

/// An entry of a book that may not be what the table says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubt {
    pub(crate) account_id: AccountId,
    pub(crate) asset_id: AssetId,
    /// The 128 bits of an order's or an alert's id.
    pub(crate) number: u128,
}

impl Accounts {
    /// Puts all entries right that are in doubt; answers how many still are.
    pub(crate) async fn doubts_settle(&self) -> usize {
        let mut doubts = self.books.doubts_take().into_iter();
        while let Some(doubt) = doubts.next() {
            if let Err(error) = self.doubt_settle(&doubt).await {
                tracing::warn!(%error, "what a commit did is not known yet");
                return self.books.doubts_keep(std::iter::once(doubt).chain(doubts));
            }
        }
        0
    }

    async fn doubt_settle(&self, doubt: &Doubt) -> Result<()> {
        let Doubt { account_id, asset_id, number } = doubt;
        // In the account's turn, so that no commit comes between reading and putting right.
        let _turn = self.queue.enter(account_id, None).await.map_err(no_turn)?;
        let waits = if is_alert(*number) {
            let alert = self.alert(account_id, *number).await?;
            let waiting = alert.filter(|alert| alert.record.fired.is_none());
            waiting.map(|alert| alert.record.live(account_id).entry(*asset_id, *number))
        } else {
            let order = self.order(account_id, *number).await?;
            let waits = order.and_then(|order| Waits::of(&order.record));
            waits.map(|waits| waits.entry(*asset_id, *number, account_id.clone()))
        };
        self.books.put_right(waits.unwrap_or(BookChange::Remove { asset_id: *asset_id, number: *number }));
        Ok(())
    }
}
