//! From candles to SVG paths: pure, in whole units of a field that the page stretches to its place.

use std::fmt::Write;

use cnop_api::market::CandleRow;

/// Width of the field.
pub(crate) const WIDTH: i32 = 1_000;
/// Height of the field.
pub(crate) const HEIGHT: i32 = 400;
/// Distances between the lines across the field, as nearly as round numbers allow.
const STEPS: f64 = 4.0;
/// Exponents of the powers of ten that a distance may have.
const POWERS: std::ops::Range<i32> = -12..13;
/// Lines across the field, at most: the rounding outwards adds two.
const MARKS_MAX: usize = 8;
/// Part of a candle's place that its body takes.
const BODY: f64 = 0.64;

/// The lowest and the highest price of a field, and the distance of its lines: round numbers all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
}

impl Scale {
    /// The scale that holds all candles between round numbers.
    pub(crate) fn of(rows: &[CandleRow]) -> Self {
        let low = rows.iter().map(|row| row.3).fold(f64::INFINITY, f64::min);
        let high = rows.iter().map(|row| row.2).fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return Self { low: 0.0, high: 1.0, step: 1.0 };
        }
        let span = if high > low { high - low } else { high.abs().max(1e-8) * 0.01 };
        let step = round_step(span / STEPS);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        // A single price that is itself round would lie on the edge of a field without height.
        if high > low { Self { low, high, step } } else { Self { low: low - step, high: high + step, step } }
    }

    /// Height of a price on the field; prices outside stay at its edge.
    #[allow(clippy::cast_possible_truncation, reason = "clamped to the field")]
    pub(crate) fn y(self, price: f64) -> i32 {
        let height = f64::from(HEIGHT);
        ((self.high - price) / (self.high - self.low) * height).clamp(0.0, height).round() as i32
    }

    /// Prices of the lines, from the top edge to the bottom edge.
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    pub(crate) fn marks(self) -> Vec<f64> {
        (0..MARKS_MAX)
            .map(|line| self.high - self.step * line as f64)
            .take_while(|mark| *mark > self.low - self.step / 2.0)
            .collect()
    }
}

/// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let unit = POWERS.map(power).rfind(|unit| *unit <= least).unwrap_or(1e-12);
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|times| times * unit)
        .find(|step| *step >= least)
        .unwrap_or(unit * 10.0)
}

/// A power of ten, as exact as a float can be.
fn power(exponent: i32) -> f64 {
    if exponent < 0 { 1.0 / 10_f64.powi(-exponent) } else { 10_f64.powi(exponent) }
}

/// The paths of a chart of candles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CandlePaths {
    pub(crate) wick_up: String,
    pub(crate) wick_down: String,
    pub(crate) body_up: String,
    pub(crate) body_down: String,
}

/// Width of one candle's place.
#[allow(clippy::cast_precision_loss, reason = "hundreds of candles")]
fn slot(count: usize) -> f64 {
    f64::from(WIDTH) / count.max(1) as f64
}

/// A coordinate with one decimal, without float formatting.
#[allow(clippy::cast_possible_truncation, reason = "inside the field")]
fn tenths(value: f64) -> String {
    let tenths = (value * 10.0).round() as i32;
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// Paths of the candles.
#[allow(clippy::cast_precision_loss, reason = "hundreds of candles")]
pub(crate) fn candles(rows: &[CandleRow], scale: Scale) -> CandlePaths {
    let place = slot(rows.len());
    let width = tenths(place * BODY);
    let mut paths = CandlePaths::default();
    for (index, &(_, open, high, low, close, _)) in rows.iter().enumerate() {
        let middle = (index as f64 + 0.5) * place;
        let (wick, body) = if close >= open {
            (&mut paths.wick_up, &mut paths.body_up)
        } else {
            (&mut paths.wick_down, &mut paths.body_down)
        };
        let (top, bottom) = (scale.y(open.max(close)), scale.y(open.min(close)));
        // Writing to a string cannot fail.
        let _ = write!(wick, "M{} {}V{}", tenths(middle), scale.y(high), scale.y(low));
        let height = (bottom - top).max(1);
        let left = tenths(middle - place * BODY / 2.0);
        let _ = write!(body, "M{left} {top}h{width}v{height}h-{width}z");
    }
    paths
}

/// Draws closing prices as a line.
#[allow(clippy::cast_precision_loss, reason = "hundreds of candles")]
pub(crate) fn line(rows: &[CandleRow], scale: Scale) -> String {
    let place = slot(rows.len());
    let mut path = String::with_capacity(rows.len() * 10);
    for (index, row) in rows.iter().enumerate() {
        let x = tenths((index as f64 + 0.5) * place);
        // Writing to a string cannot fail.
        let _ = write!(path, "{}{x} {}", if index == 0 { 'M' } else { 'L' }, scale.y(row.4));
    }
    path
}

/// Closes a line to the floor of the field.
#[allow(clippy::cast_precision_loss, reason = "hundreds of candles")]
pub(crate) fn area(line: &str, count: usize) -> String {
    if line.is_empty() {
        return String::new();
    }
    let place = slot(count);
    format!("{line}L{} {HEIGHT}L{} {HEIGHT}z", tenths((count as f64 - 0.5) * place), tenths(place / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [CandleRow; 2] = [(0, 10.0, 20.0, 0.0, 15.0, 1.0), (60, 15.0, 18.0, 5.0, 8.0, 1.0)];

    #[test]
    fn the_scale_holds_every_wick_between_round_numbers() {
        let scale = Scale::of(&ROWS);
        assert_eq!(scale, Scale { low: 0.0, high: 20.0, step: 5.0 });
        assert_eq!((scale.y(20.0), scale.y(0.0), scale.y(10.0)), (0, 400, 200));
        assert_eq!(scale.y(1e9), 0);
        assert_eq!(scale.marks(), [20.0, 15.0, 10.0, 5.0, 0.0]);
        let bitcoin = [(0, 67_900.0, 70_694.6, 67_454.3, 67_900.0, 1.0)];
        assert_eq!(Scale::of(&bitcoin).marks(), [71_000.0, 70_000.0, 69_000.0, 68_000.0, 67_000.0]);
    }

    #[test]
    fn every_span_has_a_few_lines_from_edge_to_edge() {
        for exponent in -8..8 {
            for start in [0.0, 0.3, 1.7, 9.99] {
                for span in [1.0, 1.3, 2.4, 3.9, 5.0, 7.7, 9.9] {
                    let unit = 10_f64.powi(exponent);
                    let (low, high) = (start * unit, (start + span) * unit);
                    let scale = Scale::of(&[(0, low, high, low, high, 1.0)]);
                    let marks = scale.marks();
                    assert!((3..=7).contains(&marks.len()), "{low} to {high}: {marks:?}");
                    let tolerance = unit * 1e-6;
                    assert!(marks[0] >= high - tolerance && marks[marks.len() - 1] <= low + tolerance);
                    assert!((marks[marks.len() - 1] - scale.low).abs() < tolerance, "{marks:?} {scale:?}");
                }
            }
        }
    }

    #[test]
    fn a_rising_candle_and_a_falling_one_are_told_apart() {
        let paths = candles(&ROWS, Scale::of(&ROWS));
        assert_eq!(paths.wick_up, "M250 0V400");
        assert_eq!(paths.body_up, "M90 100h320v100h-320z");
        assert!(paths.wick_down.starts_with("M750 "));
        assert!(paths.body_down.ends_with('z'));
    }

    #[test]
    fn a_line_goes_through_the_closes() {
        let line = line(&ROWS, Scale::of(&ROWS));
        assert_eq!(line, "M250 100L750 240");
        assert_eq!(area(&line, 2), "M250 100L750 240L750 400L250 400z");
    }

    #[test]
    fn nothing_and_a_flat_line_draw_without_harm() {
        assert_eq!(candles(&[], Scale::of(&[])), CandlePaths::default());
        assert_eq!(area("", 0), "");
        let flat = [(0, 5.0, 5.0, 5.0, 5.0, 0.0)];
        assert!((1..400).contains(&Scale::of(&flat).y(5.0)), "not on the edge");
    }
}
