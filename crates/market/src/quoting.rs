//! Spread and displayed sizes for feeds that deliver none.

use cnop_domain::{Quantity, TradingRules};

use crate::CatalogueAsset;

/// Share of a day's volume that is displayed at bid and ask.
const DISPLAYED_SHARE: f64 = 0.000_05;
/// Least displayed, in dollars: an order at the venue's cap meets a plausible size.
const DISPLAYED_DOLLARS_MIN: f64 = 12_000.0;
/// Most displayed, in dollars.
const DISPLAYED_DOLLARS_MAX: f64 = 400_000.0;
/// Half the spread of the largest asset, as a share of the price: one basis point.
const HALF_SPREAD_MIN: f64 = 1e-4;
/// Increase of half the spread per rank.
const HALF_SPREAD_PER_RANK: f64 = 8e-6;
/// Significant digits of a displayed size.
const SIZE_DIGITS: i32 = 2;
/// Significant digits of a volume.
pub(crate) const VOLUME_DIGITS: i32 = 3;
/// Stablecoins are quoted this much tighter.
const STABLE_SHARE: f64 = 0.25;

/// Half the spread as a share of the price: a few basis points for large assets, some tens for small ones.
pub(crate) fn half_spread(asset: &CatalogueAsset) -> f64 {
    let share = if asset.category == "stablecoin" { STABLE_SHARE } else { 1.0 };
    (HALF_SPREAD_MIN + HALF_SPREAD_PER_RANK * f64::from(asset.rank)) * share
}

/// Dollars displayed at bid and ask where `day_dollars` change hands on a day.
pub(crate) fn displayed_dollars(day_dollars: f64) -> f64 {
    (day_dollars * DISPLAYED_SHARE).clamp(DISPLAYED_DOLLARS_MIN, DISPLAYED_DOLLARS_MAX)
}

/// About `dollars` worth of coins at `price`, to two significant digits: at least one step, at most the largest
/// order.
pub(crate) fn size(dollars: f64, price: f64, rules: &TradingRules) -> Quantity {
    let step = rules.step_size.units().max(1);
    let steps = i128::from(integer(coarse(dollars / (price * rules.step_size.to_f64_lossy()), SIZE_DIGITS)));
    let most = rules.max_quantity.units() / step;
    Quantity::from_units(steps.min(most).max(1) * step).unwrap_or(Quantity::MAX)
}

#[allow(clippy::cast_possible_truncation, reason = "the exponent of a float has four digits")]
/// A figure to a number of significant digits, as venues display sizes and volumes.
pub(crate) fn coarse(value: f64, digits: i32) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = digits - 1 - libm::floor(libm::log10(value)) as i32;
    // A negative power of ten is not exact; dividing by the positive one is.
    let scale = libm::pow(10.0, f64::from(exponent.abs()));
    if exponent < 0 { libm::round(value / scale) * scale } else { libm::round(value * scale) / scale }
}

/// The nearest whole number, ties away from zero.
#[allow(clippy::cast_possible_truncation, reason = "`as` saturates, and all callers are far from the limits")]
pub(crate) fn integer(value: f64) -> i64 {
    libm::round(value) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_cut_to_their_first_digits() {
        for (value, digits, shown) in [
            (8.701_159, 2, 8.7),
            (123_456.0, 3, 123_000.0),
            (0.000_123_46, 3, 0.000_123),
            (99.7, 2, 100.0),
            (0.0, 2, 0.0),
        ] {
            assert_eq!(coarse(value, digits), shown);
        }
        assert!(coarse(f64::NAN, 2).is_nan());
    }
}
