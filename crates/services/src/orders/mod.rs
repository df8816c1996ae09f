//! Orders: placement, preview, change, lists, and the commands of triggers and fills.
//!
//! | module | subject |
//! |---|---|
//! | `decision` | the market's offer at one quote, guards on a change, refusals as errors |
//! | `commit` | from the domain's decision to writes |
//! | `place` | [`Orders::place`], [`Orders::place_group`] |
//! | `preview` | [`Orders::preview`]: the result that an order would have |
//! | `order_command` | [`Orders::cancel`], [`Orders::replace`], triggers, fills and expiry of an existing order |
//! | `cancel_all`, `close_position` | [`Orders::cancel_all`]; [`Orders::close_position`] |
//! | `list`, `fills` | [`Orders::list`], [`Orders::get`]; [`Orders::fills`], [`Orders::explain`] |
//! | `asset_transactions` | [`Orders::asset_transactions`]: trades by the time of their last fill |
//! | `view` | the view of an order on the wire |

mod asset_transactions;
mod cancel_all;
mod close_position;
mod commit;
mod decision;
mod fills;
mod list;
mod order_command;
mod place;
mod preview;
mod view;

pub(crate) use decision::{market_quote, refused};
pub(crate) use list::order_load;
pub(crate) use order_command::{OrderAction, OrderCommand};
pub(crate) use place::{OrderSubmission, purchase_terms};

pub use decision::not_found;
pub use preview::{PreviewInput, preview_offline};

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
