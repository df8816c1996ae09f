//! Schedules of recurring orders: UTC calendar arithmetic, and the treatment of missed runs.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Timestamp;
use crate::calendar::{DAY_US, Date, MINUTE_US, day_of, monday_of};

/// A missed run is made up when it is at most this late, in µs: 24 hours.
pub const RUN_LATE_MAX_US: i64 = DAY_US;
/// After this many failed runs in a row a plan pauses itself.
pub const FAILED_RUNS_MAX: u32 = 3;
/// Minutes of a day.
const MINUTES: u16 = 1_440;
/// Days of a week.
const WEEK_DAYS: i64 = 7;
/// On which days. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cadence {
    /// One run on every day.
    Daily,
    /// On one day of the week.
    Weekly {
        /// 1 is Monday, 7 is Sunday.
        weekday: u8,
    },
    /// On one day of the month, or on the last of a shorter one.
    Monthly {
        /// Day of the month, 1 to 31.
        day: u8,
    },
}

crate::closed_set! {
    /// Cadence of a recurring order, without its day.
    pub enum CadenceKind {
        /// One run on every day.
        Daily = "daily",
        /// On one day of the week.
        Weekly = "weekly",
        /// On one day of the month, or on the last of a shorter one.
        Monthly = "monthly",
    }
}

crate::closed_set! {
    /// A day of the week.
    pub enum Weekday {
        /// First day of the week.
        Monday = "monday",
        /// Second day of the week.
        Tuesday = "tuesday",
        /// Third day of the week.
        Wednesday = "wednesday",
        /// Fourth day of the week.
        Thursday = "thursday",
        /// Fifth day of the week.
        Friday = "friday",
        /// Sixth day of the week.
        Saturday = "saturday",
        /// Last day of the week.
        Sunday = "sunday",
    }
}

impl Weekday {
    /// The weekday with this number: 1 is Monday, 7 is Sunday.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|weekday| weekday.number() == number)
    }

    /// 1 for Monday to 7 for Sunday.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Monday => 1,
            Self::Tuesday => 2,
            Self::Wednesday => 3,
            Self::Thursday => 4,
            Self::Friday => 5,
            Self::Saturday => 6,
            Self::Sunday => 7,
        }
    }
}

impl Cadence {
    /// The kind without its day.
    #[must_use]
    pub const fn kind(self) -> CadenceKind {
        match self {
            Self::Daily => CadenceKind::Daily,
            Self::Weekly { .. } => CadenceKind::Weekly,
            Self::Monthly { .. } => CadenceKind::Monthly,
        }
    }
}

/// Days and the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schedule {
    /// Days of the schedule.
    pub cadence: Cadence,
    /// Minutes after midnight UTC, below 1,440.
    pub minute: u16,
}

/// No such day or time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ScheduleFault {
    /// Not 0 to 1,439.
    #[error("there is no such minute of a day")]
    Minute,
    /// Not 1 to 7.
    #[error("there is no such day of a week")]
    Weekday,
    /// Not 1 to 31.
    #[error("there is no such day of a month")]
    Day,
}

/// Next action of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// No action before the next run.
    Later,
    /// The latest run that is due, once; earlier ones are skipped.
    Run {
        /// Time at which it was due.
        run: Timestamp,
        /// The run after it.
        next: Timestamp,
    },
    /// All runs that were due are too late.
    Skip {
        /// Time at which the latest of them was due.
        run: Timestamp,
        /// Time of the next run.
        next: Timestamp,
    },
}

impl Schedule {
    /// Validates the day and the time.
    ///
    /// # Errors
    /// The invalid part.
    pub const fn check(&self) -> Result<(), ScheduleFault> {
        if self.minute >= MINUTES {
            return Err(ScheduleFault::Minute);
        }
        match self.cadence {
            Cadence::Weekly { weekday } if weekday < 1 || weekday > 7 => Err(ScheduleFault::Weekday),
            Cadence::Monthly { day } if day < 1 || day > 31 => Err(ScheduleFault::Day),
            Cadence::Daily | Cadence::Weekly { .. } | Cadence::Monthly { .. } => Ok(()),
        }
    }

    /// The first run later than a moment.
    #[must_use]
    pub fn next_after(&self, time: Timestamp) -> Timestamp {
        let this = self.run_in_period_of(time, 0);
        if this > time { this } else { self.run_in_period_of(time, 1) }
    }

    /// The last run at or before a moment.
    #[must_use]
    pub fn last_until(&self, time: Timestamp) -> Timestamp {
        let this = self.run_in_period_of(time, 0);
        if this <= time { this } else { self.run_in_period_of(time, -1) }
    }

    /// The action now, when `next` is the planned run. A missed run is made up once if the latest is at
    /// most 24 hours late. Older ones are skipped, and none runs twice.
    #[must_use]
    pub fn due(&self, next: Timestamp, now: Timestamp) -> Due {
        if now < next {
            return Due::Later;
        }
        let run = self.last_until(now).max(next);
        let next = self.next_after(now);
        if now.us_since(run) <= RUN_LATE_MAX_US { Due::Run { run, next } } else { Due::Skip { run, next } }
    }

    /// The run in the day, week or month of a moment, or a number of them later.
    fn run_in_period_of(&self, time: Timestamp, later: i64) -> Timestamp {
        let today = day_of(time.0);
        let day = match self.cadence {
            Cadence::Daily => today + later,
            Cadence::Weekly { weekday } => monday_of(today) + later * WEEK_DAYS + i64::from(weekday) - 1,
            Cadence::Monthly { day } => {
                let month = Date::from_days(today).month_start(later);
                let first = month.days();
                let length = month.month_start(1).days() - first;
                first + i64::from(day).min(length) - 1
            }
        };
        Timestamp(day.saturating_mul(DAY_US)).plus_us(i64::from(self.minute) * MINUTE_US)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A UTC date and time, by counting days one by one.
    fn at(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> Timestamp {
        let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let lengths = |year| [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
        let months: i64 = lengths(year).iter().take(usize::try_from(month - 1).unwrap()).sum();
        Timestamp((years + months + day - 1) * DAY_US + (hour * 60 + minute) * MINUTE_US)
    }

    fn schedule(cadence: Cadence) -> Schedule {
        Schedule { cadence, minute: 9 * 60 + 30 }
    }

    #[test]
    fn daily_and_weekly_runs_follow_the_clock() {
        let daily = schedule(Cadence::Daily);
        assert_eq!(daily.next_after(at(2026, 2, 28, 9, 29)), at(2026, 2, 28, 9, 30));
        assert_eq!(daily.next_after(at(2026, 2, 28, 9, 30)), at(2026, 3, 1, 9, 30));
        let fridays = schedule(Cadence::Weekly { weekday: 5 });
        assert_eq!(fridays.next_after(at(2026, 11, 21, 7, 0)), at(2026, 11, 27, 9, 30));
        assert_eq!(fridays.next_after(at(2026, 11, 20, 9, 0)), at(2026, 11, 20, 9, 30));
        let sundays = schedule(Cadence::Weekly { weekday: 7 });
        assert_eq!(sundays.next_after(at(2026, 11, 21, 7, 0)), at(2026, 11, 22, 9, 30));
    }

    #[test]
    fn a_month_that_is_too_short_runs_on_its_last_day() {
        let last = schedule(Cadence::Monthly { day: 31 });
        let mut run = at(2027, 12, 31, 9, 30);
        for (year, month, day) in [(2028, 1, 31), (2028, 2, 29), (2028, 3, 31), (2028, 4, 30), (2028, 5, 31)]
        {
            run = last.next_after(run);
            assert_eq!(run, at(year, month, day, 9, 30));
        }
        let thirtieth = schedule(Cadence::Monthly { day: 30 });
        assert_eq!(thirtieth.next_after(at(2027, 1, 30, 9, 30)), at(2027, 2, 28, 9, 30));
        assert_eq!(thirtieth.next_after(at(2027, 2, 28, 9, 30)), at(2027, 3, 30, 9, 30));
    }

    #[test]
    fn centuries_are_no_leap_years_but_every_fourth_is() {
        let last = schedule(Cadence::Monthly { day: 31 });
        for (year, day) in [(2096, 29), (2100, 28), (2104, 29), (2200, 28), (2300, 28), (2400, 29)] {
            assert_eq!(last.next_after(at(year, 1, 31, 9, 30)), at(year, 2, day, 9, 30), "{year}");
            assert_eq!(last.next_after(at(year, 2, day, 9, 30)), at(year, 3, 31, 9, 30), "{year}");
        }
        let daily = schedule(Cadence::Daily);
        assert_eq!(daily.next_after(at(2100, 2, 28, 9, 30)), at(2100, 3, 1, 9, 30));
        assert_eq!(daily.next_after(at(2400, 2, 28, 9, 30)), at(2400, 2, 29, 9, 30));
        // Seconds since 1970 from an independent calendar: 2100-03-01 and 2400-03-01 at midnight.
        assert_eq!(at(2100, 3, 1, 0, 0), Timestamp(4_107_542_400_000_000));
        assert_eq!(at(2400, 3, 1, 0, 0), Timestamp(13_574_649_600_000_000));
    }

    #[test]
    fn a_missed_run_is_made_up_once_and_not_after_a_day() {
        let weekly = schedule(Cadence::Weekly { weekday: 1 });
        let planned = at(2026, 11, 16, 9, 30);
        let next = planned.plus_us(7 * DAY_US);
        assert_eq!(weekly.due(planned, planned.plus_us(-1)), Due::Later);
        assert_eq!(weekly.due(planned, planned), Due::Run { run: planned, next });
        assert_eq!(weekly.due(planned, planned.plus_us(DAY_US)), Due::Run { run: planned, next });
        assert_eq!(weekly.due(planned, planned.plus_us(DAY_US + 1)), Due::Skip { run: planned, next });
        let weeks_later = planned.plus_us(21 * DAY_US + 1);
        let due = Due::Run { run: planned.plus_us(21 * DAY_US), next: planned.plus_us(28 * DAY_US) };
        assert_eq!(weekly.due(planned, weeks_later), due, "one run for all that were missed");
    }

    #[test]
    fn impossible_days_and_times_are_refused() {
        for (cadence, minute, fault) in [
            (Cadence::Daily, 1_440, ScheduleFault::Minute),
            (Cadence::Weekly { weekday: 0 }, 0, ScheduleFault::Weekday),
            (Cadence::Weekly { weekday: 8 }, 0, ScheduleFault::Weekday),
            (Cadence::Monthly { day: 0 }, 0, ScheduleFault::Day),
            (Cadence::Monthly { day: 32 }, 0, ScheduleFault::Day),
        ] {
            assert_eq!(Schedule { cadence, minute }.check(), Err(fault));
        }
        assert_eq!(schedule(Cadence::Monthly { day: 31 }).check(), Ok(()));
    }

    proptest! {
        #[test]
        fn runs_follow_each_other_without_gap(
            day in 1..=31_u8, kind in 0..3_u8, minute in 0..1_440_u16, time_s in -2_000_000_000..8_000_000_000_i64,
        ) {
            let cadence = match kind {
                0 => Cadence::Daily,
                1 => Cadence::Weekly { weekday: (day - 1) % 7 + 1 },
                _ => Cadence::Monthly { day },
            };
            let schedule = Schedule { cadence, minute };
            let time = Timestamp(time_s * 1_000_000);
            let next = schedule.next_after(time);
            let before = next.plus_us(-1);
            prop_assert!(next > time && next.us_since(time) <= 31 * DAY_US);
            prop_assert_eq!(schedule.last_until(next), next);
            prop_assert_eq!(schedule.last_until(before), schedule.last_until(time));
            prop_assert_eq!(schedule.next_after(before), next);
        }
    }
}
