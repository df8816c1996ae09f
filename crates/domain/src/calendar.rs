//! Dates of the proleptic Gregorian calendar in UTC, as days since 1970-01-01.
//!
//! Written by hand because a date library would be most of what the browser loads.

/// µs of a second.
pub const SECOND_US: i64 = 1_000_000;
/// µs of a minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// µs of a UTC day.
pub const DAY_US: i64 = 86_400 * SECOND_US;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_FROM_MARCH: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;
/// Days of a week.
const WEEK_DAYS: i64 = 7;
/// 1970-01-01 was a Thursday: days from the Monday before.
const EPOCH_WEEKDAY: i64 = 3;

/// A year, a month from 1 to 12 and a day of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year of the Gregorian calendar; may be negative.
    pub year: i64,
    /// Month of the year, 1 to 12.
    pub month: i64,
    /// Day of the month, 1 to 31.
    pub day: i64,
}

impl Date {
    /// The date so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        // The year begins in March here, so that the day that some years have more is the last of all.
        let days = days + EPOCH_FROM_MARCH;
        let cycle = days.div_euclid(CYCLE_DAYS);
        let day_of_cycle = days.rem_euclid(CYCLE_DAYS);
        let year_of_cycle =
            (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_cycle + cycle * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }

    /// Days from 1970-01-01 to this date (Howard Hinnant's `days_from_civil`). A day that the month does not have counts on
    /// into the next month.
    #[must_use]
    pub const fn days(self) -> i64 {
        let shifted_year = if self.month <= 2 { self.year - 1 } else { self.year };
        let cycle = shifted_year.div_euclid(400);
        let year_of_cycle = shifted_year.rem_euclid(400);
        let shifted_month = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + self.day - 1;
        let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
        cycle * CYCLE_DAYS + day_of_cycle - EPOCH_FROM_MARCH
    }

    /// The first day of this date's month, or of so many months later.
    #[must_use]
    pub const fn month_start(self, later: i64) -> Self {
        let months = self.year * 12 + self.month - 1 + later;
        Self { year: months.div_euclid(12), month: months.rem_euclid(12) + 1, day: 1 }
    }
}

/// The UTC day of a moment in µs, counted from 1970-01-01.
#[must_use]
pub const fn day_of(time_us: i64) -> i64 {
    time_us.div_euclid(DAY_US)
}

/// The Monday of a day's week, both counted from 1970-01-01.
#[must_use]
pub const fn monday_of(day: i64) -> i64 {
    day - (day + EPOCH_WEEKDAY).rem_euclid(WEEK_DAYS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_follow_each_other_over_every_end_of_month() {
        let mut date = Date { year: 1895, month: 1, day: 1 };
        let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for days in date.days()..date.days() + 250_000 {
            assert_eq!((Date::from_days(days), date.days()), (date, days));
            let lengths = [31, if leap(date.year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            date.day += 1;
            if date.day > lengths[usize::try_from(date.month - 1).unwrap()] {
                date = Date { year: date.year + date.month / 12, month: date.month % 12 + 1, day: 1 };
            }
        }
        assert_eq!(Date::from_days(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!((monday_of(0), monday_of(3), monday_of(4)), (-3, -3, 4));
    }

    proptest! {
        #[test]
        fn dates_read_back(days in -4_000_000..4_000_000_i64, later in -30..30_i64) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            let start = date.month_start(later);
            prop_assert_eq!(Date::from_days(start.days()), start);
            prop_assert_eq!((start.year * 12 + start.month) - (date.year * 12 + date.month), later);
        }
    }
}
