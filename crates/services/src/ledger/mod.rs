//! Cash and coins of an account: balances, deposits, withdrawals, history, account events, audit.

mod account_stream;
pub mod audit;
mod balance;
mod history;
mod history_position;
mod history_rows;
mod transfer;

use cnop_domain::AccountId;
use cnop_store::Write;

pub use account_stream::AccountUpdates;
pub(crate) use balance::{cash_of, last_price};
#[cfg(test)]
pub(crate) use history::WALK_EVENTS_MAX as HISTORY_WALK_MAX;

use crate::account::{Accounts, opening};
use crate::error::Result;

/// The ledger's use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    accounts: Accounts,
}

impl Ledger {
    pub(crate) const fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }
}

/// The writes that open an empty account. They belong to the transaction of the registration, which fails if
/// the account exists.
///
/// # Errors
/// [`crate::Error::Internal`] when they cannot be encoded.
pub fn account_open(account_id: &AccountId, now_us: i64) -> Result<Vec<Write>> {
    opening(account_id, now_us)
}
