//! Firing of alerts.

use cnop_domain::{AlertId, Price};
use cnop_store::{Condition, Write};

use super::view::not_found;
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Reads};
use crate::error::Result;
use crate::records::{AlertRecord, EventKind, Fired, alert_key, book_alert_key, encode};
use crate::trigger_books::{BookChange, BookChanges};

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
