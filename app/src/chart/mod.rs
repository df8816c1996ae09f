//! Charts as plain SVG, the same on the server and in the browser.

mod range;
pub(crate) mod shape;
#[cfg(feature = "ssr")]
mod spark;
mod time;

#[cfg(feature = "ssr")]
use cnop_api::market::CandleRow;

pub(crate) use range::Range;
#[cfg(feature = "ssr")]
pub(crate) use spark::{levels, levels_direction, levels_path};
pub(crate) use time::{full_time, short_time};

/// The candles of a chart.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChartData {
    /// Time range of the chart.
    pub(crate) range: Range,
    /// Candles, ordered oldest first.
    pub(crate) rows: Vec<CandleRow>,
}
