//! Components that several pages share. Data in by props, no I/O.

mod cell_kind;
mod icon;
mod outcome;
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
mod price_chart;

pub(crate) use cell_kind::CellKind;
pub(crate) use icon::{Icon, icon};
pub(crate) use outcome::FORM_RESULT;

#[cfg(feature = "ssr")]
pub(crate) use chart_table::ChartTable;
#[cfg(feature = "ssr")]
pub(crate) use figures::{AssetIcon, LiveAway, LiveChange, LivePrice, LiveProfit, LiveValue, OrderBadge};
#[cfg(feature = "ssr")]
pub(crate) use layout::{Empty, Failure, OlderPager, Pager, StandingLinks};
#[cfg(feature = "ssr")]
pub(crate) use market_table::{MarketRow, MarketTable, STAR_FORM, SortLinks};
#[cfg(feature = "ssr")]
pub(crate) use outcome::Outcome;
#[cfg(feature = "ssr")]
pub(crate) use price_chart::{PriceChart, chart_sentence};
