//! Recomputes every account from its events and compares: hash chains, numbers, balances, holdings, orders, and the
//! sum over all accounts. It reads only; run it while nobody writes.

mod account;
mod order;

use std::collections::{BTreeMap, BTreeSet};

use cnop_domain::{Account, Currency};
use cnop_store::Table;

use crate::Result;
use crate::account::PARTITION_PREFIX;

/// Most differences that are listed; the rest is counted.
const DIFFERENCES_MAX: usize = 1_000;
/// Items of one read.
const PAGE_ITEMS: u32 = 1_000;

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Accounts that were recomputed.
    pub accounts: u64,
    /// Events that were read.
    pub events: u64,
    /// Orders that were compared.
    pub orders: u64,
    /// Units (10⁻⁸) of each currency in each kind of account, over all traders.
    pub totals: BTreeMap<(Account, Currency), i128>,
    /// Where books and balances differ, one sentence each; empty when all agrees.
    pub differences: Vec<String>,
    /// Differences beyond those listed.
    pub differences_left_out: u64,
}

impl AuditReport {
    /// Whether everything agrees.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    fn differs(&mut self, sentence: String) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(sentence);
        } else {
            self.differences_left_out += 1;
        }
    }
}

/// Audits the whole table.
///
/// # Errors
/// When the table cannot be read. What it says wrongly is a difference, not an error.
pub async fn run(table: &dyn Table) -> Result<AuditReport> {
    let mut report = AuditReport::default();
    for partition in partitions(table).await? {
        account::audit(table, &partition, &mut report).await?;
        report.accounts += 1;
    }
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for ((_, currency), units) in &report.totals {
        let sum = sums.entry(*currency).or_default();
        *sum = sum.saturating_add(*units);
    }
    for (currency, sum) in sums {
        if sum != 0 {
            report.differs(format!("all postings of {currency:?} sum to {sum} units, not to zero"));
        }
    }
    Ok(report)
}

/// Every partition that belongs to an account.
async fn partitions(table: &dyn Table) -> Result<BTreeSet<String>> {
    let mut partitions = BTreeSet::new();
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, PAGE_ITEMS).await?;
        for item in page.items {
            if item.key.pk.starts_with(PARTITION_PREFIX) && !partitions.contains(&item.key.pk) {
                partitions.insert(item.key.pk);
            }
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(partitions);
        }
    }
}
