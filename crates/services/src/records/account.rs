//! The figures of an account: balances and counters, holdings, answers of commands and ids of clients.

use cnop_domain::{Amount, DayTrades, Guarded, LossRecord, OrderId, Quantity};
use serde::{Deserialize, Serialize};

use super::codec::{FIRST_SCHEMA, Record, exact, first_schema, unknown_schema};
use super::event::HASH_BYTES;
use crate::error::Result;

/// `HEAD`: the account's dollars, and figures that would otherwise be sums over its whole log. All of it follows
/// from the events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Dollars that can be spent.
    pub(crate) available: Amount,
    /// Dollars that open orders hold.
    pub(crate) reserved: Amount,
    /// Number of the last event.
    pub(crate) seq: u64,
    /// Hash of the last event.
    pub(crate) hash: [u8; HASH_BYTES],
    /// Time of the last event.
    pub(crate) time_us: i64,
    pub(crate) orders: u64,
    /// Rows of the list of transactions.
    pub(crate) transactions: u64,
    pub(crate) deposited: Amount,
    pub(crate) withdrawn: Amount,
    pub(crate) fees: Amount,
    /// The UTC day (since 1970) of the two following figures.
    pub(crate) day: i64,
    /// Deposits of that day.
    pub(crate) deposited_today: Amount,
    /// Withdrawals of that day.
    pub(crate) withdrawn_today: Amount,
    /// The newest order; the next one's id is larger. The default before the first.
    pub(crate) last_order: OrderId,
    /// Orders that are not closed.
    pub(crate) open_orders: u32,
    /// Recent realized profit and loss.
    pub(crate) losses: LossRecord,
    /// Guard rails of the trader.
    pub(crate) guard: Guarded,
}

/// `H#asset`: coins of one asset. Stays when they are sold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct HoldingRecord {
    /// Coins that can be sold.
    pub(crate) available: Quantity,
    /// Coins that open orders hold.
    pub(crate) reserved: Quantity,
    /// Cost of these coins, purchase fees included.
    pub(crate) cost: Amount,
    /// Profit of all sales, after fees.
    pub(crate) realised: Amount,
    /// Time of the first event.
    pub(crate) created_us: i64,
    /// Time of the last event.
    pub(crate) updated_us: i64,
    /// Trades of the last day.
    pub(crate) trades: DayTrades,
}

/// A holding as it was before the trades of the day were kept.
#[derive(Debug, Deserialize)]
struct FirstHolding {
    available: Quantity,
    reserved: Quantity,
    cost: Amount,
    realised: Amount,
    created_us: i64,
    updated_us: i64,
}

impl From<FirstHolding> for HoldingRecord {
    fn from(first: FirstHolding) -> Self {
        Self {
            available: first.available,
            reserved: first.reserved,
            cost: first.cost,
            realised: first.realised,
            created_us: first.created_us,
            updated_us: first.updated_us,
            trades: DayTrades::from(first.updated_us),
        }
    }
}

impl Record for HoldingRecord {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            FIRST_SCHEMA => exact::<FirstHolding>(bytes).map(Self::from),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

/// `I#route#key`: the committed answer of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    /// SHA-256 of the request.
    pub(crate) fingerprint: [u8; HASH_BYTES],
    /// The answer as JSON.
    pub(crate) json: Vec<u8>,
}

/// `C#client_order_id`: which order has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientOrder {
    /// SHA-256 of the request.
    pub(crate) fingerprint: [u8; HASH_BYTES],
    /// Id of the order.
    pub(crate) order: OrderId,
}

first_schema!(StoredAnswer, ClientOrder);

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
    last_order: OrderId,
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
