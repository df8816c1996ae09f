//! Balance, deposits, withdrawals and their history.

use cnop_api::money::Transaction;
use leptos::prelude::*;

use crate::error::AppError;
use crate::forms::{Form, respond};

/// Movements in one page of the history.
const HISTORY_ROWS: u32 = 25;
/// Pages of all movements that are read for one page of a filtered history.
const HISTORY_PAGES_MAX: u32 = 8;

/// One page of the history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccountHistory {
    /// Movements, ordered newest first.
    pub(crate) rows: Vec<Transaction>,
    /// All of the account's, whatever the filter.
    pub(crate) total_count: u64,
    /// For the next page; none at the end.
    pub(crate) next_cursor: Option<String>,
}

/// Movements of dollars; `kind` is a type's name or empty.
///
/// # Errors
/// A cursor that is none; when the books cannot be read.
pub(crate) async fn history(
    services: &cnop_services::Services,
    caller: &cnop_api::Caller,
    kind: &str,
    cursor: &str,
) -> Result<AccountHistory, cnop_api::Problem> {
    let mut next = (!cursor.is_empty()).then(|| cursor.to_owned());
    let mut history = AccountHistory { rows: Vec::new(), total_count: 0, next_cursor: None };
    // A filter reads on until a page is full, bounded: what is left is one more page away.
    for _ in 0..HISTORY_PAGES_MAX {
        let page = services
            .ledger
            .transactions(caller, HISTORY_ROWS, next.as_deref())
            .await
            .map_err(cnop_api::Problem::from)?;
        history.total_count = page.total_count;
        history.next_cursor = page.next_cursor.filter(|_| page.has_more);
        let wanted = |row: &Transaction| kind.is_empty() || kind_of(row) == kind;
        history.rows.extend(page.transactions.into_iter().filter(wanted));
        if history.next_cursor.is_none() || history.rows.len() >= HISTORY_ROWS as usize {
            break;
        }
        next.clone_from(&history.next_cursor);
    }
    Ok(history)
}

/// The wire name of a movement's type.
pub(crate) fn kind_of(row: &Transaction) -> &'static str {
    use cnop_api::money::TransactionType;
    match row.transaction_type {
        TransactionType::Deposit => "deposit",
        TransactionType::Withdraw => "withdraw",
        TransactionType::OrderPayment => "order_payment",
        TransactionType::OrderSale => "order_sale",
        TransactionType::Fee => "fee",
    }
}

/// Puts dollars into the account.
///
/// # Errors
/// An amount that breaks a rule; the daily limit.
#[server(prefix = "/fn", endpoint = "deposit")]
pub(crate) async fn deposit(
    #[server(default)] amount: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let amount = amount.trim().to_owned();
    let form = Form {
        name: "deposit",
        page: "/account?form=deposit".to_owned(),
        key: key.clone(),
        kept: vec![("amount", amount.clone())],
    };
    let outcome = server::transfer(server::Way::In, amount, &key).await;
    respond(outcome, form, |_| "/account?result=deposit".to_owned())
}

/// Takes dollars out of the account.
///
/// # Errors
/// An amount that breaks a rule; too little money; the daily limit.
#[server(prefix = "/fn", endpoint = "withdraw")]
pub(crate) async fn withdraw(
    #[server(default)] amount: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let amount = amount.trim().to_owned();
    let form = Form {
        name: "withdraw",
        page: "/account?form=withdraw".to_owned(),
        key: key.clone(),
        kept: vec![("amount", amount.clone())],
    };
    let outcome = server::transfer(server::Way::Out, amount, &key).await;
    respond(outcome, form, |_| "/account?result=withdraw".to_owned())
}

mod server {
    use cnop_api::money::{TransferReceipt, TransferRequest};
    use cnop_api::{Figure, Problem, TypedUnit};

    use crate::context;
    use crate::forms::idempotency_key;

    pub(super) enum Way {
        In,
        Out,
    }

    pub(super) async fn transfer(way: Way, amount: String, key: &str) -> Result<TransferReceipt, Problem> {
        let caller = context::signed_in()?;
        let services = context::services()?;
        let amount = Figure::typed("amount", &amount, TypedUnit::Cents)
            .map_err(|error| Problem::invalid(vec![error]))?;
        let request = TransferRequest::from(amount);
        let key = idempotency_key(key)?;
        match way {
            Way::In => services.ledger.deposit(&caller, request, key).await,
            Way::Out => services.ledger.withdraw(&caller, request, key).await,
        }
        .map_err(Problem::from)
    }
}
