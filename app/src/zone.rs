//! The reader's time zone.
//!
//! A script keeps the device's zone in a cookie, and the server names times and days by it. The browser's half of an island
//! has no data of zones: it receives the offsets of this one.

use cnop_api::Timestamp;
use serde::{Deserialize, Serialize};

/// µs in a second.
pub(crate) const SECOND_US: i64 = 1_000_000;
/// Seconds in a day.
const DAY_S: i64 = 86_400;

/// Changes of a zone that are known: four a year at most.
const CHANGES_MAX: usize = 16;

/// The offsets of a time zone from UTC, in seconds. The default is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ReaderZone {
    /// Offset before the first change.
    first: i32,
    /// Number of changes.
    count: u8,
    /// Unix second of each change with the offset from then on, oldest first.
    changes: [(i64, i32); CHANGES_MAX],
}

impl ReaderZone {
    /// Returns true if the zone is UTC all the time.
    pub(crate) fn is_utc(&self) -> bool {
        self.first == 0 && self.count == 0
    }

    fn changes(&self) -> &[(i64, i32)] {
        self.changes.get(..usize::from(self.count)).unwrap_or_default()
    }

    /// Offset from UTC at a unix second.
    fn offset(&self, second: i64) -> i32 {
        let before = self.changes().iter().rev().find(|(from, _)| *from <= second);
        before.map_or(self.first, |(_, offset)| *offset)
    }

    /// The time on the reader's clock, as if it were UTC.
    pub(crate) fn local(&self, time: Timestamp) -> Timestamp {
        let offset = i64::from(self.offset(time.0.div_euclid(SECOND_US)));
        Timestamp(time.0.saturating_add(offset * SECOND_US))
    }

    /// Name of the offset at a moment: `UTC`, `UTC+13`, `UTC−3:30`.
    pub(crate) fn offset_name(&self, time: Timestamp) -> String {
        let offset = self.offset(time.0.div_euclid(SECOND_US));
        let sign = if offset < 0 { '\u{2212}' } else { '+' };
        let minutes = offset.unsigned_abs() / 60;
        match (minutes / 60, minutes % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// The moment at which the reader's clock shows a time, given as if it were UTC. Of two such moments it is the
    /// earlier one. A time that the clock skips is the moment of the change.
    pub(crate) fn moment(&self, local: Timestamp) -> Timestamp {
        let second = local.0.div_euclid(SECOND_US);
        let before = self.offset(second.saturating_sub(DAY_S));
        let after = self.offset(second.saturating_add(DAY_S));
        let at = |offset: i32| second.saturating_sub(i64::from(offset));
        let shows = |offset: &i32| self.offset(at(*offset)) == *offset;
        // The larger offset has the earlier moment.
        let offset = [before.max(after), before.min(after)].into_iter().find(shows).unwrap_or(before);
        let within = local.0.rem_euclid(SECOND_US);
        Timestamp(at(offset).saturating_mul(SECOND_US).saturating_add(within))
    }

    /// The first moment of a day such as `2026-11-21`; none when it is no day.
    #[cfg(feature = "ssr")]
    pub(crate) fn day_start(&self, day: &str) -> Option<Timestamp> {
        date(day).map(|midnight| self.moment(midnight))
    }

    /// The first moment after a day; none when it is no day.
    pub(crate) fn day_end(&self, day: &str) -> Option<Timestamp> {
        let midnight = date(day)?;
        Some(self.moment(Timestamp(midnight.0.saturating_add(DAY_S * SECOND_US))))
    }
}

/// Midnight of a day, as if it were UTC.
fn date(day: &str) -> Option<Timestamp> {
    let mut parts = day.trim().splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Timestamp::from_date(year, month, day)
}

#[cfg(feature = "ssr")]
mod server {
    use jiff::tz::TimeZone;

    use super::{CHANGES_MAX, DAY_S, ReaderZone, SECOND_US};

    /// Longest name of a zone; the longest known one has 32 bytes.
    const NAME_BYTES_MAX: usize = 64;
    /// Days before now whose offsets are known: longer than a chart reaches back.
    const DAYS_BEFORE: i64 = 800;

    impl ReaderZone {
        /// The zone with a name such as `Europe/Berlin`; none when there is no such zone.
        pub(crate) fn named(name: &str, now_us: i64) -> Option<Self> {
            if name.len() > NAME_BYTES_MAX {
                return None;
            }
            let zone = TimeZone::get(name).ok()?;
            let from_s = now_us.div_euclid(SECOND_US).saturating_sub(DAYS_BEFORE * DAY_S);
            let from = jiff::Timestamp::from_second(from_s).ok()?;
            let first = zone.to_offset(from).seconds();
            let mut known = first;
            let changes = zone
                .following(from)
                .take(CHANGES_MAX)
                .map(|change| (change.timestamp().as_second(), change.offset().seconds()))
                // A zone may change its name and keep its offset.
                .filter(|(_, offset)| std::mem::replace(&mut known, *offset) != *offset);
            let mut found = Self { first, ..Self::default() };
            for (slot, change) in found.changes.iter_mut().zip(changes) {
                (*slot, found.count) = (change, found.count.saturating_add(1));
            }
            Some(found)
        }
    }
}

#[cfg(feature = "ssr")]
#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn zone(name: &str) -> ReaderZone {
        ReaderZone::named(name, time("2026-11-21T10:00:00Z").0).unwrap()
    }

    /// "Today" was the day in UTC: refused as past in the west, and over hours before midnight in the east.
    #[test]
    fn a_day_is_that_of_the_readers_clock() {
        for (name, day, start, end) in [
            ("UTC", "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            ("Pacific/Pago_Pago", "2026-11-21", "2026-11-21T11:00:00Z", "2026-11-22T11:00:00Z"),
            ("Pacific/Kiritimati", "2026-11-21", "2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"),
            ("Asia/Kathmandu", "2026-11-21", "2026-11-20T18:15:00Z", "2026-11-21T18:15:00Z"),
            // Summer time begins: a day of 23 hours. It ends: one of 25.
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            // Midnight does not exist on the day that summer time begins there.
            ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
            // Midnight comes twice on the day after it ends: the day ends at the first.
            ("America/Havana", "2026-10-31", "2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z"),
        ] {
            let zone = zone(name);
            assert_eq!(zone.day_start(day), Some(time(start)), "{name} {day}");
            assert_eq!(zone.day_end(day), Some(time(end)), "{name} {day}");
        }
        for text in ["", "2026", "2026-13-01", "2026-11-31", "21.11.2026", "2026-11-21-3"] {
            assert_eq!(zone("UTC").day_start(text), None, "{text:?}");
        }
    }

    #[test]
    fn times_are_shown_on_the_readers_clock_and_read_back() {
        for (name, moment, local, offset) in [
            ("Pacific/Auckland", "2026-11-21T12:00:00Z", "2026-11-22T01:00:00Z", "UTC+13"),
            ("America/St_Johns", "2026-11-21T12:00:00Z", "2026-11-21T08:30:00Z", "UTC\u{2212}3:30"),
            ("Europe/London", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z", "UTC"),
            ("Europe/London", "2026-07-21T12:00:00Z", "2026-07-21T13:00:00Z", "UTC+1"),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z", "UTC+1"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", "UTC+2"),
            // 02:30 comes twice in that night; the first is meant.
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "UTC+2"),
        ] {
            let zone = zone(name);
            assert_eq!(zone.local(time(moment)), time(local), "{name}");
            assert_eq!(zone.offset_name(time(moment)), offset, "{name}");
            assert_eq!(zone.moment(time(local)), time(moment), "{name}");
        }
        // A time that the clock skips.
        let skipped = zone("Europe/Berlin").moment(time("2026-03-29T02:30:00Z"));
        assert_eq!(skipped, time("2026-03-29T01:30:00Z"));
    }

    /// A cookie is anybody's text.
    #[test]
    fn an_unknown_zone_is_none() {
        let long = "x".repeat(65);
        for name in ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\0", long.as_str()] {
            assert_eq!(ReaderZone::named(name, 0), None, "{name:?}");
        }
        assert!(zone("UTC").is_utc() && ReaderZone::default().is_utc() && !zone("Europe/London").is_utc());
        let changes = zone("Europe/Berlin");
        assert!(changes.changes().len() > 8 && changes.changes().is_sorted());
    }
}
