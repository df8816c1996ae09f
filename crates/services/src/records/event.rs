//! The events of an account and the hash chain over them. An event's body has its hash between schema byte and payload.

use bytes::Bytes;
use cnop_domain::{
    AccountId, AlertId, Amount, AssetId, Guarded, OrderChange, OrderId, OrderState, PlanId, Postings,
    Quantity,
};
use cnop_store::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::alert::AlertRecord;
use super::automation_event::EventEnvelope;
use super::codec::{FIRST_SCHEMA, append, exact};
use super::plan::PlanRecord;
use crate::error::Result;

/// Bytes of a hash.
pub(crate) const HASH_BYTES: usize = 32;

/// `E#seq`: one committed change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// Time in µs since 1970; never earlier than the event before.
    pub(crate) time_us: i64,
    pub(crate) kind: EventKind,
    pub(crate) postings: Postings,
    /// Dollars that can be spent, afterwards.
    pub(crate) available: Amount,
    /// Dollars that open orders hold, afterwards.
    pub(crate) reserved: Amount,
    /// The holding that changed, afterwards.
    pub(crate) holding: Option<HoldingAfter>,
}

/// Kind of an event. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    /// The account was opened.
    Opened,
    /// A deposit or a withdrawal.
    TransferSettled,
    /// A market order was accepted and filled in full; written before there were other order types.
    OrderFilled {
        /// Id of the order.
        order: OrderId,
    },
    /// An order was accepted or changed.
    Order(Box<OrderEvent>),
    /// The trader changed their guard rails.
    GuardChanged(Guarded),
    /// A price alert fired.
    AlertFired {
        alert: AlertId,
        /// The alert after the event.
        after: Box<AlertRecord>,
    },
    /// A recurring order ran or was left out, or paused itself.
    Recurring {
        plan: PlanId,
        /// Change of the plan.
        what: RecurringChange,
        /// The plan after the event.
        after: Box<PlanRecord>,
    },
    /// An event of a kind that was added later. New kinds go in there and not here: a server that does not know one
    /// passes over it.
    Enveloped(Box<EventEnvelope>),
}

/// Change of a recurring order. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecurringChange {
    /// A run bought coins.
    Ran,
    /// A run was left out.
    Skipped,
    /// Its owner paused it, or too many runs in a row were left out.
    Paused,
}

/// A holding as an event leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HoldingAfter {
    pub(crate) asset_id: AssetId,
    /// Coins, available and reserved.
    pub(crate) quantity: Quantity,
    /// Coins that can be sold.
    pub(crate) available: Quantity,
    pub(crate) cost: Amount,
}

/// A change of an order and the order after it. So the log alone contains an order's whole history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderEvent {
    /// Id of the order.
    pub(crate) order: OrderId,
    /// True if this is the order's first event.
    pub(crate) opens: bool,
    pub(crate) change: OrderChange,
    pub(crate) after: OrderState,
    /// Profit of this fill after its fee; `None` for a purchase and for other changes.
    pub(crate) profit: Option<Amount>,
}

/// SHA-256 of the previous event's hash (all zero before the first), the account's id, the event's number (8
/// bytes, big-endian) and the event's payload as stored, schema byte first.
pub(crate) fn event_hash(
    previous: &[u8; 32],
    account_id: &AccountId,
    seq: u64,
    payload: &[&[u8]],
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(account_id.as_str().as_bytes());
    hasher.update(seq.to_be_bytes());
    for part in payload {
        hasher.update(part);
    }
    hasher.finalize().into()
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
    let mut body = append(event, body)?;
    let payload = body.get(1 + HASH_BYTES..).unwrap_or_default();
    let hash = event_hash(previous, account_id, seq, &[&[FIRST_SCHEMA], payload]);
    if let Some(place) = body.get_mut(1..=HASH_BYTES) {
        place.copy_from_slice(&hash);
    }
    Ok((Bytes::from(body), hash))
}

/// An event, its stored hash, and its payload in the parts that were hashed.
pub(crate) type DecodedEvent<'a> = (Event, [u8; HASH_BYTES], [&'a [u8]; 2]);

/// Decodes an event: its content, its stored hash, and the payload as hashed.
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
