//! Price alerts: one notification on the stream when the last price reaches a level.
//!
//! An alert is an item of its account, and another one in the partition of its asset's book as long as it waits. In
//! memory it waits in the trigger book, among the orders.

mod create;
mod fire;
mod view;

use cnop_api::Caller;
use cnop_api::trading::{AlertRequest, AlertView};
use cnop_domain::AlertId;
use cnop_store::{Condition, Write};

#[cfg(test)]
pub(crate) use create::ALERTS_MAX;
pub(crate) use fire::FireAlert;
pub use view::not_found;

use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent, Reads};
use crate::daily_allowance::StorageUse;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::records::{AutomationEvent, alert_key, book_alert_key};
use crate::trigger_books::{BookChange, BookChanges};

/// The use cases of price alerts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Alerts {
    accounts: Accounts,
}

impl Alerts {
    pub(crate) const fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }

    /// Creates an alert.
    ///
    /// # Errors
    /// `request.invalid` for an invalid field, `order.would_trigger` when the level is reached already,
    /// `order.tick_size` and `order.price_band` for an impossible level, `asset.not_tradable` without a
    /// price, `alert.too_many`.
    pub async fn create(
        &self,
        caller: &Caller,
        request: AlertRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<AlertView> {
        let command = create::read(&request, self.accounts.context.environment.market.catalogue())?;
        let idempotent = Idempotent::of("alert", key, &request)?;
        self.accounts.execute(&caller.account_id, &command, idempotent).await
    }

    /// The account's alerts, newest first, with those that have fired.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<AlertView>> {
        let alerts = self.accounts.alerts(&caller.account_id).await?;
        Ok(alerts.iter().rev().map(|alert| alert.record.view(alert.id)).collect())
    }

    /// Removes an alert.
    ///
    /// # Errors
    /// `alert.not_found`.
    pub async fn delete(
        &self,
        caller: &Caller,
        alert_id: AlertId,
        key: Option<IdempotencyKey>,
    ) -> Result<()> {
        let idempotent = Idempotent::of("alert-end", key, &alert_id)?;
        self.accounts.execute(&caller.account_id, &RemoveAlert { alert_id }, idempotent).await
    }
}

#[derive(Debug)]
struct RemoveAlert {
    alert_id: AlertId,
}

impl AccountCommand for RemoveAlert {
    type Output = ();

    fn storage_use(&self) -> StorageUse {
        StorageUse::Free
    }

    fn reads(&self) -> Reads {
        Reads::Alert(self.alert_id)
    }

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<()>> {
        let alert = state.alerts.first().ok_or_else(not_found)?;
        let mut writes = vec![Write::delete(
            alert_key(state.account_id, self.alert_id),
            Condition::Version(alert.version),
        )];
        let mut books = BookChanges::default();
        if alert.record.fired.is_none() {
            let asset_id = alert.record.asset_id;
            writes.push(Write::delete(book_alert_key(asset_id, self.alert_id), Condition::Any));
            books.entries.push(BookChange::Remove { asset_id, entry_id: self.alert_id.into() });
        }
        let removed = AutomationEvent::AlertRemoved { alert: self.alert_id, before: alert.record.clone() };
        Ok(CommitPlan { appended: state.append_automation(&removed)?, writes, books, answer: () })
    }
}
