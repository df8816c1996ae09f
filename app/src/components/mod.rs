//! Parts that several pages share. Data in by arguments, no I/O.

mod figures;
mod icon;
mod layout;
mod market_table;
mod order_actions;

pub(crate) use figures::{asset_icon, change, live_change, live_price};
pub(crate) use icon::{Icon, icon};
#[cfg(feature = "ssr")]
pub(crate) use layout::pager_older;
pub(crate) use layout::{empty, failure, pager, standing_links};
pub(crate) use market_table::{SortLinks, market_table};
#[cfg(feature = "ssr")]
pub(crate) use order_actions::{
    cancel_button, change_path, draw_actions, goes_along, is_open, replace_form, told,
};
pub(crate) use order_actions::{open_orders, order_actions};
