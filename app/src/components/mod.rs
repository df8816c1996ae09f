//! Parts that several pages share. Data in by arguments, no I/O.

mod figures;
mod icon;
mod layout;
mod market_table;

pub(crate) use figures::{asset_icon, change, live_change, live_price};
pub(crate) use icon::{Icon, icon};
pub(crate) use layout::{empty, failure, pager, pager_older};
pub(crate) use market_table::{SortLinks, market_table};
