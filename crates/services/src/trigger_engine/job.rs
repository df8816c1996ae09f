//! A job: one order or alert that a quote has reached or that has expired.

use cnop_domain::{AlertId, AssetId, BookEntryId, OrderId, Price};

use crate::orders::OrderAction;

/// A job: an action on one order or alert.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) asset_id: AssetId,
    pub(super) action: JobAction,
}

/// The action of a job.
#[derive(Debug, Clone, Copy)]
pub(super) enum JobAction {
    Order {
        order_id: OrderId,
        action: OrderAction,
    },
    /// An alert fires at the last price of a quote.
    Alert {
        alert_id: AlertId,
        price: Price,
        quote_seq: u64,
    },
}

impl Job {
    /// The entry of the book that it is about.
    pub(super) fn entry_id(&self) -> BookEntryId {
        match self.action {
            JobAction::Order { order_id, .. } => order_id.into(),
            JobAction::Alert { alert_id, .. } => alert_id.into(),
        }
    }
}

/// The result of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobResult {
    /// Done, or no longer necessary.
    Done,
    /// The table did not do it; the same is tried again, at the same quote.
    Again,
    /// Failed for good: the entry is quarantined and reloaded from the table.
    Wrong,
}
