//! Charts as plain SVG, drawn by the server. `shell/chart` puts a live one in the same place.

mod range;
pub(crate) mod shape;
mod spark;
mod time;

use cnop_api::market::CandleRow;

pub(crate) use range::{ChartView, Range, interval_label};
pub(crate) use spark::{levels, levels_direction, levels_path};
pub(crate) use time::{full_time, short_time};

/// The candles of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChartData {
    /// Part of the history that is shown.
    pub(crate) view: ChartView,
    /// Candles of the chart, oldest first.
    pub(crate) rows: Vec<CandleRow>,
}
