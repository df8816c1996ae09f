//! Amounts, prices and quantities: integer counts of the smallest unit, at a fixed scale.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::decimal::{DecimalText, MoneyError, UNITS_PER_CENT, UNITS_PER_WHOLE, parse_units};

/// Largest price or quantity, in units. Two of them multiply without leaving `i128`.
pub const UNITS_MAX: i128 = 1_000_000_000_000_000_000;
/// Largest balance, in units.
pub const BALANCE_UNITS_MAX: i128 = 1_000_000_000_000_000_000_000_000_000_000;

macro_rules! money_type {
    ($(#[$doc:meta])* $name:ident, max: $max:expr, min: $min:expr, decimals_min: $decimals:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i128);

        impl $name {
            /// The value zero of this type.
            pub const ZERO: Self = Self(0);
            /// The largest representable value.
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

            /// Returns true if it is zero.
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
                f.pad(DecimalText::new(self.0, $decimals).as_str())
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

    /// The sum without its fractions of a cent, rounded toward zero.
    #[must_use]
    pub const fn whole_cents(self) -> Self {
        Self(self.0 - self.0 % UNITS_PER_CENT)
    }

    /// Returns true if it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl Price {
    /// Price × quantity, exact.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] when the product has more than [`crate::SCALE`] decimal places: a price off
    /// its tick or a quantity off its step.
    pub const fn times(self, quantity: Quantity) -> Result<Amount, MoneyError> {
        let product = self.0 * quantity.0;
        if product % UNITS_PER_WHOLE == 0 {
            Amount::from_units(product / UNITS_PER_WHOLE)
        } else {
            Err(MoneyError::TooPrecise)
        }
    }

    /// Price × quantity, rounded down to 10⁻⁸ dollar: the value of a holding.
    #[must_use]
    pub const fn value_of(self, quantity: Quantity) -> Amount {
        Amount(self.0 * quantity.0 / UNITS_PER_WHOLE)
    }

    /// The largest quantity whose value does not exceed `amount`, to the last unit. Zero for a price of zero
    /// or a negative amount.
    #[must_use]
    pub const fn quantity_within(self, amount: Amount) -> Quantity {
        if self.0 == 0 || amount.0 <= 0 {
            return Quantity::ZERO;
        }
        let units = amount.0 * UNITS_PER_WHOLE / self.0;
        Quantity(if units > UNITS_MAX { UNITS_MAX } else { units })
    }
}

impl Quantity {
    /// The nearest multiple of `step` that is not larger. A step of zero changes nothing.
    #[must_use]
    pub const fn floor_to(self, step: Self) -> Self {
        if step.0 == 0 { self } else { Self(self.0 - self.0 % step.0) }
    }

    /// The nearest multiple of `step` that is not smaller; the largest multiple of all when there is none.
    #[must_use]
    pub const fn ceil_to(self, step: Self) -> Self {
        let floor = self.floor_to(step);
        if floor.0 == self.0 {
            return self;
        }
        if floor.0 > UNITS_MAX - step.0 { Self::MAX.floor_to(step) } else { Self(floor.0 + step.0) }
    }
}

impl Price {
    /// The nearest multiple of `tick` that is not larger. A tick of zero changes nothing.
    #[must_use]
    pub const fn floor_to(self, tick: Self) -> Self {
        if tick.0 == 0 { self } else { Self(self.0 - self.0 % tick.0) }
    }

    /// The nearest multiple of `tick` that is not smaller; the largest multiple of all when there is none.
    #[must_use]
    pub const fn ceil_to(self, tick: Self) -> Self {
        let floor = self.floor_to(tick);
        if floor.0 == self.0 {
            return self;
        }
        if floor.0 > UNITS_MAX - tick.0 { Self::MAX.floor_to(tick) } else { Self(floor.0 + tick.0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_with_the_decimals_of_its_kind() {
        for (units, amount, quantity) in [
            (0, "0.00", "0"),
            (1, "0.00000001", "0.00000001"),
            (150_000_000, "1.50", "1.5"),
            (123_456_789_012, "1234.56789012", "1234.56789012"),
            (64_020_000_000, "640.20", "640.2"),
        ] {
            assert_eq!(Amount::from_units(units).unwrap().to_string(), amount);
            assert_eq!(Quantity::from_units(units).unwrap().to_string(), quantity);
        }
        assert_eq!(Amount::from_units(-1).unwrap().to_string(), "-0.00000001");
    }

    #[test]
    fn refuses_what_is_no_plain_decimal() {
        for text in [
            "", "-", ".", "1.", ".5", "+1", "1e3", " 1", "1 ", "1,000", "0x1", "--1", "1.2.3", "\u{661}",
            "1_0",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(MoneyError::Malformed), "{text:?}");
        }
        assert_eq!("0.000000001".parse::<Amount>(), Err(MoneyError::TooPrecise));
        assert_eq!("1.000000000".parse::<Amount>().unwrap().units(), UNITS_PER_WHOLE);
        assert_eq!("-1".parse::<Price>(), Err(MoneyError::OutOfRange));
        assert_eq!("9".repeat(41).parse::<Amount>(), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn products_are_exact_or_refused() {
        let price: Price = "64012.50".parse().unwrap();
        assert_eq!(price.times("0.015".parse().unwrap()).unwrap().to_string(), "960.1875");
        assert_eq!(price.times("0.00000001".parse().unwrap()), Err(MoneyError::TooPrecise));
        assert_eq!(price.value_of("0.00000001".parse().unwrap()).to_string(), "0.00064012");
    }

    #[test]
    fn whole_cents_are_rounded_towards_zero() {
        for (text, cents) in [("1.239", "1.23"), ("-1.239", "-1.23"), ("0.00999999", "0.00"), ("7", "7.00")] {
            assert_eq!(text.parse::<Amount>().unwrap().whole_cents().to_string(), cents);
        }
    }

    #[test]
    fn nearest_steps_stay_in_range() {
        let step = Quantity::from_units(7).unwrap();
        assert_eq!(Quantity::from_units(20).unwrap().floor_to(step).units(), 14);
        assert_eq!(Quantity::from_units(20).unwrap().ceil_to(step).units(), 21);
        assert_eq!(Quantity::MAX.ceil_to(step).units(), UNITS_MAX - UNITS_MAX % 7);
        assert_eq!(Quantity::MAX.floor_to(Quantity::ZERO), Quantity::MAX);
    }

    proptest! {
        #[test]
        fn print_and_parse_are_inverse(units in -BALANCE_UNITS_MAX..=BALANCE_UNITS_MAX, small in 0..=UNITS_MAX) {
            let amount = Amount::from_units(units).unwrap();
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
            prop_assert_eq!(serde_json::from_str::<Amount>(&serde_json::to_string(&amount).unwrap()).unwrap(), amount);
            let bytes = postcard::to_allocvec(&amount).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Amount>(&bytes).unwrap(), amount);
            let quantity = Quantity::from_units(small).unwrap();
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
            let price = Price::from_units(small).unwrap();
            prop_assert_eq!(price.to_string().parse::<Price>(), Ok(price));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,45}") {
            if let Ok(amount) = text.parse::<Amount>() {
                prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
            }
        }

        #[test]
        fn quantity_within_is_the_largest(price in 1..=UNITS_MAX, amount in 0..=BALANCE_UNITS_MAX) {
            let (price, amount) = (Price::from_units(price).unwrap(), Amount::from_units(amount).unwrap());
            let quantity = price.quantity_within(amount);
            prop_assert!(price.value_of(quantity) <= amount);
            if let Ok(more) = Quantity::from_units(quantity.units() + 1) {
                prop_assert!(price.units() * more.units() > amount.units() * UNITS_PER_WHOLE);
            }
        }
    }
}
