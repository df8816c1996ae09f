//! What says that an order is open, and that it waits for prices: its signs in the lists of open and of live orders, and
//! its entry in the trigger book.

use cnop_domain::book::Interest;
use cnop_domain::{AccountId, AssetId, OrderId, OrderState, OrderStatus};
use cnop_store::{Condition, Write};
use serde::{Deserialize, Serialize};

use super::record::OrderRecord;
use crate::Result;
use crate::account::{Record, book_order_key, encode, exact, open_order_key, read_first, unknown_schema};
use crate::books::BookChange;

/// `B#asset` / `O#order`: an order that waits for prices of the asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveOrder {
    pub(crate) account_id: AccountId,
    /// None in what was written before it was kept: the order itself says it.
    pub(crate) waits: Option<Waits>,
}

/// All that the trigger book needs of an order besides whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waits {
    /// Its place in time among orders of the same price.
    pub(crate) since_us: i64,
    pub(crate) interest: Interest,
    pub(crate) expires_us: Option<i64>,
}

/// `W#order`: the order is open. All there is to say is in the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenOrder;

/// A live order as it was stored when it said only whose it is.
#[derive(Debug, Deserialize)]
struct FirstLiveOrder {
    account_id: AccountId,
}

impl Record for LiveOrder {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            1 => exact(bytes).map(|FirstLiveOrder { account_id }| Self { account_id, waits: None }),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

impl Record for OpenOrder {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

impl Waits {
    /// What an order waits for; nothing when no price can change it.
    pub(crate) fn of(record: &OrderRecord) -> Option<Self> {
        Some(Self {
            since_us: record.since_us,
            interest: interest(&record.state)?,
            expires_us: record.state.terms.time_in_force.expires_us(),
        })
    }

    /// The entry of the book.
    pub(crate) const fn entry(self, asset_id: AssetId, number: u128, account_id: AccountId) -> BookChange {
        let Self { since_us, interest, expires_us } = self;
        BookChange::Put { asset_id, number, since_us, interest, expires_us, account_id }
    }
}

/// An order's signs before a command: whether it was open, and what it waited for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs {
    is_open: bool,
    waits: Option<Waits>,
}

impl Signs {
    pub(super) fn of(record: &OrderRecord) -> Self {
        Self { is_open: !record.state.status.is_final(), waits: Waits::of(record) }
    }

    /// Puts and deletes what differs afterwards, and answers how the order's entry in the book changes. `is_resized` when
    /// nothing but its size did.
    pub(super) fn write(
        self,
        account_id: &AccountId,
        (number, id): (u128, &OrderId),
        record: &OrderRecord,
        is_resized: bool,
        writes: &mut Vec<Write>,
    ) -> Result<Option<BookChange>> {
        let after = Self::of(record);
        if after.is_open && !self.is_open {
            writes.push(Write::put(open_order_key(account_id, id), encode(&OpenOrder)?, Condition::Absent));
        } else if self.is_open && !after.is_open {
            writes.push(Write::delete(open_order_key(account_id, id), Condition::Any));
        }
        let asset_id = record.state.terms.asset_id;
        let key = || book_order_key(asset_id, id);
        Ok(match (self.waits, after.waits) {
            (before, Some(waits)) => {
                if before != Some(waits) {
                    let live = LiveOrder { account_id: account_id.clone(), waits: Some(waits) };
                    writes.push(Write::put(key(), encode(&live)?, Condition::Any));
                }
                let account_id = account_id.clone();
                Some(match before {
                    Some(Waits { interest: from, .. }) if is_resized => {
                        BookChange::Resize { asset_id, number, from, waits, account_id }
                    }
                    _ => waits.entry(asset_id, number, account_id),
                })
            }
            (Some(_), None) => {
                writes.push(Write::delete(key(), Condition::Any));
                Some(BookChange::Remove { asset_id, number })
            }
            (None, None) => None,
        })
    }
}

/// What the order waits for.
pub(super) fn interest(state: &OrderState) -> Option<Interest> {
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
    use crate::account::decode;

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_first_schema_stays_readable() {
        let account_id: AccountId = "acc_00000000000000000000000001".parse().unwrap();
        let first = [&[1, 30], account_id.as_str().as_bytes()].concat();
        assert_eq!(decode::<LiveOrder>(&first).unwrap(), LiveOrder { account_id, waits: None });
        assert!(decode::<LiveOrder>(&[&first[..], &[0]].concat()).is_err(), "lengthened");
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
            let live = LiveOrder { account_id, waits: Some(Waits { since_us: 5, interest, expires_us }) };
            let body = encode(&live).unwrap();
            let (_, tail) = body.split_at(32);
            assert_eq!(hexadecimal(tail), bytes);
            assert_eq!(decode::<LiveOrder>(&body).unwrap(), live);
        }
    }
}
