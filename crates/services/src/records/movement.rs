//! The index of an account's movements of dollars: one item for each event that has rows in the list of transactions.

use cnop_domain::{Amount, AssetId, OrderId};
use serde::{Deserialize, Serialize};

use super::codec::first_schema;
use super::event::HASH_BYTES;

/// Bytes of a movement's id: the first ones of its event's hash.
pub(crate) const MOVEMENT_ID_BYTES: usize = HASH_BYTES / 2;

/// `T#seq`: the rows of event `seq` in the list of transactions. It follows from the event, and is written with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MovementRecord {
    /// Rows of the account's list up to this event, its own included. A reader sees by it that no item is missing
    /// between two: events from before the index have none.
    pub(crate) total: u64,
    /// Time of the event.
    pub(crate) time_us: i64,
    pub(crate) id: [u8; MOVEMENT_ID_BYTES],
    /// The order that was filled; `None` for a deposit or a withdrawal.
    pub(crate) order: Option<OrderId>,
    /// Dollars that came (positive) or went, without the fee.
    pub(crate) payment: Amount,
    pub(crate) fee: Amount,
    /// Coins that came (positive) or went, in units.
    pub(crate) coins: Option<(AssetId, i128)>,
}

impl MovementRecord {
    /// Number of rows: one for the payment, one for the fee.
    pub(crate) fn rows(&self) -> u64 {
        u64::from(!self.payment.is_zero()) + u64::from(!self.fee.is_zero())
    }
}

first_schema!(MovementRecord);
