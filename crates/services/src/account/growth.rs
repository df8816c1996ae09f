//! The check that an account may store more.

use cnop_domain::AccountId;

use super::Accounts;
use crate::daily_allowance::{StorageUse, change_take, day_check, decisive_event};
use crate::error::Result;
use crate::records::{Head, decode_event, event_key};

impl Accounts {
    /// Refuses a command that would store more than the account or the disk allows.
    pub(super) async fn growth_check(
        &self,
        account_id: &AccountId,
        head: &Head,
        storage_use: StorageUse,
    ) -> Result<()> {
        let Some(events_max) = storage_use.events_max(self.context.config.events_per_day) else {
            return Ok(());
        };
        match storage_use {
            StorageUse::Counted => self.context.free_space.check()?,
            StorageUse::Change if self.context.free_space.is_low() => {
                let (coordinator, now_us) = (&self.context.environment.coordinator, self.context.now_us());
                Box::pin(change_take(coordinator.as_ref(), account_id, now_us)).await?;
            }
            StorageUse::Change | StorageUse::Free | StorageUse::Protective => {}
        }
        match decisive_event(head.seq, events_max) {
            // Few accounts come here, so the others' futures do not carry its size.
            Some(seq) => Box::pin(self.event_day_check(account_id, seq, events_max)).await,
            None => Ok(()),
        }
    }

    async fn event_day_check(&self, account_id: &AccountId, seq: u64, events_max: u64) -> Result<()> {
        let item = self.context.environment.table.get(&event_key(account_id, seq)).await?;
        // An event that is missing is for the audit to say.
        let Some(item) = item else { return Ok(()) };
        let (event, _, _) = decode_event(&item.body)?;
        day_check(event.time_us, self.context.now_us(), events_max)
    }
}
