//! Moments on the wire: RFC 3339 in UTC.
//!
//! Not `time` or `jiff`: this is the browser's code too, where either costs more bytes than a page may have.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in µs since 1970-01-01T00:00Z; RFC 3339 with `Z` and six decimals on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// µs in a second.
const SECOND: i64 = 1_000_000;
/// Seconds in a day.
const DAY_SECONDS: i64 = 86_400;

impl Timestamp {
    /// Year, month and day in UTC (proleptic Gregorian; Howard Hinnant's `civil_from_days`).
    #[must_use]
    pub const fn date(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(SECOND * DAY_SECONDS) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// Hour, minute and second in UTC.
    #[must_use]
    pub const fn clock(self) -> (i64, i64, i64) {
        let seconds = self.0.div_euclid(SECOND).rem_euclid(DAY_SECONDS);
        (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// Midnight UTC of a date; `None` for a date that does not exist.
    #[must_use]
    pub const fn from_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > 31 || year < 0 || year > 9_999 {
            return None;
        }
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let moment = Self((era * 146_097 + day_of_era - 719_468) * DAY_SECONDS * SECOND);
        let (_, back_month, back_day) = moment.date();
        if back_month == month && back_day == day { Some(moment) } else { None }
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
        Some(Self(midnight.0 + ((hour * 60 + minute) * 60 + second) * SECOND + micros))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let micros = self.0.rem_euclid(SECOND);
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
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
}
