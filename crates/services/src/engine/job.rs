//! One thing that a quote has reached, or whose time is over, and the command that does it.

use cnop_domain::{AssetId, Price};

use crate::orders::Action;

/// What is to be done with one order or alert.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) asset_id: AssetId,
    pub(super) number: u128,
    pub(super) work: Work,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    Order(Action),
    /// An alert fires at the last price of a quote.
    Alert {
        price: Price,
        quote_seq: u64,
    },
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is done, or there is nothing to do any more.
    Done,
    /// The table did not do it; the same is tried again, at the same quote.
    Again,
    /// It cannot be done as it is: the entry is read again from the table, and waits for what comes if it can be read.
    Wrong,
}
