//! Deposits and withdrawals of cash.

use cnop_api::money::{TransferReceipt, TransferRequest};
use cnop_api::refusal::insufficient_funds;
use cnop_api::{Caller, Code, FieldError, Problem, Timestamp};
use cnop_domain::calendar::day_of;
use cnop_domain::{
    Amount, Bucket, Currency, LedgerAccount, MoneyError, Posting, Postings, UNITS_PER_CENT, UNITS_PER_WHOLE,
};

use super::Ledger;
use super::balance::left;
use super::history_rows::transaction_id;
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent};
use crate::daily_allowance::{StorageUse, withdrawal_take};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::records::EventKind;
use crate::trigger_books::BookChanges;

/// Largest amount of one transfer.
const AMOUNT_MAX_UNITS: i128 = 1_000_000 * UNITS_PER_WHOLE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TransferKind {
    Deposit,
    Withdraw,
}

impl TransferKind {
    const fn route(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Withdraw => "withdraw",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Deposit => "deposited",
            Self::Withdraw => "withdrew",
        }
    }
}

#[derive(Debug)]
struct TransferCommand {
    direction: TransferKind,
    amount: Amount,
}

impl Ledger {
    /// Deposits dollars.
    ///
    /// # Errors
    /// `request.invalid` for an invalid amount, `balance.daily_limit` with the remaining limit; those of
    /// every command.
    pub async fn deposit(
        &self,
        caller: &Caller,
        request: TransferRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<TransferReceipt> {
        self.transfer(caller, TransferKind::Deposit, &request, key).await
    }

    /// Books a withdrawal.
    ///
    /// # Errors
    /// As [`Ledger::deposit`], and `balance.insufficient_funds`.
    pub async fn withdraw(
        &self,
        caller: &Caller,
        request: TransferRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<TransferReceipt> {
        let (context, account_id) = (&self.accounts.context, &caller.account_id);
        let coordinator = context.environment.coordinator.as_ref();
        withdrawal_take(coordinator, account_id, context.now_us()).await?;
        self.transfer(caller, TransferKind::Withdraw, &request, key).await
    }

    async fn transfer(
        &self,
        caller: &Caller,
        direction: TransferKind,
        request: &TransferRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<TransferReceipt> {
        let amount = amount_read(request.amount.as_str()).map_err(|error| Error::Invalid(vec![error]))?;
        if direction == TransferKind::Deposit && !is_whole_cents(amount) {
            return Err(Error::Invalid(vec![cents_fault(request.amount.as_str())]));
        }
        let idempotent = match key {
            Some(key) => {
                Some(Idempotent { route: direction.route(), key, fingerprint: fingerprint(request)? })
            }
            None => None,
        };
        let transfer = TransferCommand { direction, amount };
        self.accounts.execute(&caller.account_id, &transfer, idempotent).await
    }
}

impl AccountCommand for TransferCommand {
    type Output = TransferReceipt;

    fn storage_use(&self) -> StorageUse {
        match self.direction {
            TransferKind::Deposit => StorageUse::Counted,
            // A number a day bounds it.
            TransferKind::Withdraw => StorageUse::Free,
        }
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<TransferReceipt>> {
        if !is_whole_cents(self.amount) && self.amount != state.head.available {
            return Err(Error::Invalid(vec![all_or_cents_fault(self.amount, state.head.available)]));
        }
        self.limit_check(accounts, state)?;
        if self.direction == TransferKind::Withdraw && self.amount > state.head.available {
            return Err(insufficient_funds(state.head.available, self.amount, "withdrawal").into());
        }
        let units = match self.direction {
            TransferKind::Deposit => self.amount.units(),
            TransferKind::Withdraw => -self.amount.units(),
        };
        let postings = Postings::new(vec![
            Posting::new(LedgerAccount::Trader(Bucket::Available), Currency::Usd, units),
            Posting::new(LedgerAccount::VenueExternal, Currency::Usd, -units),
        ])
        .map_err(|error| Error::Invariant(error.to_string()))?;
        let appended = state.append(EventKind::TransferSettled, postings)?;
        let answer = TransferReceipt {
            success: true,
            message: format!("Successfully {} ${}", self.direction.done(), short(self.amount)),
            transaction_id: transaction_id(&appended.head.hash),
            timestamp: Timestamp(state.now_us),
        };
        Ok(CommitPlan { appended, writes: Vec::new(), books: BookChanges::default(), answer })
    }
}

impl TransferCommand {
    fn limit_check(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<()> {
        let (deposited, withdrawn) = state.head.transferred_on(day_of(state.now_us));
        let config = &accounts.context.config;
        let (limit, used, verb) = match self.direction {
            TransferKind::Deposit => (config.daily_deposit_limit, deposited, "deposit"),
            TransferKind::Withdraw => (config.daily_withdraw_limit, withdrawn, "withdraw"),
        };
        let left = left(limit, used);
        if self.amount <= left {
            return Ok(());
        }
        Err(Problem::new(
            Code::BalanceDailyLimit,
            format!(
                "You can {verb} {left} USD more today; the limit is {limit} USD a day and starts anew at 00:00 UTC."
            ),
        )
        .with_fact("limit", limit)
        .with_fact("used", used)
        .with_fact("left", left)
        .with_fact("requested", self.amount)
        .into())
    }
}

/// Without decimals when they are zero: `100`, `100.50`.
fn short(amount: Amount) -> String {
    let text = amount.to_string();
    text.strip_suffix(".00").map_or_else(|| text.clone(), str::to_owned)
}

/// Returns true if an amount has no fraction of a cent.
const fn is_whole_cents(amount: Amount) -> bool {
    amount.units() % UNITS_PER_CENT == 0
}

/// Reads an amount above 0 and up to the largest transfer. Only a withdrawal of all there is may have fractions of a cent.
fn amount_read(text: &str) -> Result<Amount, FieldError> {
    let fault = |rule: &str, detail: &str| FieldError::new("amount", rule, detail).given(text);
    let amount = match text.parse::<Amount>() {
        Ok(amount) => amount,
        Err(MoneyError::TooPrecise) => return Err(cents_fault(text)),
        Err(MoneyError::OutOfRange) => {
            return Err(fault("max", "The amount may be at most 1,000,000 USD.")
                .nearest(vec!["1000000.00".to_owned()]));
        }
        Err(MoneyError::Malformed) => {
            return Err(fault("decimal", "The amount must be a number such as 100 or 100.50."));
        }
    };
    if amount <= Amount::ZERO {
        return Err(fault("positive", "The amount must be above 0.").nearest(vec!["0.01".to_owned()]));
    }
    if amount.units() > AMOUNT_MAX_UNITS {
        return Err(
            fault("max", "The amount may be at most 1,000,000 USD.").nearest(vec!["1000000.00".to_owned()])
        );
    }
    Ok(amount)
}

/// A withdrawal with a fraction of a cent that is not all there is: the whole cents below and above, and all there is.
fn all_or_cents_fault(amount: Amount, available: Amount) -> FieldError {
    let mut fault = cents_fault(&amount.to_string());
    fault.detail =
        format!("The amount may have at most 2 decimals, or be exactly the {available} USD available.");
    if available > Amount::ZERO {
        fault.nearest.push(available.to_string());
    }
    fault
}

/// More than two decimals, with the whole cents below and above.
fn cents_fault(text: &str) -> FieldError {
    let cents = text.find('.').and_then(|point| text.get(..point + 3)).unwrap_or(text);
    let below = cents.parse::<Amount>().map_or(0, Amount::units);
    let nearest = [below, below + UNITS_PER_CENT]
        .into_iter()
        .filter(|units| (1..=AMOUNT_MAX_UNITS).contains(units))
        .filter_map(|units| Amount::from_units(units).ok())
        .map(|amount| amount.to_string())
        .collect();
    FieldError::new("amount", "decimals", "The amount may have at most 2 decimals.")
        .given(text)
        .nearest(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_above_zero_and_up_to_the_largest() {
        for (text, amount) in [
            ("100", "100.00"),
            ("0.01", "0.01"),
            ("100.50", "100.50"),
            ("1.500", "1.50"),
            ("0.00345678", "0.00345678"),
        ] {
            assert_eq!(amount_read(text).unwrap().to_string(), amount);
        }
        assert_eq!(amount_read("1000000").unwrap().units(), AMOUNT_MAX_UNITS);
        for (text, rule, nearest) in [
            ("0", "positive", vec!["0.01"]),
            ("-5", "positive", vec!["0.01"]),
            ("1000000.01", "max", vec!["1000000.00"]),
            ("1000000.001", "max", vec!["1000000.00"]),
            ("1.0000000001", "decimals", vec!["1.00", "1.01"]),
            ("1e3", "decimal", vec![]),
            ("", "decimal", vec![]),
            ("ten", "decimal", vec![]),
        ] {
            let error = amount_read(text).unwrap_err();
            assert_eq!(
                (error.rule.as_str(), error.nearest.iter().map(String::as_str).collect()),
                (rule, nearest),
                "{text}"
            );
            assert_eq!(error.pointer.as_deref(), Some("#/amount"));
        }
    }

    #[test]
    fn a_fraction_of_a_cent_is_refused_with_the_cents_beside_it() {
        for (text, nearest) in [("1.234", vec!["1.23", "1.24"]), ("0.001", vec!["0.01"])] {
            let amount = amount_read(text).unwrap();
            assert!(!is_whole_cents(amount));
            assert_eq!(cents_fault(text).nearest, nearest);
            let all = all_or_cents_fault(amount, "7.00345678".parse().unwrap());
            assert_eq!(all.nearest, [nearest, vec!["7.00345678"]].concat());
            assert_eq!(all.rule, "decimals");
        }
    }

    #[test]
    fn messages_are_short() {
        assert_eq!(short("100".parse().unwrap()), "100");
        assert_eq!(short("100.5".parse().unwrap()), "100.50");
        assert_eq!(short("1000.00".parse().unwrap()), "1000");
    }
}
