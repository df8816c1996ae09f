//! Moments: RFC 3339 in UTC as text.
//!
//! Not `time` or `jiff`: this is the browser's code too, where either costs more bytes than a page may have.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::calendar::{DAY_US, Date, SECOND_US, day_of};

/// A moment in µs since 1970-01-01T00:00Z; RFC 3339 with `Z` and six decimals as text; the µs where it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment this many µs later, at most the last one that can be written.
    #[must_use]
    pub const fn plus_us(self, later_us: i64) -> Self {
        Self(self.0.saturating_add(later_us))
    }

    /// µs since another moment; below zero for a later one.
    #[must_use]
    pub const fn us_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Year, month and day in UTC.
    #[must_use]
    pub const fn date(self) -> (i64, i64, i64) {
        let Date { year, month, day } = Date::from_days(day_of(self.0));
        (year, month, day)
    }

    /// Hour, minute and second in UTC.
    #[must_use]
    pub const fn clock(self) -> (i64, i64, i64) {
        let seconds = self.0.rem_euclid(DAY_US) / SECOND_US;
        (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// Midnight UTC of a date; `None` for a date that does not exist.
    #[must_use]
    pub const fn from_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > 31 || year < 0 || year > 9_999 {
            return None;
        }
        let date = Date { year, month, day };
        let days = date.days();
        let back = Date::from_days(days);
        if back.month == month && back.day == day { Some(Self(days * DAY_US)) } else { None }
    }

    /// Reads RFC 3339 with any offset and up to nine decimals, of which six are kept.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.split_once(['T', 't'])?;
        let (clock, offset_us) = match clock.strip_suffix(['Z', 'z']) {
            Some(clock) => (clock, 0),
            None => {
                let (clock, offset) = clock.split_at_checked(clock.len().checked_sub(OFFSET_BYTES)?)?;
                (clock, offset_read(offset)?)
            }
        };
        let mut date = date.splitn(3, '-');
        let midnight =
            Self::from_date(number(date.next()?, 4)?, number(date.next()?, 2)?, number(date.next()?, 2)?)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut clock = clock.splitn(3, ':');
        let (hour, minute, second) =
            (number(clock.next()?, 2)?, number(clock.next()?, 2)?, number(clock.next()?, 2)?);
        if hour > 23 || minute > 59 || second > 59 || fraction.len() > FRACTION_DIGITS_MAX {
            return None;
        }
        let nanos = number(fraction, fraction.len())? * 10_i64.pow(u32::try_from(9 - fraction.len()).ok()?);
        let local = midnight.0 + ((hour * 60 + minute) * 60 + second) * SECOND_US + nanos / 1_000;
        Some(Self(local - offset_us))
    }
}

/// Length of an offset such as `+05:30`.
const OFFSET_BYTES: usize = 6;
/// Most digits of a fraction of a second: nanoseconds, as Go and Java write them.
const FRACTION_DIGITS_MAX: usize = 9;

/// A number of exactly `width` digits.
fn number(part: &str, width: usize) -> Option<i64> {
    let digits = !part.is_empty() && part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| part.parse().ok()).flatten()
}

/// The distance from UTC in µs. A space counts as the plus sign that it was before a query was decoded.
fn offset_read(text: &str) -> Option<i64> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let distance = (hours * 60 + minutes) * 60 * SECOND_US;
    match text.as_bytes().first()? {
        b'+' | b' ' => Some(distance),
        b'-' => Some(-distance),
        _ => None,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let micros = self.0.rem_euclid(SECOND_US);
        if !(0..=9_999).contains(&year) {
            return write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z");
        }
        // The same without the formatting machinery: every answer has several.
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let parts = [
            (year, 0..4),
            (month, 5..7),
            (day, 8..10),
            (hour, 11..13),
            (minute, 14..16),
            (second, 17..19),
            (micros, 20..26),
        ];
        for (mut number, place) in parts {
            for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
                number /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::invalid_value(
                de::Unexpected::Other("text"),
                &"a time such as 2026-11-21T10:00:00Z or 2026-11-21T11:00:00+01:00",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_back() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_827_696_000_001, "2000-02-29T12:34:56.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp(micros).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(micros)));
        }
        assert_eq!(Timestamp::parse("2026-11-21T10:00:00Z"), Timestamp::parse("2026-11-21T10:00:00.0Z"));
    }

    #[test]
    fn years_of_five_digits_and_before_the_first_are_shown() {
        assert_eq!(Timestamp(253_402_300_800_000_000).to_string(), "10000-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp(-62_167_219_200_000_001).to_string(), "-001-12-31T23:59:59.999999Z");
    }

    /// Python writes `+00:00`, Go and Java write nanoseconds: a client generated from the document sends these.
    #[test]
    fn every_offset_and_nanoseconds_are_read() {
        let utc = Timestamp::parse("2026-12-24T23:59:59.123456Z");
        assert!(utc.is_some());
        for text in [
            "2026-12-24T23:59:59.123456+00:00",
            "2026-12-24T23:59:59.123456-00:00",
            "2026-12-25T05:29:59.123456+05:30",
            "2026-12-24T12:59:59.123456-11:00",
            "2026-12-25T05:29:59.123456 05:30",
            "2026-12-24T23:59:59.123456789Z",
            "2026-12-24t23:59:59.123456z",
        ] {
            assert_eq!(Timestamp::parse(text), utc, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-02-30T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-11-21T10:00:00+0100",
            "2026-11-21T10:00:00+24:00",
            "2026-11-21T10:00:00.Z",
            "2026-11-21T10:00:00*01:00",
            "2026-11-21T10:00:00.0000000001Z",
            "é",
            "+01:00",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn json_has_the_text_and_storage_has_the_microseconds() {
        let time = Timestamp(951_827_696_000_001);
        assert_eq!(serde_json::to_string(&time).unwrap(), format!("\"{time}\""));
        assert_eq!(postcard::to_allocvec(&time).unwrap(), postcard::to_allocvec(&time.0).unwrap());
        assert_eq!(postcard::from_bytes::<Timestamp>(&postcard::to_allocvec(&time).unwrap()).unwrap(), time);
    }
}
