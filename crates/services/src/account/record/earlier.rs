//! Schemas that are no longer written.

use cnop_domain::{Amount, Guarded, LossRecord};
use serde::Deserialize;

use super::{FIRST_SCHEMA, HASH_BYTES, Head, Record, exact, unknown_schema};
use crate::Result;

/// A head as it was before orders could rest.
#[derive(Debug, Deserialize)]
struct FirstHead {
    available: Amount,
    reserved: Amount,
    seq: u64,
    hash: [u8; HASH_BYTES],
    time_us: i64,
    orders: u64,
    transactions: u64,
    deposited: Amount,
    withdrawn: Amount,
    fees: Amount,
    day: i64,
    deposited_today: Amount,
    withdrawn_today: Amount,
    last_order: u128,
}

impl From<FirstHead> for Head {
    fn from(first: FirstHead) -> Self {
        Self {
            available: first.available,
            reserved: first.reserved,
            seq: first.seq,
            hash: first.hash,
            time_us: first.time_us,
            orders: first.orders,
            transactions: first.transactions,
            deposited: first.deposited,
            withdrawn: first.withdrawn,
            fees: first.fees,
            day: first.day,
            deposited_today: first.deposited_today,
            withdrawn_today: first.withdrawn_today,
            last_order: first.last_order,
            open_orders: 0,
            losses: LossRecord::default(),
            guard: Guarded::default(),
        }
    }
}

impl Record for Head {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            FIRST_SCHEMA => exact::<FirstHead>(bytes).map(Self::from),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}
