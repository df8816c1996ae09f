//! Audit of the index of an account's movements against its events.

use cnop_domain::AccountId;
use cnop_store::{Table, TableQuery};

use super::report::{AuditReport, PAGE_ITEMS};
use crate::error::Result;
use crate::records::{Event, Head, MOVEMENT_PREFIX, MovementRecord, decode, movement_key};

/// Movements of one account, from its events.
pub(super) struct MovementAudit<'a> {
    table: &'a dyn Table,
    partition: &'a str,
    account_id: &'a AccountId,
    /// Number of events with rows that have an item. Events from before the index have none.
    indexed: u64,
}

impl<'a> MovementAudit<'a> {
    pub(super) const fn new(table: &'a dyn Table, partition: &'a str, account_id: &'a AccountId) -> Self {
        Self { table, partition, account_id, indexed: 0 }
    }

    /// Compares an event with its item. `head` is the account after the event.
    pub(super) async fn event(
        &mut self,
        seq: u64,
        event: &Event,
        head: &Head,
        report: &mut AuditReport,
    ) -> Result<()> {
        let Ok(Some(movement)) = event.movement(head.transactions, &head.hash) else { return Ok(()) };
        let Some(item) = self.table.get(&movement_key(self.account_id, seq)).await? else { return Ok(()) };
        self.indexed += 1;
        if !decode::<MovementRecord>(&item.body).is_ok_and(|stored| stored == movement) {
            report.differs(format!("{} {}: the item and its event differ", self.partition, item.key.sk));
        }
        Ok(())
    }

    /// Looks for items without an event.
    pub(super) async fn finish(self, report: &mut AuditReport) -> Result<()> {
        let (mut found, mut after) = (0, None);
        loop {
            let query = TableQuery::prefix(self.partition, MOVEMENT_PREFIX, PAGE_ITEMS).after(after);
            let page = self.table.query(&query).await?;
            found += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                break;
            }
        }
        if found != self.indexed {
            let (partition, indexed) = (self.partition, self.indexed);
            report.differs(format!("{partition}: {indexed} movements have an event, {found} are listed"));
        }
        Ok(())
    }
}
