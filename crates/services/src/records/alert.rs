//! Stored records of price alerts.

use cnop_domain::{AccountId, AssetId, Price};
use serde::{Deserialize, Serialize};

use super::codec::first_schema;

/// `P#alert`: the alert as it is. Its id is in its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlertRecord {
    pub(crate) asset_id: AssetId,
    /// Price level of the alert.
    pub(crate) price: Price,
    /// True if it fires at the level or above it; otherwise at or below.
    pub(crate) above: bool,
    /// Note of the owner.
    pub(crate) note: Option<Box<str>>,
    /// Time of its creation, in µs since 1970.
    pub(crate) created_us: i64,
    /// None as long as it waits.
    pub(crate) fired: Option<Fired>,
}

/// Time and price at which an alert fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fired {
    /// In µs since 1970.
    pub(crate) time_us: i64,
    /// The last price then.
    pub(crate) price: Price,
}

/// `B#asset` / `P#alert`: an alert that waits for prices of the asset, with all that the book needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlertIndexItem {
    pub(crate) account_id: AccountId,
    pub(crate) price: Price,
    pub(crate) above: bool,
    pub(crate) created_us: i64,
}

first_schema!(AlertRecord, AlertIndexItem);

impl AlertRecord {
    /// The alert's item in the trigger index.
    pub(crate) fn live(&self, account_id: &AccountId) -> AlertIndexItem {
        AlertIndexItem {
            account_id: account_id.clone(),
            price: self.price,
            above: self.above,
            created_us: self.created_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Record, decode, encode};

    fn stays<T: Record + PartialEq + std::fmt::Debug>(record: &T, expected: &str) {
        let body = encode(record).unwrap();
        assert_eq!(hex::encode(&body), expected);
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
