//! Components that several pages share. Data in by props, no I/O.

mod icon;
pub(crate) mod ui;

#[cfg(feature = "ssr")]
mod chart_table;
#[cfg(feature = "ssr")]
mod figures;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod market_table;
#[cfg(feature = "ssr")]
mod order_actions;

pub(crate) use icon::{Icon, icon};

#[cfg(feature = "ssr")]
pub(crate) use chart_table::ChartTable;
#[cfg(feature = "ssr")]
pub(crate) use figures::{AssetIcon, Change, LiveChange, LivePrice, LiveProfit, LiveValue};
#[cfg(feature = "ssr")]
pub(crate) use layout::{Empty, Failure, OlderPager, Outcome, Pager, RangeLinks, StandingLinks};
#[cfg(feature = "ssr")]
pub(crate) use market_table::{MarketTable, SortLinks};
#[cfg(feature = "ssr")]
pub(crate) use order_actions::{
    CancelButton, ReplaceForm, canceled_along, change_path, is_open, order_result,
};
