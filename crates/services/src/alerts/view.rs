//! The API view of a price alert, and the error for a missing one.

use cnop_api::trading::{AlertDirection, AlertStatus, AlertView};
use cnop_api::{Code, Problem, Timestamp};
use cnop_domain::AlertId;

use crate::error::Error;
use crate::records::AlertRecord;

impl AlertRecord {
    /// The alert as the world sees it.
    pub(crate) fn view(&self, alert_id: AlertId) -> AlertView {
        AlertView {
            alert_id,
            asset_id: self.asset_id,
            price: self.price,
            direction: if self.above { AlertDirection::Above } else { AlertDirection::Below },
            note: self.note.as_deref().map(str::to_owned),
            status: if self.fired.is_some() { AlertStatus::Fired } else { AlertStatus::Waiting },
            created_at: Timestamp(self.created_us),
            fired_at: self.fired.map(|fired| Timestamp(fired.time_us)),
            fired_price: self.fired.map(|fired| fired.price),
        }
    }
}

/// The refusal of an alert that the account does not have.
#[must_use]
pub fn not_found() -> Error {
    Problem::new(Code::AlertNotFound, "There is no alert with this id in your account.").into()
}
