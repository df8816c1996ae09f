//! Price alerts: told once, on the stream, when the last price reaches a level.
//!
//! An alert is an item of its account, and another one in the partition of its asset's book as long as it waits. In
//! memory it waits in the trigger book, among the orders.

mod create;
mod fire;
mod record;

use cnop_api::trading::{AlertRequest, AlertView};
use cnop_api::{Caller, Code, Problem};
use cnop_store::{Condition, Write};

pub(crate) use fire::{FireAlert, rebuild};
pub(crate) use record::{AlertRecord, LiveAlert};

use crate::account::{
    Accounts, Attempt, Command, Idempotent, Reads, State, alert_key, alert_number, book_alert_key,
};
use crate::books::{BookChange, BookChanges};
use crate::idempotency::IdempotencyKey;
use crate::{Error, Result};

/// Most alerts of one account. A new one takes the place of the oldest that has fired.
pub(crate) const ALERTS_MAX: usize = 100;

/// The use cases of price alerts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Alerts {
    accounts: Accounts,
}

impl Alerts {
    pub(crate) const fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }

    /// Makes an alert.
    ///
    /// # Errors
    /// `request.invalid` for a bad field, `order.would_trigger` when the level is reached already, `order.tick_size` and
    /// `order.price_band` for a level that no price has, `asset.not_tradable` without a price, `alert.too_many`.
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
    /// When the account cannot be read.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<AlertView>> {
        let alerts = self.accounts.alerts(&caller.account_id).await?;
        Ok(alerts.iter().rev().map(|alert| alert.record.view(alert.number)).collect())
    }

    /// Removes an alert.
    ///
    /// # Errors
    /// `alert.not_found`.
    pub async fn delete(&self, caller: &Caller, alert_id: &str, key: Option<IdempotencyKey>) -> Result<()> {
        let number = alert_number(alert_id).ok_or_else(not_found)?;
        let idempotent = Idempotent::of("alert-end", key, &alert_id)?;
        self.accounts.execute(&caller.account_id, &RemoveAlert { number }, idempotent).await
    }
}

pub(crate) fn not_found() -> Error {
    Problem::new(Code::AlertNotFound, "There is no alert with this id in your account.").into()
}

/// Removes an alert.
#[derive(Debug)]
struct RemoveAlert {
    number: u128,
}

impl Command for RemoveAlert {
    type Answer = ();

    fn reads(&self) -> Reads {
        Reads::Alert(self.number)
    }

    fn decide(&self, _accounts: &Accounts, state: &State<'_>) -> Result<Attempt<()>> {
        let alert = state.alerts.first().ok_or_else(not_found)?;
        let mut writes =
            vec![Write::delete(alert_key(state.account_id, self.number), Condition::Version(alert.version))];
        let mut books = BookChanges::default();
        if alert.record.fired.is_none() {
            let asset_id = alert.record.asset_id;
            writes.push(Write::delete(book_alert_key(asset_id, self.number), Condition::Any));
            books.entries.push(BookChange::Remove { asset_id, number: self.number });
        }
        Ok(Attempt { appended: state.unchanged()?, writes, books, answer: () })
    }
}
