//! Numbers of orders, recurring orders and alerts: 48 bits of time in ms and 80 random bits, so that the order of ids
//! is the order of time.

use cnop_domain::Entropy;

/// Random bits.
const RANDOM_BITS: u32 = 80;
/// Bits of time.
const TIME_MASK: u128 = (1 << 48) - 1;
/// The highest bit. No time before the year 6429 sets it, so that no order's number can be an alert's: both wait in the
/// same book.
const ALERT: u128 = 1 << 127;

/// A number larger than `last`.
pub(crate) fn next_number(now_us: i64, entropy: &dyn Entropy, last: u128) -> u128 {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let random = u128::from_be_bytes(random) & ((1 << RANDOM_BITS) - 1);
    let time = u128::try_from(now_us / 1_000).unwrap_or(0) & TIME_MASK;
    (time << RANDOM_BITS | random).max(last.saturating_add(1))
}

/// A number for an alert, larger than `last`.
pub(crate) fn next_alert_number(now_us: i64, entropy: &dyn Entropy, last: u128) -> u128 {
    (next_number(now_us, entropy, 0) | ALERT).max(last.saturating_add(1))
}

/// Whether what waits in a book under this number is an alert.
pub(crate) const fn is_alert(number: u128) -> bool {
    number & ALERT != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixture::SeededEntropy;

    #[test]
    fn numbers_rise_and_those_of_alerts_are_apart() {
        let entropy = SeededEntropy::new(1);
        let now_us = 1_795_255_200_000_000;
        let first = next_number(now_us, &entropy, 0);
        assert!(next_number(now_us + 1_000, &entropy, 0) > first);
        assert_eq!(next_number(now_us - 1_000_000, &entropy, first), first + 1, "a clock that goes back");
        let alert = next_alert_number(now_us, &entropy, 0);
        assert!(is_alert(alert) && !is_alert(first));
        assert_eq!(next_alert_number(now_us - 1_000_000, &entropy, alert), alert + 1);
    }
}
