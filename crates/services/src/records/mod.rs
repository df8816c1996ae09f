//! Stored records: their keys, their codec and every schema that was ever written.
//!
//! | part | subject |
//! |---|---|
//! | `key` | keys of items |
//! | `codec` | [`Record`]: schema byte and postcard |
//! | `order` | an order with its fills |
//! | `index` | index items of open orders and of orders that wait for prices |
//! | `alert`, `plan` | price alerts; recurring orders and their next runs |
//! | `automation_event` | events about alerts and recurring orders, in an envelope |
//! | `event` | events and the hash chain over them |
//! | `movement` | index of the events that have rows in the list of transactions |
//! | `account` | balances and counters, holdings, answers of commands |

mod account;
mod alert;
mod automation_event;
mod codec;
mod event;
mod index;
mod key;
mod movement;
mod order;
mod plan;
#[cfg(test)]
pub(crate) mod plan_fixture;

pub(crate) use account::{ClientOrder, Head, HoldingRecord, StoredAnswer};
pub(crate) use alert::{AlertIndexItem, AlertRecord, Fired};
pub(crate) use automation_event::{AutomationEvent, EventEnvelope};
pub(crate) use codec::{
    FIRST_SCHEMA, Record, decode, encode, exact, first_schema, read_first, unknown_schema,
};
pub(crate) use event::{
    Event, EventKind, HoldingAfter, OrderEvent, RecurringChange, decode_event, encode_event, event_hash,
};
pub(crate) use index::{BookInterest, OpenOrderIndexItem, StoredMarks, TriggerIndexItem};
pub use key::SPREAD_PREFIXES;
pub(crate) use key::{
    ALERT_PREFIX, BOOK_PARTITION_PREFIX, CLIENT_ORDER_PREFIX, EVENT_PREFIX, HEAD, HOLDING_PREFIX, MARKS,
    MOVEMENT_PREFIX, OPEN_ORDER_PREFIX, ORDER_PREFIX, PARTITION_PREFIX, PLAN_PREFIX, RUNS_PK, account_pk,
    alert_key, book_alert_key, book_marks_key, book_order_key, book_pk, client_order_key, event_key,
    event_seq, head_key, holding_key, idempotency_key, movement_key, movement_seq, open_order_key, order_key,
    plan_key, run_due, run_key,
};
pub(crate) use movement::{MOVEMENT_ID_BYTES, MovementRecord};
pub(crate) use order::{FillModel, FillRecord, GroupRecord, OrderRecord, average};
pub(crate) use plan::{DueRun, PlanRecord, PlanStatus, RunOutcome, RunRecord};
