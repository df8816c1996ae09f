//! Firing of alerts, and their reload into the trigger books after a restart.

use cnop_domain::{AlertId, AssetId, Price};
use cnop_store::{Condition, Item, TableQuery, Write};

use super::view::not_found;
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Reads};
use crate::error::Result;
use crate::records::{
    ALERT_PREFIX, AlertIndexItem, AlertRecord, EventKind, Fired, alert_key, book_alert_key, book_pk, decode,
    encode,
};
use crate::trigger_books::{BookChange, BookChanges};

/// Waiting alerts that are read at once when the books are rebuilt.
const READ_AT_ONCE: u32 = 1_000;

/// A quote reached the level of an alert.
#[derive(Debug)]
pub(crate) struct FireAlert {
    pub(crate) alert_id: AlertId,
    /// The last price of that quote.
    pub(crate) price: Price,
}

impl AccountCommand for FireAlert {
    type Output = ();

    fn reads(&self) -> Reads {
        Reads::Alert(self.alert_id)
    }

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<()>> {
        // Removed in the meantime, or fired by another server.
        let waiting = state.alerts.first().filter(|alert| alert.record.fired.is_none());
        let alert = waiting.ok_or_else(not_found)?;
        let asset_id = alert.record.asset_id;
        let after = AlertRecord {
            fired: Some(Fired { time_us: state.now_us, price: self.price }),
            ..alert.record.clone()
        };
        let writes = vec![
            Write::put(
                alert_key(state.account_id, self.alert_id),
                encode(&after)?,
                Condition::Version(alert.version),
            ),
            Write::delete(book_alert_key(asset_id, self.alert_id), Condition::Any),
        ];
        let event = EventKind::AlertFired { alert: self.alert_id, after: Box::new(after) };
        let appended = state.append(event, cnop_domain::Postings::default())?;
        let entries = vec![BookChange::Remove { asset_id, entry_id: self.alert_id.into() }];
        Ok(CommitPlan { appended, writes, books: BookChanges { entries, hold: None }, answer: () })
    }
}

/// Loads the waiting alerts of an asset from the table into its book, and returns the number of unreadable
/// ones.
pub(crate) async fn rebuild(accounts: &Accounts, asset_id: AssetId) -> Result<usize> {
    let mut unreadable = 0;
    let mut after = None;
    loop {
        let query = TableQuery::prefix(book_pk(asset_id), ALERT_PREFIX, READ_AT_ONCE).after(after.take());
        let page = accounts.context.environment.table.query(&query).await?;
        let mut entries = Vec::with_capacity(page.items.len());
        for Item { key, body, .. } in &page.items {
            let alert_id = key.sk.strip_prefix(ALERT_PREFIX).and_then(|id| id.parse().ok());
            match (alert_id, decode::<AlertIndexItem>(body)) {
                (Some(alert_id), Ok(live)) => entries.push(live.entry(asset_id, alert_id)),
                (_, read) => {
                    let cause = read.err();
                    tracing::error!(?cause, pk = key.pk, sk = key.sk, "a waiting alert cannot be read");
                    unreadable += 1;
                }
            }
        }
        accounts.books.apply(BookChanges { entries, hold: None }, true);
        after = page.items.last().map(|item| item.key.sk.clone());
        if !page.more {
            return Ok(unreadable);
        }
    }
}
