//! The index items of orders: one says that an order is open, another that it waits for prices and for which. The
//! trigger books are rebuilt from the latter, with the marks of trailing stops.

use cnop_domain::book::{Interest, Marks};
use cnop_domain::{AccountId, OrderState, OrderStatus};
use serde::{Deserialize, Serialize};

use super::codec::{Record, exact, first_schema, unknown_schema};
use super::order::OrderRecord;
use crate::error::Result;

/// `B#asset` / `O#order`: an order that waits for prices of the asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TriggerIndexItem {
    pub(crate) account_id: AccountId,
    /// `None` in items written before it was stored: the order itself has it.
    pub(crate) waits: Option<BookInterest>,
}

/// The trigger book's data of an order, besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BookInterest {
    /// Its place in time among orders of the same price.
    pub(crate) since_us: i64,
    pub(crate) interest: Interest,
    pub(crate) expires_us: Option<i64>,
}

/// `W#order`: the order is open. The key says everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenOrderIndexItem;

/// `B#asset` / `MARKS` and its further pieces: the extremes that trailing stops follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredMarks {
    /// Epoch of the lease under which they were written; 0 in items written before it was stored.
    pub(crate) epoch: u64,
    pub(crate) marks: Marks,
}

/// A trigger index item as stored when it contained only the owner.
#[derive(Debug, Deserialize)]
struct FirstTriggerIndexItem {
    account_id: AccountId,
}

impl Record for TriggerIndexItem {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            1 => exact(bytes).map(|FirstTriggerIndexItem { account_id }| Self { account_id, waits: None }),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

impl Record for StoredMarks {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            1 => exact(bytes).map(|marks| Self { epoch: 0, marks }),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

first_schema!(OpenOrderIndexItem);

impl BookInterest {
    /// The interest of an order; none when no price can change it.
    pub(crate) fn of(record: &OrderRecord) -> Option<Self> {
        Some(Self {
            since_us: record.since_us,
            interest: interest(&record.state)?,
            expires_us: record.state.terms.time_in_force.expires_us(),
        })
    }
}

/// The price condition of an order.
fn interest(state: &OrderState) -> Option<Interest> {
    let terms = &state.terms;
    match state.status {
        OrderStatus::WaitingTrigger => match (terms.trail, state.mark) {
            (Some(trail), Some(mark)) => Some(Interest::Trail { side: terms.side, trail, mark }),
            _ => Some(Interest::Trigger {
                above: terms.order_type.triggers_above(terms.side),
                price: terms.stop?,
            }),
        },
        OrderStatus::Working | OrderStatus::PartiallyFilled => {
            Some(Interest::Limit { side: terms.side, price: terms.limit?, remaining: state.remaining() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::{Side, Trail};

    use super::*;
    use crate::records::{decode, encode};

    #[test]
    fn the_first_schema_stays_readable() {
        let account_id: AccountId = "acc_00000000000000000000000001".parse().unwrap();
        let first = [&[1, 30], account_id.as_str().as_bytes()].concat();
        assert_eq!(decode::<TriggerIndexItem>(&first).unwrap(), TriggerIndexItem { account_id, waits: None });
        assert!(decode::<TriggerIndexItem>(&[&first[..], &[0]].concat()).is_err(), "lengthened");
    }

    /// Marks stored by an earlier version would be lost, and trailing stops would wait from where they began.
    #[test]
    fn marks_of_the_first_schema_stay_readable() {
        let point =
            |seen_us, mark: &str| cnop_domain::book::MarkPoint { seen_us, mark: mark.parse().unwrap() };
        let marks = Marks { highs: vec![point(5, "64000")], lows: vec![point(7, "2")] };
        let first = [&[1], &postcard::to_allocvec(&marks).unwrap()[..]].concat();
        let read = decode::<StoredMarks>(&first).unwrap();
        assert_eq!(read, StoredMarks { epoch: 0, marks });
        let again = StoredMarks { epoch: 300, ..read };
        let body = encode(&again).unwrap();
        assert_eq!(&body[..3], [2, 0xAC, 0x02]);
        assert_eq!(decode::<StoredMarks>(&body).unwrap(), again);
    }

    #[test]
    fn the_stored_form_stays() {
        let (price, quantity) = ("64000".parse().unwrap(), "0.5".parse().unwrap());
        let mark = "63000".parse().unwrap();
        for (interest, expires_us, bytes) in [
            (
                Interest::Limit { side: Side::Sell, price, remaining: quantity },
                Some(9),
                "010a00018080d0dbc3f40280c2d72f0112",
            ),
            (Interest::Trigger { above: true, price }, None, "010a01018080d0dbc3f40200"),
            (
                Interest::Trail { side: Side::Buy, trail: Trail::BasisPoints(50), mark },
                None,
                "010a0200003280e098d4daee0200",
            ),
        ] {
            let account_id = "acc_00000000000000000000000001".parse().unwrap();
            let live = TriggerIndexItem {
                account_id,
                waits: Some(BookInterest { since_us: 5, interest, expires_us }),
            };
            let body = encode(&live).unwrap();
            let (_, tail) = body.split_at(32);
            assert_eq!(hex::encode(tail), bytes);
            assert_eq!(decode::<TriggerIndexItem>(&body).unwrap(), live);
        }
    }
}
