//! Charts as plain SVG, the same on the server and in the browser.

mod range;
pub(crate) mod shape;
#[cfg(feature = "ssr")]
mod spark;

use cnop_api::market::CandleRow;
use serde::{Deserialize, Serialize};

pub(crate) use range::Range;
#[cfg(feature = "ssr")]
pub(crate) use spark::{levels, levels_direction, levels_path};

/// The candles of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChartData {
    /// Time range of the chart.
    pub(crate) range: Range,
    /// Candles, ordered oldest first.
    pub(crate) rows: Vec<CandleRow>,
}
