//! What is stored of a price alert, and how the world sees it.

use cnop_api::Timestamp;
use cnop_api::trading::AlertView;
use cnop_domain::book::Interest;
use cnop_domain::{AccountId, AssetId, Price};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::account::{Record, alert_id, read_first};
use crate::books::BookChange;

/// `P#alert`: the alert as it is. Its id is in its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlertRecord {
    pub(crate) asset_id: AssetId,
    /// The level.
    pub(crate) price: Price,
    /// Whether it fires at the level or above it; otherwise at or below.
    pub(crate) above: bool,
    /// The owner's words.
    pub(crate) note: Option<Box<str>>,
    /// When it was made, in µs since 1970.
    pub(crate) created_us: i64,
    /// None as long as it waits.
    pub(crate) fired: Option<Fired>,
}

/// When and at what an alert fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fired {
    /// In µs since 1970.
    pub(crate) time_us: i64,
    /// The last price then.
    pub(crate) price: Price,
}

/// `B#asset` / `P#alert`: an alert that waits for prices of the asset, with all that the book needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveAlert {
    pub(crate) account_id: AccountId,
    pub(crate) price: Price,
    pub(crate) above: bool,
    pub(crate) created_us: i64,
}

impl Record for AlertRecord {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

impl Record for LiveAlert {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

impl AlertRecord {
    /// What its asset's book keeps of it.
    pub(crate) fn live(&self, account_id: &AccountId) -> LiveAlert {
        LiveAlert {
            account_id: account_id.clone(),
            price: self.price,
            above: self.above,
            created_us: self.created_us,
        }
    }

    /// The alert as the world sees it.
    pub(crate) fn view(&self, number: u128) -> AlertView {
        AlertView {
            alert_id: alert_id(number),
            asset_id: self.asset_id,
            price: self.price,
            direction: if self.above { "above" } else { "below" }.to_owned(),
            note: self.note.as_deref().map(str::to_owned),
            status: if self.fired.is_some() { "fired" } else { "waiting" }.to_owned(),
            created_at: Timestamp(self.created_us),
            fired_at: self.fired.map(|fired| Timestamp(fired.time_us)),
            fired_price: self.fired.map(|fired| fired.price),
        }
    }
}

impl LiveAlert {
    /// Its entry in the book.
    pub(crate) fn entry(self, asset_id: AssetId, number: u128) -> BookChange {
        BookChange::Put {
            asset_id,
            number,
            since_us: self.created_us,
            interest: Interest::Trigger { above: self.above, price: self.price },
            expires_us: None,
            account_id: self.account_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{decode, encode};

    fn stays<T: Record + PartialEq + std::fmt::Debug>(record: &T, expected: &str) {
        let body = encode(record).unwrap();
        let hexadecimal: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, expected);
        assert_eq!(&decode::<T>(&body).unwrap(), record);
    }

    #[test]
    fn the_stored_forms_stay() {
        let price: Price = "64000".parse().unwrap();
        let alert = AlertRecord {
            asset_id: "BTC".parse().unwrap(),
            price,
            above: true,
            note: Some("sell some".into()),
            created_us: 5,
            fired: Some(Fired { time_us: 9, price }),
        };
        let account_id = "acc_00000000000000000000000001".parse().unwrap();
        stays(
            &alert.live(&account_id),
            "011e6163635f30303030303030303030303030303030303030303030303030318080d0dbc3f402010a",
        );
        stays(&alert, "01034254438080d0dbc3f40201010973656c6c20736f6d650a01128080d0dbc3f402");
    }
}
