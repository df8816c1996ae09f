//! One account's partition of the table: what is stored of it, and the one way to change it.
//!
//! [`Accounts::execute`] runs a command: it waits for the account's turn in this process, reads the account, lets
//! the command decide, commits everything in one transaction under the versions that were read, and tells who
//! listens. Nothing else in the program writes money.

mod chain;
mod command;
mod doubt;
mod key;
mod queue;
mod read;
mod record;
mod state;

use std::sync::Arc;

pub(crate) use chain::event_hash;
pub(crate) use command::{Attempt, Command, Idempotent, Keep};
pub(crate) use doubt::{Doubt, Doubts};
pub(crate) use key::{
    ALERT_PREFIX, BOOK_PARTITION_PREFIX, CLIENT_ORDER_PREFIX, EVENT_PREFIX, HEAD, HOLDING_PREFIX, MARKS,
    OPEN_ORDER_PREFIX, ORDER_PREFIX, PARTITION_PREFIX, PLAN_PREFIX, RUNS_PK, account_pk, alert_id, alert_key,
    alert_number, book_alert_key, book_marks_key, book_order_key, book_pk, client_order_key, event_seq,
    open_order_key, order_id, order_key, order_number, plan_id, plan_key, plan_number, run_due_us, run_key,
};
pub(crate) use read::{Reads, topic};
pub(crate) use record::{
    ClientOrder, Event, EventKind, Head, HoldingAfter, HoldingRecord, OrderEvent, Record, RecurringChange,
    StoredAnswer, decode, decode_event, encode, exact, read_first, unknown_schema,
};
pub(crate) use state::{Appended, Loaded, LoadedOrder, State, day_of, opening};

use crate::Context;
use crate::books::Books;
use queue::Queue;
#[cfg(test)]
pub(crate) use queue::WAITING_MAX;

/// Reads accounts and runs the commands on them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pub(crate) context: Arc<Context>,
    queue: Arc<Queue>,
    /// Where work waits that takes several commands: while it is done, its commands take their turns in the other one.
    wholes: Arc<Queue>,
    pub(crate) books: Arc<Books>,
}

impl Accounts {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let books = Arc::new(Books::new(context.environment.market.catalogue()));
        Self { context, queue: Arc::default(), wholes: Arc::default(), books }
    }
}
