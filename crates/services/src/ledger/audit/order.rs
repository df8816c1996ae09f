//! An account's orders against the events of their fills. Both are read in the same order, once.

use std::collections::VecDeque;

use cnop_domain::OrderId;
use cnop_store::{Item, Query, Table};

use super::{AuditReport, PAGE_ITEMS};
use crate::Result;
use crate::account::{Event, ORDER_PREFIX, decode, order_number};
use crate::orders::OrderRecord;

/// The orders of one account, oldest first.
pub(super) struct OrderItems<'a> {
    table: &'a dyn Table,
    partition: &'a str,
    waiting: VecDeque<Item>,
    after: Option<String>,
    more: bool,
}

impl<'a> OrderItems<'a> {
    pub(super) fn new(table: &'a dyn Table, partition: &'a str) -> Self {
        Self { table, partition, waiting: VecDeque::new(), after: None, more: true }
    }

    async fn fill_up(&mut self) -> Result<()> {
        while self.waiting.is_empty() && self.more {
            let query = Query::prefix(self.partition, ORDER_PREFIX, PAGE_ITEMS).after(self.after.take());
            let page = self.table.query(&query).await?;
            self.after = page.items.last().map(|item| item.key.sk.clone());
            self.more = page.more;
            self.waiting.extend(page.items);
        }
        Ok(())
    }

    /// The order of a fill's event must be the next one, and say the same.
    pub(super) async fn compare(
        &mut self,
        order: u128,
        event: &Event,
        report: &mut AuditReport,
    ) -> Result<()> {
        loop {
            self.fill_up().await?;
            let number = self.waiting.front().and_then(number_of);
            if number.is_some_and(|number| number < order) {
                self.stray(report);
                continue;
            }
            match self.waiting.pop_front() {
                Some(item) if number == Some(order) => {
                    report.orders += 1;
                    if !agrees(&item, event) {
                        report.differs(format!(
                            "{} {}: fills and postings differ",
                            self.partition, item.key.sk
                        ));
                    }
                }
                Some(item) => {
                    report.differs(format!("{}: an order before {} is missing", self.partition, item.key.sk));
                    self.waiting.push_front(item);
                }
                None => report.differs(format!("{}: the last order is missing", self.partition)),
            }
            return Ok(());
        }
    }

    /// What is left has no event.
    pub(super) async fn finish(&mut self, report: &mut AuditReport) -> Result<()> {
        loop {
            self.fill_up().await?;
            if self.waiting.is_empty() {
                return Ok(());
            }
            self.stray(report);
        }
    }

    fn stray(&mut self, report: &mut AuditReport) {
        if let Some(item) = self.waiting.pop_front() {
            report.differs(format!("{} {}: no event tells of this order", self.partition, item.key.sk));
        }
    }
}

fn number_of(item: &Item) -> Option<u128> {
    let order_id: OrderId = item.key.sk.strip_prefix(ORDER_PREFIX)?.parse().ok()?;
    order_number(&order_id)
}

/// Whether an order's fills say what the event's postings say.
fn agrees(item: &Item, event: &Event) -> bool {
    let Ok(record) = decode::<OrderRecord>(&item.body) else { return false };
    let (Some((asset_id, coins)), Ok(payment), Ok(fee)) = (event.coins(), event.payment(), event.fee())
    else {
        return false;
    };
    let bought = coins > 0;
    record.asset_id == asset_id
        && (record.side == cnop_domain::Side::Buy) == bought
        && record.filled().units() == coins.abs()
        && record.notional().units() == payment.units().abs()
        && record.fees() == fee
}
