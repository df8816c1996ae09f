//! Decimal text of money, written without an allocation: one order's answer holds about thirty figures.
//!
//! Not `rust_decimal`: it allocates for its text, and its rounding and range are not those of a balance.

use thiserror::Error;

/// Decimal places of every currency and asset. Fixed forever: stored integers carry no scale of their own.
pub const SCALE: u32 = 8;
/// Smallest units in one whole dollar or coin: 10⁸.
pub const UNITS_PER_WHOLE: i128 = 100_000_000;
/// Smallest units in one cent: 10⁶.
pub const UNITS_PER_CENT: i128 = UNITS_PER_WHOLE / 100;
/// Longest text that is read as a number: sign, digits of the largest balance, point, scale, and some leading zeros.
pub const DECIMAL_BYTES_MAX: usize = 40;
/// Longest text that is written: sign, the 39 digits of the largest `i128`, point.
const WRITTEN_BYTES_MAX: usize = 41;

/// Error while parsing or computing an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not digits with at most one point and a leading minus sign.
    #[error("not a decimal number")]
    Malformed,
    /// More digits after the point than [`SCALE`].
    #[error("more than 8 decimal places")]
    TooPrecise,
    /// Outside the range of its type.
    #[error("out of range")]
    OutOfRange,
}

/// Units as a decimal.
pub(crate) struct DecimalText {
    /// Filled from the end.
    bytes: [u8; WRITTEN_BYTES_MAX],
    start: usize,
}

impl DecimalText {
    /// Writes units as a decimal with at least `decimals_min` and at most [`SCALE`] places.
    pub(crate) fn new(units: i128, decimals_min: u32) -> Self {
        let mut text = Self { bytes: [b'0'; WRITTEN_BYTES_MAX], start: WRITTEN_BYTES_MAX };
        let magnitude = units.unsigned_abs();
        let one = UNITS_PER_WHOLE.unsigned_abs();
        let (mut whole, mut fraction) = (magnitude / one, magnitude % one);
        let mut places = SCALE;
        while places > decimals_min && fraction.is_multiple_of(10) {
            fraction /= 10;
            places -= 1;
        }
        for _ in 0..places {
            text.push_digit(&mut fraction);
        }
        if places > 0 {
            text.push(b'.');
        }
        text.push_digit(&mut whole);
        while whole > 0 {
            text.push_digit(&mut whole);
        }
        if units < 0 {
            text.push(b'-');
        }
        text
    }

    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(self.start..).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Moves the last digit of a number in front of the text.
    fn push_digit(&mut self, number: &mut u128) {
        // Nearly all figures fit, and half the width is divided many times as fast.
        let digit = if let Ok(small) = u64::try_from(*number) {
            *number = u128::from(small / 10);
            u8::try_from(small % 10)
        } else {
            let digit = u8::try_from(*number % 10);
            *number /= 10;
            digit
        };
        self.push(b'0' + digit.unwrap_or(0));
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
    }
}

/// Parses a plain decimal: no exponent, no plus sign, no separators, at most [`SCALE`] places.
pub(crate) fn parse_units(text: &str) -> Result<i128, MoneyError> {
    if text.len() > DECIMAL_BYTES_MAX {
        return Err(MoneyError::OutOfRange);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(MoneyError::Malformed);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > SCALE as usize {
        return Err(MoneyError::TooPrecise);
    }
    let places = fraction.bytes().chain(std::iter::repeat(b'0')).take(SCALE as usize);
    let units = whole
        .bytes()
        .chain(places)
        .try_fold(0_i128, |units, digit| units.checked_mul(10)?.checked_add(i128::from(digit - b'0')));
    let units = units.ok_or(MoneyError::OutOfRange)?;
    Ok(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by way of the standard library's formatting.
    fn plainly(units: i128, decimals_min: usize) -> String {
        let sign = if units < 0 { "-" } else { "" };
        let digits = format!("{:09}", units.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - SCALE as usize);
        let kept = fraction.trim_end_matches('0').len().max(decimals_min);
        let point = if kept > 0 { "." } else { "" };
        format!("{sign}{whole}{point}{}", &fraction[..kept])
    }

    #[test]
    fn the_ends_of_the_range_fit() {
        for units in [i128::MIN, i128::MIN + 1, -1, 0, 1, 10, 99_999_999, 100_000_000, i128::MAX] {
            for decimals_min in [0_u8, 2, 8] {
                let text = DecimalText::new(units, u32::from(decimals_min));
                assert_eq!(text.as_str(), plainly(units, usize::from(decimals_min)));
            }
        }
        assert_eq!(plainly(-123_450_000, 2), "-1.2345");
        assert_eq!(plainly(100_000_000, 2), "1.00");
        assert_eq!(plainly(100_000_000, 0), "1");
    }

    #[test]
    fn the_largest_integer_is_read_and_one_more_is_not() {
        assert_eq!(parse_units("1701411834604692317316873037158.84105727"), Ok(i128::MAX));
        assert_eq!(parse_units("1701411834604692317316873037158.84105728"), Err(MoneyError::OutOfRange));
        assert_eq!(parse_units(&format!("{:040}", 1)), Ok(UNITS_PER_WHOLE));
    }

    #[test]
    fn more_digits_than_any_integer_has_are_out_of_range() {
        assert_eq!(parse_units(&"9".repeat(DECIMAL_BYTES_MAX)), Err(MoneyError::OutOfRange));
        assert_eq!(parse_units(&"9".repeat(DECIMAL_BYTES_MAX + 1)), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn every_figure_is_written_plainly(units in any::<i128>(), shift in 0_u32..127, decimals_min in 0_u8..=8) {
            let units = units >> shift;
            let text = DecimalText::new(units, u32::from(decimals_min));
            prop_assert_eq!(text.as_str(), plainly(units, usize::from(decimals_min)));
        }
    }
}
