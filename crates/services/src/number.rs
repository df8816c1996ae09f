//! Numbers of orders, recurring orders and alerts: 48 bits of time in ms and 80 random bits, so that the order of ids
//! is the order of time.

use cnop_domain::Entropy;

const RANDOM_BITS: u32 = 80;
const TIME_MASK: u128 = (1 << 48) - 1;
/// Random bits of the distance to a number that time has not passed yet: far fewer than there are random bits, so that
/// many such numbers do not run ahead of time.
const STEP_MASK: u128 = (1 << 64) - 1;
/// The highest bit. No time before the year 6429 sets it, so that no order's number can be an alert's: both wait in the
/// same book.
const ALERT: u128 = 1 << 127;

/// A number larger than `last`. It is never simply the next one: that may have been given to what has been removed.
pub(crate) fn next_number(now_us: i64, entropy: &dyn Entropy, last: u128) -> u128 {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let random = u128::from_be_bytes(random) & ((1 << RANDOM_BITS) - 1);
    let time = u128::try_from(now_us / 1_000).unwrap_or(0) & TIME_MASK;
    let number = time << RANDOM_BITS | random;
    if number > last { number } else { last.saturating_add(1 + (random & STEP_MASK)) }
}

/// A number for an alert, larger than `last`.
pub(crate) fn next_alert_number(now_us: i64, entropy: &dyn Entropy, last: u128) -> u128 {
    next_number(now_us, entropy, last & !ALERT) | ALERT
}

/// Whether what waits in a book under this number is an alert.
pub(crate) const fn is_alert(number: u128) -> bool {
    number & ALERT != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use cnop_testkit::SeededEntropy;

    #[test]
    fn numbers_rise_and_those_of_alerts_are_apart() {
        let entropy = SeededEntropy::new(1);
        let now_us = 1_795_255_200_000_000;
        let first = next_number(now_us, &entropy, 0);
        assert!(next_number(now_us + 1_000, &entropy, 0) > first);
        assert!(next_number(now_us - 1_000_000, &entropy, first) > first, "a clock that goes back");
        let alert = next_alert_number(now_us, &entropy, 0);
        assert!(is_alert(alert) && !is_alert(first));
        assert!(next_alert_number(now_us - 1_000_000, &entropy, alert) > alert);
    }

    /// Found by a random week: an alert was removed and its number given to another one in the same millisecond.
    #[test]
    fn a_number_that_was_removed_is_not_given_again() {
        let entropy = SeededEntropy::new(1);
        let now_us = 1_795_255_200_000_000;
        let last = next_number(now_us, &entropy, 0);
        let removed = next_number(now_us - 1_000, &entropy, last);
        assert_ne!(next_number(now_us - 1_000, &entropy, last), removed);
        assert!(removed - last <= STEP_MASK + 1);
    }
}
