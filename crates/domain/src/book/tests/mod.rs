mod cases;
mod naive;
mod properties;
mod triggers;

use crate::{BookEntryId, OrderId};

/// The order with this number.
fn order(number: u128) -> BookEntryId {
    OrderId::from_bits(number).into()
}
