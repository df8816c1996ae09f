//! What is stored of an account. An event's body has its hash between schema byte and payload.

mod earlier;
mod order_event;

use bytes::Bytes;
use cnop_domain::{AccountId, Amount, AssetId, Guarded, LossRecord, Postings, Quantity};
use cnop_store::StoreError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::chain::event_hash;
use crate::alerts::AlertRecord;
use crate::recurring::PlanRecord;
use crate::stored::{self, SCHEMA as FIRST_SCHEMA};
use crate::{Error, Result};

pub(crate) use order_event::OrderEvent;

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

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
    /// Orders ever placed.
    pub(crate) orders: u64,
    /// Rows of the list of transactions.
    pub(crate) transactions: u64,
    /// All deposits.
    pub(crate) deposited: Amount,
    /// All withdrawals.
    pub(crate) withdrawn: Amount,
    /// All fees.
    pub(crate) fees: Amount,
    /// The UTC day (since 1970) of the two following figures.
    pub(crate) day: i64,
    /// Deposits of that day.
    pub(crate) deposited_today: Amount,
    /// Withdrawals of that day.
    pub(crate) withdrawn_today: Amount,
    /// The 128 bits of the newest order's id: the next one is larger.
    pub(crate) last_order: u128,
    /// Orders that are not closed.
    pub(crate) open_orders: u32,
    /// What sales have earned and lost lately.
    pub(crate) losses: LossRecord,
    /// What the trader forbids himself.
    pub(crate) guard: Guarded,
}

/// `H#asset`: coins of one asset. Stays when they are sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct HoldingRecord {
    /// Coins that can be sold.
    pub(crate) available: Quantity,
    /// Coins that open orders hold.
    pub(crate) reserved: Quantity,
    /// What all these coins cost, purchase fees included.
    pub(crate) cost: Amount,
    /// Profit of all sales, after fees.
    pub(crate) realised: Amount,
    /// First event.
    pub(crate) created_us: i64,
    /// Last event.
    pub(crate) updated_us: i64,
}

/// `E#seq`: one committed change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// When, in µs since 1970; never earlier than the event before.
    pub(crate) time_us: i64,
    /// What happened.
    pub(crate) kind: EventKind,
    /// What moved.
    pub(crate) postings: Postings,
    /// Dollars that can be spent, afterwards.
    pub(crate) available: Amount,
    /// Dollars that open orders hold, afterwards.
    pub(crate) reserved: Amount,
    /// The holding that changed, afterwards.
    pub(crate) holding: Option<HoldingAfter>,
}

/// What happened. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    /// The account was opened.
    Opened,
    /// A deposit or a withdrawal.
    TransferSettled,
    /// A market order was accepted and filled whole: what was written before there were other types.
    OrderFilled {
        /// The 128 bits of its id.
        order: u128,
    },
    /// An order was accepted or changed.
    Order(Box<OrderEvent>),
    /// The trader set his guard rails.
    GuardChanged(Guarded),
    /// A price alert fired.
    AlertFired {
        /// The 128 bits of its id.
        alert: u128,
        /// The alert afterwards.
        after: Box<AlertRecord>,
    },
    /// A recurring order ran or was left out, or paused itself.
    Recurring {
        /// The 128 bits of the plan's id.
        plan: u128,
        /// What happened.
        what: RecurringChange,
        /// The plan afterwards.
        after: Box<PlanRecord>,
    },
}

/// What happened to a recurring order. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecurringChange {
    /// A run bought.
    Ran,
    /// A run was left out.
    Skipped,
    /// Its owner paused it, or too many runs in a row were left out.
    Paused,
}

/// A holding as an event leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HoldingAfter {
    /// The asset.
    pub(crate) asset_id: AssetId,
    /// Coins, available and reserved.
    pub(crate) quantity: Quantity,
    /// Coins that can be sold.
    pub(crate) available: Quantity,
    /// What they cost.
    pub(crate) cost: Amount,
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
    /// The 128 bits of the order's id.
    pub(crate) order: u128,
}

/// What has a body of its own.
pub(crate) trait Record: Serialize + Sized {
    /// The schema that is written.
    const SCHEMA: u8 = FIRST_SCHEMA;

    /// Reads what a schema, this or an earlier one, wrote.
    fn read(schema: u8, bytes: &[u8]) -> Result<Self>;
}

/// Reads a record that has had one schema only.
pub(crate) fn read_first<T: DeserializeOwned>(schema: u8, bytes: &[u8]) -> Result<T> {
    if schema == FIRST_SCHEMA { exact(bytes) } else { Err(unknown_schema()) }
}

pub(crate) fn unknown_schema() -> Error {
    StoreError::corrupt("an item has an unknown schema").into()
}

macro_rules! first_schema {
    ($($record:ty),*) => {$(
        impl Record for $record {
            fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
                read_first(schema, bytes)
            }
        }
    )*};
}

first_schema!(HoldingRecord, StoredAnswer, ClientOrder);

/// The body of an item.
pub(crate) fn encode<T: Record>(record: &T) -> Result<Bytes> {
    stored::append(record, vec![T::SCHEMA]).map(Bytes::from)
}

/// What a body says.
pub(crate) fn decode<T: Record>(body: &[u8]) -> Result<T> {
    match body.split_first() {
        Some((schema, rest)) => T::read(*schema, rest),
        None => Err(unknown_schema()),
    }
}

/// Reads all bytes: what is left over is as wrong as what is missing.
pub(crate) fn exact<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    Ok(stored::exact(bytes)?)
}

/// The body of an event, and its hash: schema byte, hash, payload.
pub(crate) fn encode_event(
    event: &Event,
    previous: &[u8; HASH_BYTES],
    account_id: &AccountId,
    seq: u64,
) -> Result<(Bytes, [u8; HASH_BYTES])> {
    let mut body = Vec::with_capacity(256);
    body.push(FIRST_SCHEMA);
    body.extend_from_slice(&[0; HASH_BYTES]);
    let mut body = stored::append(event, body)?;
    let payload = body.get(1 + HASH_BYTES..).unwrap_or_default();
    let hash = event_hash(previous, account_id, seq, &[&[FIRST_SCHEMA], payload]);
    if let Some(place) = body.get_mut(1..=HASH_BYTES) {
        place.copy_from_slice(&hash);
    }
    Ok((Bytes::from(body), hash))
}

/// An event, its stored hash, and its payload in the parts that were hashed.
pub(crate) type DecodedEvent<'a> = (Event, [u8; HASH_BYTES], [&'a [u8]; 2]);

/// What an event's body says, its stored hash, and its payload as it was hashed.
pub(crate) fn decode_event(body: &[u8]) -> Result<DecodedEvent<'_>> {
    let schema = body.get(..1).unwrap_or_default();
    let hash = body.get(1..=HASH_BYTES).and_then(|bytes| <[u8; HASH_BYTES]>::try_from(bytes).ok());
    match (schema, hash, body.get(1 + HASH_BYTES..)) {
        ([FIRST_SCHEMA], Some(hash), Some(payload)) => Ok((exact(payload)?, hash, [schema, payload])),
        _ => Err(StoreError::corrupt("an event has an unknown schema").into()),
    }
}

#[cfg(test)]
#[path = "golden.rs"]
mod golden;
