//! Orders: placing, trying out, changing, looking up, and what prices do to them.
//!
//! | part | subject |
//! |---|---|
//! | `request` | from the wire to terms |
//! | `offer` | quote, rules and what is left of the displayed size |
//! | `place`, `manage`, `act` | new orders; what owners change; what happens to an order that is there |
//! | `settle`, `live` | from the domain's decision to what is written; what says that an order is open and waits |
//! | `preview` | what an order would do |
//! | `list`, `story` | looking up orders, and the story of one |
//! | `record`, `view` | what is stored, and how the world sees it |

mod act;
mod list;
mod live;
mod manage;
mod offer;
mod place;
mod preview;
mod record;
mod refusal;
mod request;
mod settle;
mod story;
mod view;

pub(crate) use act::{Act, Action};
pub(crate) use list::order_load;
pub(crate) use live::{LiveOrder, OpenOrder, Waits};
pub(crate) use offer::offer_of;
pub(crate) use place::{Placement, purchase_terms};
pub(crate) use record::{FillRecord, OrderRecord, QuoteSource};
pub(crate) use refusal::refused;
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
