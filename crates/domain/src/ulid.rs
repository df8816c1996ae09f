//! Identifiers that carry their time: 48 bits of milliseconds and 80 random bits, so that their order is that of time.
//!
//! The text is a prefix and 26 characters of Crockford's base32, upper case: texts and numbers have the same order.
//! Written by hand because the `ulid` crate also reads lower case, so that one identifier would have several texts.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Entropy, IdError};

/// Number of random bits.
const RANDOM_BITS: u32 = 80;
/// Mask of the time bits.
const TIME_MASK: u128 = (1 << 48) - 1;
/// Random bits of the distance to an identifier that time has not passed yet: far fewer than there are random bits, so
/// that many such identifiers do not run ahead of time.
const STEP_MASK: u128 = (1 << 64) - 1;
/// µs of a millisecond.
const MS_US: i64 = 1_000;
/// The highest bit, set in every alert's identifier and in no order's: no time before the year 6429 sets it. Orders and
/// alerts wait in the same book, and stored alerts have it in their keys.
const ALERT_BIT: u128 = 1 << 127;
/// No `I`, `L`, `O`, `U`.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of 128 bits.
const CHARACTERS: usize = 26;

/// 128 bits that begin with their time.
#[must_use]
pub fn timed(now_us: i64, entropy: &dyn Entropy) -> u128 {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    first_at(now_us) | u128::from_be_bytes(random) & ((1 << RANDOM_BITS) - 1)
}

/// The smallest 128 bits of a time.
fn first_at(time_us: i64) -> u128 {
    (u128::try_from(time_us.div_euclid(MS_US)).unwrap_or(0) & TIME_MASK) << RANDOM_BITS
}

/// 128 bits larger than `last`. They are never simply the next ones: those may have been given to something that was
/// removed.
fn next(now_us: i64, entropy: &dyn Entropy, last: u128) -> u128 {
    let bits = timed(now_us, entropy);
    if bits > last { bits } else { last.saturating_add(1 + (bits & STEP_MASK)) }
}

/// 128 bits as text.
#[must_use]
pub fn encode(bits: u128) -> String {
    (0..CHARACTERS)
        .rev()
        .map(|place| {
            let digit = usize::try_from(bits >> (5 * place) & 31).unwrap_or(0);
            char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// The 128 bits of a text; none for a text that [`encode`] does not write.
#[must_use]
pub fn decode(text: &str) -> Option<u128> {
    if text.len() != CHARACTERS {
        return None;
    }
    text.bytes().try_fold(0_u128, |bits, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        bits.checked_mul(32)?.checked_add(u128::try_from(digit).ok()?)
    })
}

macro_rules! timed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $flag:expr) => {
        $(#[$doc])*
        // Bytes, highest first: their order is that of the number, and an enum of two identifiers takes 17 bytes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $name([u8; 16]);

        impl $name {
            /// With these 128 bits.
            #[must_use]
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits.to_be_bytes())
            }

            /// The 128 bits of the id, most significant first.
            #[must_use]
            pub const fn bits(self) -> u128 {
                u128::from_be_bytes(self.0)
            }

            /// A new one, larger than `last`; the default stands for none.
            #[must_use]
            pub fn next(now_us: i64, entropy: &dyn Entropy, last: Self) -> Self {
                Self::from_bits(next(now_us, entropy, last.bits() & !$flag) | $flag)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bits = text.strip_prefix($prefix).and_then(decode).ok_or(IdError)?;
                Ok(Self::from_bits(bits))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, encode(self.bits()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_u128(self.bits());
            }
        }

        /// Its text, or its 128 bits where it is stored.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_u128(self.bits())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                } else {
                    u128::deserialize(deserializer).map(Self::from_bits)
                }
            }
        }
    };
}

timed_id! {
    /// An order: `ord_` and 26 base32 characters, ordered by time.
    OrderId, "ord_", 0
}
timed_id! {
    /// A price alert: `alr_` and 26 base32 characters, ordered by time.
    AlertId, "alr_", ALERT_BIT
}
timed_id! {
    /// A recurring order: `rec_` and 26 base32 characters, ordered by time.
    PlanId, "rec_", 0
}
timed_id! {
    /// A group of orders: `grp_` and the 26 base32 characters of its first order.
    GroupId, "grp_", 0
}

impl OrderId {
    /// Larger than any other.
    pub const MAX: Self = Self::from_bits(u128::MAX);

    /// The smallest one of a time.
    #[must_use]
    pub fn first_at(time_us: i64) -> Self {
        let last_ms = i64::try_from(TIME_MASK).unwrap_or(i64::MAX);
        Self::from_bits(first_at(time_us.clamp(0, last_ms.saturating_mul(MS_US))))
    }

    /// The largest one below it; the default for the smallest.
    #[must_use]
    pub const fn before(self) -> Self {
        Self::from_bits(self.bits().saturating_sub(1))
    }

    /// The one so many places behind it.
    #[must_use]
    pub const fn plus(self, places: u128) -> Self {
        Self::from_bits(self.bits().saturating_add(places))
    }

    /// The group that begins with this order.
    #[must_use]
    pub const fn group_id(self) -> GroupId {
        GroupId(self.0)
    }
}

/// Id of an entry in a trigger book. Orders come before alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BookEntryId {
    /// An order that waits for a price.
    Order(OrderId),
    /// A price alert that has not fired.
    Alert(AlertId),
}

impl BookEntryId {
    /// Smaller than any other.
    pub const MIN: Self = Self::Order(OrderId([0; 16]));
    /// Larger than any other.
    pub const MAX: Self = Self::Alert(AlertId([u8::MAX; 16]));
}

impl fmt::Display for BookEntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => id.fmt(f),
            Self::Alert(id) => id.fmt(f),
        }
    }
}

impl Hash for BookEntryId {
    /// Orders and alerts differ in their bits.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Order(id) => id.hash(state),
            Self::Alert(id) => id.hash(state),
        }
    }
}

impl From<OrderId> for BookEntryId {
    fn from(id: OrderId) -> Self {
        Self::Order(id)
    }
}

impl From<AlertId> for BookEntryId {
    fn from(id: AlertId) -> Self {
        Self::Alert(id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;

    /// Random bytes that repeat with the seed (xorshift).
    #[derive(Debug)]
    struct Seeded(Mutex<u64>);

    impl Entropy for Seeded {
        fn fill(&self, buffer: &mut [u8]) {
            let mut state = self.0.lock().unwrap();
            for byte in buffer {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                *byte = state.to_be_bytes()[0];
            }
        }
    }

    const NOW_US: i64 = 1_795_255_200_000_000;

    #[test]
    fn identifiers_rise_with_time_and_alerts_are_apart_from_orders() {
        let entropy = Seeded(Mutex::new(1));
        let none = OrderId::default();
        let first = OrderId::next(NOW_US, &entropy, none);
        assert!(OrderId::next(NOW_US + 1_000, &entropy, none) > first);
        assert!(OrderId::next(NOW_US - 1_000_000, &entropy, first) > first, "a clock that goes back");
        assert!(OrderId::first_at(NOW_US) <= first && first < OrderId::first_at(NOW_US + 1_000));
        let alert = AlertId::next(NOW_US, &entropy, AlertId::default());
        let year_6429_us = 140_737_488_355_327_999;
        assert!(alert.bits() > OrderId::first_at(year_6429_us).bits());
        assert!(AlertId::next(NOW_US - 1_000_000, &entropy, alert) > alert);
        assert!(BookEntryId::from(first) < BookEntryId::from(alert));
        assert_eq!(size_of::<BookEntryId>(), 17);
    }

    /// Found by a random week: an alert was removed and its identifier given to another one in the same millisecond.
    #[test]
    fn an_identifier_that_was_removed_is_not_given_again() {
        let entropy = Seeded(Mutex::new(1));
        let last = OrderId::next(NOW_US, &entropy, OrderId::default());
        let removed = OrderId::next(NOW_US - 1_000, &entropy, last);
        assert_ne!(OrderId::next(NOW_US - 1_000, &entropy, last), removed);
        assert!(removed.bits() - last.bits() <= STEP_MASK + 1);
    }

    #[test]
    fn only_its_own_text_is_read() {
        assert_eq!(encode(0), "0".repeat(26));
        assert_eq!(decode(&format!("8{}", "0".repeat(25))), None, "129 bits");
        assert_eq!(decode(&format!("{}U", "0".repeat(25))), None);
        assert_eq!(decode("0"), None);
        let text = "ord_01M7YRRT80V7XF4VT652DF0BYX";
        assert_eq!(text.parse::<OrderId>().unwrap().to_string(), text);
        for text in ["rec_01M7YRRT80V7XF4VT652DF0BYX", "ord_01m7yrrt80v7xf4vt652df0byx", "ord_1", ""] {
            assert!(text.parse::<OrderId>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_has_the_text_and_storage_has_the_bits() {
        let id = PlanId::from_bits(300);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<PlanId>(&format!("\"{id}\"")).unwrap(), id);
        assert_eq!(postcard::to_allocvec(&id).unwrap(), postcard::to_allocvec(&300_u128).unwrap());
        assert_eq!(postcard::from_bytes::<PlanId>(&postcard::to_allocvec(&id).unwrap()).unwrap(), id);
    }

    proptest! {
        #[test]
        fn texts_read_back_and_keep_the_order(a: u128, b: u128) {
            prop_assert_eq!(decode(&encode(a)), Some(a));
            prop_assert_eq!(a.cmp(&b), encode(a).cmp(&encode(b)));
            prop_assert_eq!(a.cmp(&b), OrderId::from_bits(a).cmp(&OrderId::from_bits(b)));
        }
    }
}
