//! Amounts, prices and quantities: counts of the smallest unit, at a scale that never changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Decimal places of every currency and asset. Fixed for ever: stored integers carry no scale of their own.
pub const SCALE: u32 = 8;
/// Smallest units in one whole dollar or coin: 10⁸.
pub const UNITS_PER_WHOLE: i128 = 100_000_000;
/// Largest price or quantity, in units. Two of them multiply without leaving `i128`.
pub const UNITS_MAX: i128 = 1_000_000_000_000_000_000;
/// Largest balance, in units.
pub const BALANCE_UNITS_MAX: i128 = 1_000_000_000_000_000_000_000_000_000_000;
/// Longest text that is read as a number: sign, digits of the largest balance, point, scale.
const TEXT_BYTES_MAX: usize = 40;

/// Why a text or a calculation is no money.
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

macro_rules! money_type {
    ($(#[$doc:meta])* $name:ident, max: $max:expr, min: $min:expr, decimals_min: $decimals:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i128);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest value.
            pub const MAX: Self = Self($max);

            /// From a count of smallest units (10⁻⁸).
            ///
            /// # Errors
            /// [`MoneyError::OutOfRange`] outside the type's range.
            pub const fn from_units(units: i128) -> Result<Self, MoneyError> {
                if units > $max || units < $min { Err(MoneyError::OutOfRange) } else { Ok(Self(units)) }
            }

            /// The count of smallest units (10⁻⁸).
            #[must_use]
            pub const fn units(self) -> i128 {
                self.0
            }

            /// Whether it is nothing.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The sum.
            ///
            /// # Errors
            /// [`MoneyError::OutOfRange`] outside the type's range.
            pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
                self.0.checked_add(other.0).ok_or(MoneyError::OutOfRange).and_then(Self::from_units)
            }

            /// The difference.
            ///
            /// # Errors
            /// [`MoneyError::OutOfRange`] outside the type's range.
            pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
                self.0.checked_sub(other.0).ok_or(MoneyError::OutOfRange).and_then(Self::from_units)
            }

            /// The number as a float, for charts and ratios only: money is never computed with it.
            #[must_use]
            #[allow(clippy::cast_precision_loss, reason = "the doc says what it is for")]
            pub fn to_f64_lossy(self) -> f64 {
                self.0 as f64 / 1e8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&decimal_text(self.0, $decimals))
            }
        }

        impl FromStr for $name {
            type Err = MoneyError;

            fn from_str(text: &str) -> Result<Self, MoneyError> {
                parse_units(text).and_then(Self::from_units)
            }
        }

        impl Serialize for $name {
            /// A string for people (JSON), an integer for the store.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                } else {
                    i128::deserialize(deserializer).and_then(|units| Self::from_units(units).map_err(de::Error::custom))
                }
            }
        }
    };
}

money_type! {
    /// A sum of US dollars in units of 10⁻⁸ dollar, signed: a balance, a notional, a fee, a posting.
    Amount, max: BALANCE_UNITS_MAX, min: -BALANCE_UNITS_MAX, decimals_min: 2
}
money_type! {
    /// Dollars for one whole coin, in units of 10⁻⁸ dollar. Never negative.
    Price, max: UNITS_MAX, min: 0, decimals_min: 2
}
money_type! {
    /// A number of coins in units of 10⁻⁸ coin. Never negative.
    Quantity, max: UNITS_MAX, min: 0, decimals_min: 0
}

impl Amount {
    /// The same sum with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// Writes units as a decimal with at least `decimals_min` and at most [`SCALE`] places.
fn decimal_text(units: i128, decimals_min: usize) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let magnitude = units.unsigned_abs();
    let one = UNITS_PER_WHOLE.unsigned_abs();
    let (whole, fraction) = (magnitude / one, magnitude % one);
    let digits = format!("{fraction:08}");
    let kept = digits.trim_end_matches('0').len().max(decimals_min);
    match digits.get(..kept) {
        Some(shown) if kept > 0 => format!("{sign}{whole}.{shown}"),
        _ => format!("{sign}{whole}"),
    }
}

/// Reads a plain decimal: no exponent, no plus sign, no separators, no more than [`SCALE`] places.
fn parse_units(text: &str) -> Result<i128, MoneyError> {
    if text.len() > TEXT_BYTES_MAX {
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
    let units: i128 = format!("{whole}{fraction:0<8}").parse().map_err(|_| MoneyError::OutOfRange)?;
    Ok(if negative { -units } else { units })
}
