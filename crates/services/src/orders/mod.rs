//! Orders: placing, trying out, changing, looking up, and what prices do to them.
//!
//! | part | subject |
//! |---|---|
//! | `request` | from the wire to terms |
//! | `decision` | the market's offer at one quote, guard rails, and how a refusal reads |
//! | `place`, `manage`, `act` | new orders; what owners change; what happens to an order that is there |
//! | `settle` | from the domain's decision to what is written |
//! | `preview` | what an order would do |
//! | `list`, `story` | looking up orders, and the story of one |
//! | `view` | an order as the world sees it |

mod act;
mod decision;
mod list;
mod manage;
mod place;
mod preview;
mod request;
mod settle;
mod story;
mod view;

pub(crate) use act::{Act, Action};
pub(crate) use decision::{offer_of, refused};
pub(crate) use list::order_load;
pub(crate) use place::{Placement, purchase_terms};
pub(crate) use request::{amount_read, asset_read, price_read};

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
