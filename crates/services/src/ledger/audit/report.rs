//! Result of an audit.

use std::collections::BTreeMap;

use cnop_domain::{Currency, LedgerAccount};

/// Most differences that are listed; the rest is counted.
const DIFFERENCES_MAX: usize = 1_000;
/// Items of one read.
pub(super) const PAGE_ITEMS: u32 = 1_000;

/// Result of an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Accounts that were recomputed.
    pub accounts: u64,
    /// Events that were read.
    pub events: u64,
    /// Orders that were compared.
    pub orders: u64,
    /// Orders of these that wait for prices.
    pub live_orders: u64,
    /// Price alerts that wait.
    pub alerts: u64,
    /// Recurring orders that run.
    pub recurring: u64,
    /// Units (10⁻⁸) of each currency in each kind of account, over all traders.
    pub totals: BTreeMap<(LedgerAccount, Currency), i128>,
    /// Differences between postings and balances, one sentence each; empty when all agrees.
    pub differences: Vec<String>,
    /// Differences beyond those listed.
    pub differences_left_out: u64,
}

impl AuditReport {
    /// Returns true if there are no differences.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    /// Adds the report of another part of the table.
    pub(super) fn add(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.events += other.events;
        self.orders += other.orders;
        self.live_orders += other.live_orders;
        self.alerts += other.alerts;
        self.recurring += other.recurring;
        for (account, units) in other.totals {
            let total = self.totals.entry(account).or_default();
            *total = total.saturating_add(units);
        }
        self.differences_left_out += other.differences_left_out;
        for sentence in other.differences {
            self.differs(sentence);
        }
    }

    pub(super) fn differs(&mut self, sentence: String) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(sentence);
        } else {
            self.differences_left_out += 1;
        }
    }
}
