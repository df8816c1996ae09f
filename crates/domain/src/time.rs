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

    /// Reads RFC 3339 in UTC (`Z` only), with up to six decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
        let number = |part: &str, width: usize| {
            (part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<i64>().ok())
                .flatten()
        };
        let mut date = date.splitn(3, '-');
        let midnight =
            Self::from_date(number(date.next()?, 4)?, number(date.next()?, 2)?, number(date.next()?, 2)?)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut clock = clock.splitn(3, ':');
        let (hour, minute, second) =
            (number(clock.next()?, 2)?, number(clock.next()?, 2)?, number(clock.next()?, 2)?);
        if hour > 23 || minute > 59 || second > 59 || fraction.is_empty() || fraction.len() > 6 {
            return None;
        }
        let micros = number(&format!("{fraction:0<6}"), 6)?;
        Some(Self(midnight.0 + ((hour * 60 + minute) * 60 + second) * SECOND_US + micros))
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
                &"a time in UTC such as 2026-11-21T10:00:00Z",
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

    #[test]
    fn refuses_what_is_no_time() {
        for text in
            ["", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21", "2026-11-21T10:00:00+01:00"]
        {
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
