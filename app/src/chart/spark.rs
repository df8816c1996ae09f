//! Sparklines. A series of prices is squeezed into one letter a point before it crosses the wire: 28 bytes instead
//! of 28 floats, and a row of the market stays small.

use std::fmt::Write;

use crate::format::Trend;

/// Letters of the levels, lowest first; their number is the height of the picture in steps.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXY";
/// Width of the picture.
const WIDTH: usize = 96;
/// Least height of the picture, as a share of the price.
const SPAN_MIN: f64 = 0.01;
/// Empty rows above and below the line, so that its stroke is not cut.
const MARGIN: usize = 2;

/// A series as letters; empty when there is nothing to draw.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=24 before the cast"
)]
pub(crate) fn levels(series: &[f64]) -> String {
    let finite = || series.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let top = (LETTERS.len() - 1) as f64;
    // A price that hardly moves is a line that hardly moves: a stablecoin's day is no rally.
    let least = high.abs() * SPAN_MIN;
    let (low, span) =
        if high - low < least { ((low + high - least) / 2.0, least) } else { (low, high - low) };
    let span = if span > 0.0 { span } else { 1.0 };
    finite()
        .filter_map(|value| {
            let step = ((value - low) / span * top).round().clamp(0.0, top) as usize;
            LETTERS.get(step).map(|letter| char::from(*letter))
        })
        .collect()
}

/// Direction from the start of the line to its end.
pub(crate) fn levels_direction(levels: &str) -> Trend {
    let (first, last) = (levels.bytes().next(), levels.bytes().last());
    match last.cmp(&first) {
        std::cmp::Ordering::Greater => Trend::Up,
        std::cmp::Ordering::Less => Trend::Down,
        std::cmp::Ordering::Equal => Trend::Flat,
    }
}

/// The line as an SVG path on a field of 96 × 28.
pub(crate) fn levels_path(levels: &str) -> String {
    let last = levels.len().saturating_sub(1).max(1);
    let mut path = String::with_capacity(levels.len() * 6);
    for (index, letter) in levels.bytes().enumerate() {
        let step = usize::from(letter.saturating_sub(b'A')).min(LETTERS.len() - 1);
        let (x, y) = (index * WIDTH / last, MARGIN + LETTERS.len() - 1 - step);
        // Writing to a string cannot fail.
        let _ = write!(path, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_and_highest_touch_the_margins() {
        assert_eq!(levels(&[1.0, 3.0, 2.0]), "AYM");
        assert_eq!(levels_path("AYM"), "M0 26L48 2L96 14");
    }

    #[test]
    fn a_flat_or_empty_series_draws_without_harm() {
        assert_eq!(levels(&[5.0, 5.0]), "MM");
        assert_eq!(levels(&[1.0, 1.0002]), "MM", "a stablecoin is flat");
        assert_eq!(levels(&[0.0, 0.0]), "AA");
        assert_eq!(levels(&[]), "");
        assert_eq!(levels(&[f64::NAN, 1.0]), "M");
        assert_eq!(levels_path(""), "");
        assert_eq!(levels_path("A"), "M0 26");
    }

    #[test]
    fn direction_compares_end_and_start() {
        assert_eq!(levels_direction("AYM"), Trend::Up);
        assert_eq!(levels_direction("MYA"), Trend::Down);
        assert_eq!(levels_direction(""), Trend::Flat);
    }
}
