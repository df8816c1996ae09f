//! Orders: placing, trying out, looking up.

mod list;
mod place;
mod preview;
mod record;
mod request;

pub(crate) use list::order_load;
pub(crate) use record::OrderRecord;

use crate::account::Accounts;

/// The use cases of orders. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orders {
    accounts: Accounts,
}

impl Orders {
    pub(crate) const fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }
}
