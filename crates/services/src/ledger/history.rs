//! The list of transactions, a view of the event log.

use cnop_api::money::{Transaction, TransactionStatus, TransactionType, Transactions};
use cnop_api::{Caller, Timestamp};

use super::Ledger;
use crate::error::Result;
use crate::paging::{cursor_fault, limit_check};
use crate::records::{Event, EventKind};

/// The id of a movement: the first 128 bits of its event's hash.
pub(super) fn transaction_id(hash: &[u8; 32]) -> String {
    let bits = hash.iter().take(16).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    format!("txn_{}", cnop_domain::ulid::encode(bits))
}

impl Ledger {
    /// The account's cash movements, newest first. Their sum is the current balance.
    ///
    /// # Errors
    /// `request.invalid` for a limit above 100 or a foreign cursor; when the account cannot be read.
    pub async fn transactions(
        &self,
        caller: &Caller,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Transactions> {
        let limit = limit_check(limit)?;
        let head = self.accounts.head(&caller.account_id).await?;
        // A cursor names the last row of the previous page.
        let shown = cursor.map(cursor_read).transpose()?;
        let mut next_event = shown.map_or(head.seq, |(seq, _)| seq);
        let mut rows: Vec<(u64, usize, Transaction)> = Vec::new();
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        // Most events have a row; those of orders that rest have none, so that a page may take several rounds.
        while rows.len() <= wanted && next_event > 0 {
            let events = self.accounts.events_back_from(&caller.account_id, next_event, limit + 2).await?;
            let Some((last, _, _)) = events.last() else { break };
            next_event = last.saturating_sub(1);
            for (seq, event, hash) in &events {
                for (row, transaction) in rows_of(event, hash)?.into_iter().enumerate() {
                    if shown.is_none_or(|shown| *seq < shown.0 || row > shown.1) {
                        rows.push((*seq, row, transaction));
                    }
                }
            }
        }
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = rows.last().filter(|_| has_more).map(|(seq, row, _)| format!("{seq}-{row}"));
        Ok(Transactions {
            transactions: rows.into_iter().map(|(_, _, transaction)| transaction).collect(),
            total_count: head.transactions,
            has_more,
            next_cursor,
        })
    }
}

fn cursor_read(cursor: &str) -> Result<(u64, usize)> {
    let (seq, row) = cursor.split_once('-').ok_or_else(cursor_fault)?;
    Ok((seq.parse().map_err(|_| cursor_fault())?, row.parse().map_err(|_| cursor_fault())?))
}

/// The rows of one event, newest first.
fn rows_of(event: &Event, hash: &[u8; 32]) -> Result<Vec<Transaction>> {
    let id = transaction_id(hash);
    let row = |id: String, transaction_type, amount, reference_id: Option<String>, description| Transaction {
        transaction_id: id,
        transaction_type,
        amount,
        status: TransactionStatus::Completed,
        created_at: Timestamp(event.time_us),
        reference_id,
        description,
    };
    let order = match &event.kind {
        EventKind::Opened
        | EventKind::GuardChanged(_)
        | EventKind::AlertFired { .. }
        | EventKind::Recurring { .. } => return Ok(Vec::new()),
        EventKind::TransferSettled => {
            let amount = event.transfer()?;
            let (transaction_type, description) = if amount.is_negative() {
                (TransactionType::Withdraw, format!("Withdrawal of {} USD", amount.negated()))
            } else {
                (TransactionType::Deposit, format!("Deposit of {amount} USD"))
            };
            return Ok(vec![row(id, transaction_type, amount, None, description)]);
        }
        EventKind::OrderFilled { order } => *order,
        EventKind::Order(event) => event.order,
    };
    let reference = Some(order.to_string());
    let (payment, fee) = (event.payment()?, event.fee()?);
    let (transaction_type, verb, side) = if payment.is_negative() {
        (TransactionType::OrderPayment, "Bought", "buy")
    } else {
        (TransactionType::OrderSale, "Sold", "sell")
    };
    let mut rows = Vec::with_capacity(2);
    if !fee.is_zero() {
        let description = format!("Fee · {side} {}", what_moved(event));
        let (id, amount) = (format!("{id}-fee"), fee.negated());
        rows.push(row(id, TransactionType::Fee, amount, reference.clone(), description));
    }
    // A move between available and reserved does not change the balance.
    if !payment.is_zero() {
        let description = format!("{verb} {}", what_moved(event));
        rows.push(row(id, transaction_type, payment, reference, description));
    }
    Ok(rows)
}

/// Text such as `0.015 BTC`.
fn what_moved(event: &Event) -> String {
    event.coins().map_or_else(String::new, |(asset_id, units)| {
        // A count of coins prints like any quantity; an amount's two decimals would be wrong here.
        let quantity = cnop_domain::Quantity::from_units(units.abs()).unwrap_or_default();
        format!("{quantity} {asset_id}")
    })
}
