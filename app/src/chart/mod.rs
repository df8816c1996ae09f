//! Charts as plain SVG: drawn on the server, the same in the browser.

mod price;
mod range;
mod shape;
mod spark;

pub(crate) use price::price_chart;
pub(crate) use range::Range;
#[cfg(feature = "ssr")]
pub(crate) use spark::levels;
pub(crate) use spark::{levels_direction, levels_path};
