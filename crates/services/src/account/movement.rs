//! Movements of dollars and coins in an event, read from its postings.

use cnop_domain::{Amount, AssetId, Currency, LedgerAccount};

use super::state::{amount, coin_of};
use crate::error::Result;
use crate::records::{Event, EventKind, MOVEMENT_ID_BYTES, MovementRecord};

impl Event {
    /// Dollars that came from outside (positive) or went there.
    pub(crate) fn transfer(&self) -> Result<Amount> {
        amount(-self.postings.net(LedgerAccount::VenueExternal, Currency::Usd))
    }

    pub(crate) fn fee(&self) -> Result<Amount> {
        amount(self.postings.net(LedgerAccount::VenueFees, Currency::Usd))
    }

    /// Dollars paid (negative) or received for coins, without the fee.
    pub(crate) fn payment(&self) -> Result<Amount> {
        amount(-self.postings.net(LedgerAccount::VenueInventory, Currency::Usd))
    }

    /// Number of its rows in the list of transactions: one for a payment, one for a fee.
    pub(super) fn rows(&self) -> Result<u64> {
        Ok(u64::from(!self.payment()?.is_zero()) + u64::from(!self.fee()?.is_zero()))
    }

    /// Coins that the trader got (positive) or gave; none when coins only moved between available and reserved.
    pub(crate) fn coins(&self) -> Option<(AssetId, i128)> {
        let asset_id = coin_of(&self.postings)?;
        Some((asset_id, -self.postings.net(LedgerAccount::VenueInventory, Currency::Asset(asset_id))))
    }

    /// Its item in the index of movements, when `total` rows are in the list up to it; `None` when it has no row.
    pub(crate) fn movement(&self, total: u64, hash: &[u8; 32]) -> Result<Option<MovementRecord>> {
        let (order, payment) = match &self.kind {
            EventKind::TransferSettled => (None, self.transfer()?),
            EventKind::OrderFilled { order } => (Some(*order), self.payment()?),
            EventKind::Order(event) => (Some(event.order), self.payment()?),
            EventKind::Opened
            | EventKind::GuardChanged(_)
            | EventKind::AlertFired { .. }
            | EventKind::Recurring { .. }
            | EventKind::Enveloped(_) => return Ok(None),
        };
        let mut id = [0; MOVEMENT_ID_BYTES];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        let (fee, coins) = (self.fee()?, self.coins());
        let movement = MovementRecord { total, time_us: self.time_us, id, order, payment, fee, coins };
        Ok(Some(movement).filter(|movement| movement.rows() > 0))
    }
}
