//! Any stored item as JSON, for the operator. Hashes of secrets are left out.

use cnop_store::Item;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::auth;
use crate::error::{Error, Result};
use crate::records::{
    ALERT_PREFIX, AlertIndexItem, AlertRecord, BOOK_PARTITION_PREFIX, ClientOrder, DueRun, EVENT_PREFIX,
    Event, HEAD, HOLDING_PREFIX, Head, HoldingRecord, MARKS, MOVEMENT_PREFIX, MovementRecord, ORDER_PREFIX,
    OpenOrderIndexItem, OrderRecord, PARTITION_PREFIX, PLAN_PREFIX, PlanRecord, RUNS_PK, Record,
    StoredAnswer, StoredMarks, TriggerIndexItem, decode, decode_event,
};

/// An event and its link in the hash chain.
#[derive(Serialize)]
struct EventJson {
    #[serde(serialize_with = "hex_serialize")]
    hash: [u8; 32],
    event: Event,
}

/// A stored answer of an idempotency record.
#[derive(Serialize)]
struct AnswerJson {
    #[serde(serialize_with = "hex_serialize")]
    fingerprint: [u8; 32],
    answer: Box<RawValue>,
}

fn hex_serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Content of an item's body; `None` for an unknown kind of item.
///
/// # Errors
/// The body cannot be read.
pub fn inspect(item: &Item) -> Option<Result<Box<RawValue>>> {
    if let Some(shown) = auth::inspect(&item.key, &item.body) {
        return Some(shown.and_then(|value| raw(&value)));
    }
    let (body, sk) = (&item.body, item.key.sk.as_str());
    if item.key.pk.starts_with(BOOK_PARTITION_PREFIX) {
        return match sk {
            _ if sk.starts_with(MARKS) => Some(shown::<StoredMarks>(body)),
            _ if sk.starts_with(ORDER_PREFIX) => Some(shown::<TriggerIndexItem>(body)),
            _ if sk.starts_with(ALERT_PREFIX) => Some(shown::<AlertIndexItem>(body)),
            _ => None,
        };
    }
    if item.key.pk == RUNS_PK {
        return Some(shown::<DueRun>(body));
    }
    if !item.key.pk.starts_with(PARTITION_PREFIX) {
        return None;
    }
    Some(match sk.split('#').next().unwrap_or_default() {
        _ if sk == HEAD => shown::<Head>(body),
        _ if sk.starts_with(HOLDING_PREFIX) => shown::<HoldingRecord>(body),
        _ if sk.starts_with(ORDER_PREFIX) => shown::<OrderRecord>(body),
        _ if sk.starts_with(PLAN_PREFIX) => shown::<PlanRecord>(body),
        _ if sk.starts_with(ALERT_PREFIX) => shown::<AlertRecord>(body),
        _ if sk.starts_with(EVENT_PREFIX) => {
            decode_event(body).and_then(|(event, hash, _)| raw(&EventJson { hash, event }))
        }
        _ if sk.starts_with(MOVEMENT_PREFIX) => shown::<MovementRecord>(body),
        "I" => decode::<StoredAnswer>(body).and_then(|stored| answer(&stored)),
        "C" => shown::<ClientOrder>(body),
        "W" => shown::<OpenOrderIndexItem>(body),
        _ => return None,
    })
}

fn shown<T: Record>(body: &[u8]) -> Result<Box<RawValue>> {
    raw(&decode::<T>(body)?)
}

fn answer(stored: &StoredAnswer) -> Result<Box<RawValue>> {
    let answer = serde_json::from_slice(&stored.json).map_err(|error| unwritable(&error))?;
    raw(&AnswerJson { fingerprint: stored.fingerprint, answer })
}

/// As text: some numbers are larger than a JSON tree of ours holds.
fn raw<T: Serialize>(value: &T) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::Internal(format!("an item cannot be shown: {error}"))
}
