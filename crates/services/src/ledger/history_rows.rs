//! The rows of a movement in the list of transactions.

use cnop_api::Timestamp;
use cnop_api::money::{Transaction, TransactionStatus, TransactionType};

use crate::records::{MOVEMENT_ID_BYTES, MovementRecord};

/// The id of a movement on the wire.
pub(super) fn transaction_id(hash: &[u8]) -> String {
    let bits = hash.iter().take(MOVEMENT_ID_BYTES).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    format!("txn_{}", cnop_domain::ulid::encode(bits))
}

/// The rows of one event, newest first.
pub(super) fn rows_of(movement: &MovementRecord) -> Vec<Transaction> {
    let id = transaction_id(&movement.id);
    let payment = movement.payment;
    let row = |id: String, transaction_type, amount, description| Transaction {
        transaction_id: id,
        transaction_type,
        amount,
        status: TransactionStatus::Completed,
        created_at: Timestamp(movement.time_us),
        reference_id: movement.order.map(|order| order.to_string()),
        description,
    };
    if movement.order.is_none() {
        let (transaction_type, description) = if payment.is_negative() {
            (TransactionType::Withdraw, format!("Withdrawal of {} USD", payment.negated()))
        } else {
            (TransactionType::Deposit, format!("Deposit of {payment} USD"))
        };
        return vec![row(id, transaction_type, payment, description)];
    }
    let (transaction_type, verb, side) = if payment.is_negative() {
        (TransactionType::OrderPayment, "Bought", "buy")
    } else {
        (TransactionType::OrderSale, "Sold", "sell")
    };
    let mut rows = Vec::with_capacity(2);
    if !movement.fee.is_zero() {
        let description = format!("Fee · {side} {}", what_moved(movement));
        rows.push(row(format!("{id}-fee"), TransactionType::Fee, movement.fee.negated(), description));
    }
    // A move between available and reserved does not change the balance.
    if !payment.is_zero() {
        let description = format!("{verb} {}", what_moved(movement));
        rows.push(row(id, transaction_type, payment, description));
    }
    rows
}

/// Text such as `0.015 BTC`.
fn what_moved(movement: &MovementRecord) -> String {
    movement.coins.map_or_else(String::new, |(asset_id, units)| {
        // A count of coins prints like any quantity; an amount's two decimals would be wrong here.
        let quantity = cnop_domain::Quantity::from_units(units.abs()).unwrap_or_default();
        format!("{quantity} {asset_id}")
    })
}
