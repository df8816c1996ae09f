//! Times and days in words.

use cnop_api::Timestamp;

#[cfg(feature = "ssr")]
use crate::context::{app_context, reader_zone};
use crate::zone::ReaderZone;

/// Separator of the parts of a time, where a line never breaks.
const NO_BREAK_SPACE: char = '\u{a0}';

/// A moment to the second on the reader's clock: `2026-11-21 10:00:05 UTC+1`.
#[cfg(feature = "ssr")]
pub(crate) fn moment(time: Timestamp) -> String {
    moment_in(&reader_zone(), time)
}

/// A moment to the minute on the reader's clock, as lists show it: `10:00, 21 Nov`. The full one is [`moment`].
#[cfg(feature = "ssr")]
pub(crate) fn moment_short(time: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let local = reader_zone().local(time);
    let (_, month, day) = local.date();
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied();
    format!("{},{NO_BREAK_SPACE}{day}{NO_BREAK_SPACE}{}", clock(local), name.unwrap_or_default())
}

/// A moment to the second in a time zone.
pub(crate) fn moment_in(zone: &ReaderZone, time: Timestamp) -> String {
    let local = zone.local(time);
    let (year, month, day) = local.date();
    let (hour, minute, second) = local.clock();
    let name = zone.offset_name(time);
    format!(
        "{year:04}-{month:02}-{day:02}{NO_BREAK_SPACE}{hour:02}:{minute:02}:{second:02}{NO_BREAK_SPACE}{name}"
    )
}

/// The end of the venue's day, at which limits begin anew: `00:00 UTC (01:00 your time)`.
#[cfg(feature = "ssr")]
pub(crate) fn venue_midnight() -> String {
    utc_time("00:00")
}

/// A time of every day in UTC, with today's time on the reader's clock: `09:00 UTC (21:00 your time)`.
#[cfg(feature = "ssr")]
pub(crate) fn utc_time(time: &str) -> String {
    match local_clock(time) {
        Some(local) => format!("{time} UTC ({local} your time)"),
        None => format!("{time} UTC"),
    }
}

/// The time on the reader's clock at a time of the present UTC day; none when both are the same.
#[cfg(feature = "ssr")]
fn local_clock(utc: &str) -> Option<String> {
    let now = Timestamp(app_context()?.services.clock().now_us());
    let time = Timestamp::parse(&format!("{}T{utc}:00Z", day(now)))?;
    let local = clock(reader_zone().local(time));
    (local != utc).then_some(local)
}

/// A moment to the second in a history, with the same in UTC as its title.
#[cfg(feature = "ssr")]
pub(crate) fn time_element(time: Timestamp) -> impl leptos::prelude::IntoView {
    element(time, moment(time))
}

/// A moment to the minute in a dense list, with the full one in UTC as its title.
#[cfg(feature = "ssr")]
pub(crate) fn short_time_element(time: Timestamp) -> impl leptos::prelude::IntoView {
    element(time, moment_short(time))
}

#[cfg(feature = "ssr")]
fn element(time: Timestamp, text: String) -> impl leptos::prelude::IntoView {
    use leptos::prelude::*;

    let utc = moment_in(&ReaderZone::default(), time);
    view! { <time class="whitespace-nowrap" datetime=time.to_string() title=utc>{text}</time> }
}

/// A date such as `2026-11-21`.
#[cfg(feature = "ssr")]
pub(crate) fn day(time: Timestamp) -> String {
    let (year, month, day) = time.date();
    format!("{year:04}-{month:02}-{day:02}")
}

/// Hours and minutes: `10:00`.
#[cfg(feature = "ssr")]
pub(crate) fn clock(time: Timestamp) -> String {
    let (hour, minute, _) = time.clock();
    format!("{hour:02}:{minute:02}")
}
