//! Orders: placing, trying out, changing, looking up, and what prices do to them.
//!
//! | part | subject |
//! |---|---|
//! | `decision` | the market's offer at one quote, guards on a change, refusals as errors |
//! | `settle` | from the domain's decision to what is written |
//! | `place` | [`Orders::place`], [`Orders::place_group`] |
//! | `preview` | [`Orders::preview`]: what an order would do |
//! | `order_command` | [`Orders::cancel`], [`Orders::replace`], triggers, fills and expiry of an existing order |
//! | `cancel_all`, `close_position` | [`Orders::cancel_all`]; [`Orders::close_position`] |
//! | `list`, `fills` | [`Orders::list`], [`Orders::get`]; [`Orders::fills`], [`Orders::explain`] |
//! | `view` | an order as the world sees it |

mod cancel_all;
mod close_position;
mod decision;
mod fills;
mod list;
mod order_command;
mod place;
mod preview;
mod settle;
mod view;

pub(crate) use decision::{offer_of, refused};
pub(crate) use list::order_load;
pub(crate) use order_command::{Act, Action};
pub(crate) use place::{Placement, purchase_terms};

pub use preview::{Trial, try_out};

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
