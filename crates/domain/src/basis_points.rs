//! Basis points: the 1/10,000s in which fees, trailing distances and cushions are given.

use crate::{Amount, UNITS_PER_WHOLE};

/// Basis points in one.
pub const BASIS_POINTS: i128 = 10_000;
/// A hundredth of a percent, in the units of a percentage that was read as an amount.
const PERCENT_STEP: i128 = UNITS_PER_WHOLE / 100;

/// A number of basis points of `units`, rounded up to the next unit; none outside the range of the integer.
pub(crate) fn portion_rounded_up(units: i128, basis_points: i128) -> Option<i128> {
    let product = units.checked_mul(basis_points)?;
    Some(product / BASIS_POINTS + i128::from(product % BASIS_POINTS > 0))
}

/// The basis points of a percentage such as `1.5`; none for a text that is no number, is below zero or has more than two
/// decimals.
#[must_use]
pub fn basis_points_of_percent(text: &str) -> Option<u32> {
    let units = text.parse::<Amount>().ok()?.units();
    (units % PERCENT_STEP == 0).then(|| u32::try_from(units / PERCENT_STEP).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_rounded_up_only_where_there_is_a_remainder() {
        assert_eq!(portion_rounded_up(10_000, 10_250), Some(10_250));
        assert_eq!(portion_rounded_up(1, 10_250), Some(2));
        assert_eq!(portion_rounded_up(0, 10_250), Some(0));
        assert_eq!(portion_rounded_up(i128::MAX, 2), None);
    }

    #[test]
    fn a_percentage_has_at_most_two_decimals() {
        assert_eq!(basis_points_of_percent("1.5"), Some(150));
        assert_eq!(basis_points_of_percent("0.01"), Some(1));
        for text in ["1.555", " 1.5 ", "-1", "far", "", "1e2", "99999999999"] {
            assert_eq!(basis_points_of_percent(text), None, "{text:?}");
        }
    }
}
