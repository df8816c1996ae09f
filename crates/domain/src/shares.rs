//! Parts of a whole that add up: shares of exactly 100.00 %, and a total of cents that is the sum of the shown cents.

use crate::{Amount, MoneyError};

/// A whole in hundredths of a percent.
pub const WHOLE_POINTS: i128 = 10_000;

/// The share of each amount in their sum, in hundredths of a percent. The shares sum to exactly [`WHOLE_POINTS`]: each is
/// rounded down, and those with the largest remainders get what is missing, earlier ones first. All are zero if the sum
/// is not above zero or an amount is below zero.
#[must_use]
pub fn shares(amounts: &[Amount]) -> Vec<i128> {
    let whole = amounts.iter().try_fold(0_i128, |sum, amount| sum.checked_add(amount.units()));
    let Some(whole) = whole.filter(|whole| *whole > 0 && !amounts.iter().any(|amount| amount.is_negative()))
    else {
        return vec![0; amounts.len()];
    };
    // Balances of one account stay far below the 10³⁴ units where this product would leave its range.
    let scaled = |amount: &Amount| amount.units().saturating_mul(WHOLE_POINTS);
    let mut shares: Vec<i128> = amounts.iter().map(|amount| scaled(amount) / whole).collect();
    let missing = WHOLE_POINTS - shares.iter().sum::<i128>();
    let mut places: Vec<(usize, i128)> =
        amounts.iter().map(|amount| scaled(amount) % whole).enumerate().collect();
    places.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    let given = usize::try_from(missing).unwrap_or(0);
    for (place, _) in places.into_iter().take(given) {
        if let Some(share) = shares.get_mut(place) {
            *share += 1;
        }
    }
    shares
}

/// The total beside amounts that are shown cut to cents: the sum of the shown cents.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when the sum leaves its range.
pub fn shown_total(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MoneyError> {
    amounts.into_iter().try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount.whole_cents()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amounts(units: &[i128]) -> Vec<Amount> {
        units.iter().map(|units| Amount::from_units(*units).unwrap()).collect()
    }

    #[test]
    fn the_largest_remainders_get_what_is_missing() {
        for (units, expected) in [
            (vec![1, 1, 1], vec![3_334, 3_333, 3_333]),
            (vec![2, 1], vec![6_667, 3_333]),
            (vec![1, 99_999], vec![0, 10_000]),
            (vec![7], vec![10_000]),
            (vec![0, 0], vec![0, 0]),
            (vec![-1, 5], vec![0, 0]),
            (vec![], vec![]),
        ] {
            assert_eq!(shares(&amounts(&units)), expected, "{units:?}");
        }
    }

    #[test]
    fn a_total_is_the_sum_of_the_cents_beside_it() {
        let parts = ["1.239", "2.349", "0.009"].map(|text| text.parse::<Amount>().unwrap());
        assert_eq!(shown_total(parts).unwrap().to_string(), "3.57");
    }

    proptest! {
        /// Each share was rounded for itself: the shares of a portfolio summed to 100.01 %.
        #[test]
        fn shares_sum_to_a_hundred_and_none_is_off_by_a_hundredth(
            units in prop::collection::vec(0..1_000_000_000_000_000_000_i128, 1..140),
        ) {
            let whole: i128 = units.iter().sum();
            let shares = shares(&amounts(&units));
            prop_assert_eq!(shares.iter().sum::<i128>(), if whole == 0 { 0 } else { WHOLE_POINTS });
            for (share, units) in shares.iter().zip(&units) {
                prop_assert!((share * whole - units * WHOLE_POINTS).abs() < whole.max(1));
            }
        }
    }
}
