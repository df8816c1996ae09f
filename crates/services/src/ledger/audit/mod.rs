//! The audit: recomputes every account from its events and compares hash chains, numbers, balances, holdings, orders,
//! alerts, recurring orders, and the sum over all accounts. It only reads; run it while no server writes.
//!
//! Several segments of the table are read at once, then several accounts, and of each account the orders of a page of
//! events: on DynamoDB each read waits for the network.

mod account;
mod automation;
mod movement;
mod order;
mod read_ahead;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use cnop_domain::Currency;
use cnop_store::{Key, Table};
use futures::{StreamExt as _, stream};

pub use report::AuditReport;

use self::report::PAGE_ITEMS;
use crate::error::{Error, Result};
use crate::records::{ALERT_PREFIX, BOOK_PARTITION_PREFIX, ORDER_PREFIX, PARTITION_PREFIX, RUNS_PK};

/// Segments of the table that are read at once.
const SEGMENTS: u32 = 16;
/// Accounts that are replayed at once. With the orders that each reads at once, 128 requests are in flight. That is
/// enough to hide the network, and few enough that none times out before its turn.
const ACCOUNTS_AT_ONCE: usize = 8;

/// Audits the whole table.
///
/// # Errors
/// The table cannot be read. Wrong content is a difference, not an error.
pub async fn run(table: &dyn Table) -> Result<AuditReport> {
    let mut report = AuditReport::default();
    let found = found(table).await?;
    let audits = stream::iter(&found.accounts).map(|partition| async move {
        let mut own = AuditReport { accounts: 1, ..AuditReport::default() };
        account::audit(table, partition, &mut own).await?;
        Ok::<_, Error>(own)
    });
    // In the order of the accounts, so that two audits of one table say the same.
    let mut audits = audits.buffered(ACCOUNTS_AT_ONCE);
    while let Some(own) = audits.next().await {
        report.add(own?);
    }
    for (what, items, expected) in [
        ("orders wait in the books", found.live_orders, report.live_orders),
        ("alerts wait in the books", found.live_alerts, report.alerts),
        ("runs of recurring orders are to come", found.runs, report.recurring),
    ] {
        if items != expected {
            report.differs(format!("{items} {what}, accounts tell of {expected}"));
        }
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

/// Data collected from every item.
#[derive(Debug, Default)]
struct AuditState {
    /// Every partition that belongs to an account.
    accounts: BTreeSet<String>,
    /// Orders that wait in the book of an asset.
    live_orders: u64,
    /// Alerts that wait in the book of an asset.
    live_alerts: u64,
    /// Runs of recurring orders that are to come.
    runs: u64,
}

async fn found(table: &dyn Table) -> Result<AuditState> {
    let segments = stream::iter(0..SEGMENTS).map(|segment| found_in(table, segment));
    let mut segments = segments.buffer_unordered(usize::try_from(SEGMENTS).unwrap_or(1));
    let mut all = AuditState::default();
    while let Some(found) = segments.next().await {
        let AuditState { accounts, live_orders, live_alerts, runs } = found?;
        all.accounts.extend(accounts);
        all.live_orders += live_orders;
        all.live_alerts += live_alerts;
        all.runs += runs;
    }
    Ok(all)
}

async fn found_in(table: &dyn Table, segment: u32) -> Result<AuditState> {
    let mut found = AuditState::default();
    let mut cursor = None;
    loop {
        let page = table.scan(segment, SEGMENTS, cursor, PAGE_ITEMS).await?;
        for item in page.items {
            let Key { pk, sk } = item.key;
            if pk.starts_with(PARTITION_PREFIX) {
                if !found.accounts.contains(&pk) {
                    found.accounts.insert(pk);
                }
            } else if pk.starts_with(BOOK_PARTITION_PREFIX) {
                found.live_orders += u64::from(sk.starts_with(ORDER_PREFIX));
                found.live_alerts += u64::from(sk.starts_with(ALERT_PREFIX));
            } else if pk == RUNS_PK {
                found.runs += 1;
            }
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}
