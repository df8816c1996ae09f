//! One account's partition of the table: what is stored of it, and the one way to change it.
//!
//! [`Accounts::execute`] runs a command: it waits for the account's turn in this process, reads the account, lets
//! the command decide, commits everything in one transaction under the versions that were read, and tells who
//! listens. Nothing else in the program writes money.

mod chain;
mod command;
mod key;
mod queue;
mod read;
mod record;
mod state;

use std::sync::Arc;

pub(crate) use chain::event_hash;
pub(crate) use command::{Attempt, Command, Idempotent};
pub(crate) use key::{
    EVENT_PREFIX, HEAD, HOLDING_PREFIX, ORDER_PREFIX, PARTITION_PREFIX, account_pk, client_order_key,
    event_seq, order_id, order_key, order_number,
};
pub(crate) use read::topic;
pub(crate) use record::{
    ClientOrder, Event, EventKind, Head, HoldingAfter, HoldingRecord, StoredAnswer, decode, decode_event,
    encode,
};
pub(crate) use state::{State, day_of, opening};

use crate::Context;
use queue::Queue;

/// Reads accounts and runs the commands on them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pub(crate) context: Arc<Context>,
    queue: Arc<Queue>,
}

impl Accounts {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, queue: Arc::default() }
    }
}
