//! The API view of a price alert, and the error for a missing one.

use cnop_api::trading::{AlertDirection, AlertStatus, AlertView};
use cnop_api::{Code, Problem, Timestamp};

use crate::error::Error;
use crate::records::{AlertRecord, alert_id};

impl AlertRecord {
    /// The alert as the world sees it.
    pub(crate) fn view(&self, number: u128) -> AlertView {
        AlertView {
            alert_id: alert_id(number),
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

pub(crate) fn not_found() -> Error {
    Problem::new(Code::AlertNotFound, "There is no alert with this id in your account.").into()
}
