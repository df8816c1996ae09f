//! Parsing of a recurring order's request into an amount and a schedule.

use cnop_api::FieldError;
use cnop_api::trading::parse::{amount_read, asset_read};
use cnop_api::trading::{RecurringRequest, RecurringUpdate};
use cnop_domain::{Amount, AssetId, Cadence, CadenceKind, Schedule, ScheduleFault, Weekday};
use cnop_market::Catalogue;

/// Minutes of an hour.
const HOUR: u16 = 60;

/// A recurring order on its way.
#[derive(Debug)]
pub(super) struct CreatePlan {
    pub(super) asset_id: AssetId,
    pub(super) amount: Amount,
    pub(super) schedule: Schedule,
}

/// The members of a request that say when.
#[derive(Debug, Default)]
struct When<'a> {
    interval: Option<&'a str>,
    time: Option<&'a str>,
    weekday: Option<&'a str>,
    day: Option<u32>,
}

/// Reads the request of a new recurring order.
pub(super) fn read(request: &RecurringRequest, catalogue: &Catalogue) -> Result<CreatePlan, Vec<FieldError>> {
    let mut errors = Vec::new();
    let asset = asset_read(&request.asset_id, catalogue).map_err(|error| errors.push(error)).ok();
    let amount = amount_read("amount", &request.amount).map_err(|error| errors.push(error)).ok();
    let when = When {
        interval: Some(&request.interval),
        time: request.time.as_deref(),
        weekday: request.weekday.as_deref(),
        day: request.day,
    };
    let schedule = schedule_read(&when, None).map_err(|faults| errors.extend(faults)).ok();
    match (asset, amount, schedule) {
        (Some(asset), Some(amount), Some(schedule)) if errors.is_empty() => {
            Ok(CreatePlan { asset_id: asset.asset_id, amount, schedule })
        }
        _ => Err(errors),
    }
}

/// The schedule of a plan after a change; an omitted member stays.
pub(super) fn schedule_after(
    update: &RecurringUpdate,
    before: &Schedule,
) -> Result<Schedule, Vec<FieldError>> {
    let when = When {
        interval: update.interval.as_deref(),
        time: update.time.as_deref(),
        weekday: update.weekday.as_deref(),
        day: update.day,
    };
    schedule_read(&when, Some(before))
}

/// `HH:MM` of a schedule.
pub(super) fn time_text(schedule: &Schedule) -> String {
    format!("{:02}:{:02}", schedule.minute / HOUR, schedule.minute % HOUR)
}

/// Interval, day of the week and day of the month of a schedule.
pub(super) fn cadence_parts(cadence: Cadence) -> (CadenceKind, Option<Weekday>, Option<u32>) {
    let (weekday, day) = match cadence {
        Cadence::Daily => (None, None),
        Cadence::Weekly { weekday } => (Weekday::from_number(weekday), None),
        Cadence::Monthly { day } => (None, Some(u32::from(day))),
    };
    (cadence.kind(), weekday, day)
}

fn schedule_read(when: &When<'_>, before: Option<&Schedule>) -> Result<Schedule, Vec<FieldError>> {
    let mut errors = Vec::new();
    let minute = match when.time {
        Some(text) => minute_read(text).map_err(|error| errors.push(error)).ok(),
        None => Some(before.map_or(0, |before| before.minute)),
    };
    let cadence = cadence_read(when, before).map_err(|error| errors.push(error)).ok();
    match (minute, cadence) {
        (Some(minute), Some(cadence)) => {
            let schedule = Schedule { cadence, minute };
            schedule.check().map(|()| schedule).map_err(|fault| vec![fault_of(fault, when)])
        }
        _ => Err(errors),
    }
}

fn fault_of(fault: ScheduleFault, when: &When<'_>) -> FieldError {
    match fault {
        ScheduleFault::Minute => time_fault(when.time.unwrap_or_default()),
        ScheduleFault::Weekday => weekday_fault(when.weekday.unwrap_or_default()),
        ScheduleFault::Day => {
            let detail = "The day must be 1 to 31; in shorter months the last day counts.";
            FieldError::new("day", "range", detail).given(when.day.unwrap_or_default().to_string())
        }
    }
}

fn cadence_read(when: &When<'_>, before: Option<&Schedule>) -> Result<Cadence, FieldError> {
    let known = before.map(|before| cadence_parts(before.cadence));
    let unknown = |text: &str| {
        let detail = "The interval must be daily, weekly or monthly.";
        FieldError::new("interval", "one_of", detail).given(text)
    };
    let given = when.interval.map(|text| CadenceKind::from_text(text).ok_or_else(|| unknown(text)));
    let interval = given.transpose()?.or(known.map(|(interval, ..)| interval)).ok_or_else(|| unknown(""))?;
    // When the interval changes, the previous day is dropped.
    let (weekday, day) = known
        .filter(|(known, ..)| *known == interval)
        .map_or((None, None), |(_, weekday, day)| (weekday, day));
    let superfluous = |member: &str| {
        let detail = format!("A {interval} order has no {member}. Leave it out.");
        FieldError::new(member, "contradiction", detail)
    };
    let missing =
        |member: &str| FieldError::new(member, "required", format!("A {interval} order needs a {member}."));
    match interval {
        CadenceKind::Daily if when.weekday.is_none() && when.day.is_none() => Ok(Cadence::Daily),
        CadenceKind::Weekly if when.day.is_none() => {
            let given = when.weekday.map(|text| Weekday::from_text(text).ok_or_else(|| weekday_fault(text)));
            let weekday = given.transpose()?.or(weekday).ok_or_else(|| missing("weekday"))?;
            Ok(Cadence::Weekly { weekday: weekday.number() })
        }
        CadenceKind::Monthly if when.weekday.is_none() => {
            let day = when.day.or(day).ok_or_else(|| missing("day"))?;
            // A day that is too large is invalid.
            Ok(Cadence::Monthly { day: u8::try_from(day).unwrap_or(0) })
        }
        CadenceKind::Daily | CadenceKind::Monthly if when.weekday.is_some() => Err(superfluous("weekday")),
        CadenceKind::Daily | CadenceKind::Weekly | CadenceKind::Monthly => Err(superfluous("day")),
    }
}

fn weekday_fault(given: &str) -> FieldError {
    FieldError::new("weekday", "one_of", "The weekday must be monday, tuesday, … or sunday.").given(given)
}

/// Minutes after midnight of `HH:MM`.
fn minute_read(text: &str) -> Result<u16, FieldError> {
    let number = |part: &str| -> Option<u16> {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    text.split_once(':')
        .and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)))
        .filter(|(hours, minutes)| *hours < 24 && *minutes < HOUR)
        .map(|(hours, minutes)| hours * HOUR + minutes)
        .ok_or_else(|| time_fault(text))
}

fn time_fault(given: &str) -> FieldError {
    FieldError::new("time", "time", "The time must be HH:MM in UTC, 00:00 to 23:59.").given(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> RecurringRequest {
        RecurringRequest {
            asset_id: "btc".to_owned(),
            amount: "25".into(),
            interval: "daily".to_owned(),
            time: None,
            weekday: None,
            day: None,
        }
    }

    fn faults(request: &RecurringRequest) -> Vec<(String, String)> {
        let errors = read(request, &Catalogue::bundled()).unwrap_err();
        errors.into_iter().map(|error| (error.member().unwrap().to_owned(), error.rule)).collect()
    }

    #[test]
    fn schedules_are_read_and_shown_alike() {
        for (interval, weekday, day, time) in [
            ("daily", None, None, "00:00"),
            ("weekly", Some("sunday"), None, "23:59"),
            ("monthly", None, Some(31), "09:05"),
        ] {
            let asked = RecurringRequest {
                interval: interval.to_owned(),
                weekday: weekday.map(str::to_owned),
                day,
                time: Some(time.to_owned()),
                ..request()
            };
            let schedule = read(&asked, &Catalogue::bundled()).unwrap().schedule;
            let (kind, read_weekday, read_day) = cadence_parts(schedule.cadence);
            assert_eq!(
                (kind.as_str(), read_weekday.map(Weekday::as_str), read_day),
                (interval, weekday, day)
            );
            assert_eq!(time_text(&schedule), time);
        }
        assert_eq!(read(&request(), &Catalogue::bundled()).unwrap().schedule.minute, 0);
    }

    #[test]
    fn every_bad_field_is_named() {
        let weekly = RecurringRequest { interval: "weekly".to_owned(), ..request() };
        let monthly = RecurringRequest { interval: "monthly".to_owned(), ..request() };
        let text = |text: &str| Some(text.to_owned());
        for (bad, member, rule) in [
            (RecurringRequest { asset_id: "NOSUCH".to_owned(), ..request() }, "asset_id", "known_asset"),
            (RecurringRequest { amount: "0".into(), ..request() }, "amount", "positive"),
            (RecurringRequest { interval: "yearly".to_owned(), ..request() }, "interval", "one_of"),
            (RecurringRequest { weekday: text("monday"), ..request() }, "weekday", "contradiction"),
            (RecurringRequest { day: Some(1), ..request() }, "day", "contradiction"),
            (weekly.clone(), "weekday", "required"),
            (RecurringRequest { weekday: text("Funday"), ..weekly.clone() }, "weekday", "one_of"),
            (RecurringRequest { day: Some(1), ..weekly }, "day", "contradiction"),
            (monthly.clone(), "day", "required"),
            (RecurringRequest { day: Some(0), ..monthly.clone() }, "day", "range"),
            (RecurringRequest { day: Some(32), ..monthly.clone() }, "day", "range"),
            (RecurringRequest { day: Some(300), ..monthly }, "day", "range"),
            (RecurringRequest { time: text("24:00"), ..request() }, "time", "time"),
            (RecurringRequest { time: text("9:30"), ..request() }, "time", "time"),
            (RecurringRequest { time: text("09:60"), ..request() }, "time", "time"),
            (RecurringRequest { time: text("+9:+1"), ..request() }, "time", "time"),
        ] {
            assert_eq!(faults(&bad), [(member.to_owned(), rule.to_owned())], "{bad:?}");
        }
        let all = RecurringRequest {
            asset_id: "B-T".to_owned(),
            amount: "much".into(),
            interval: String::new(),
            time: text("noon"),
            ..request()
        };
        let named: Vec<_> = faults(&all).into_iter().map(|(member, _)| member).collect();
        assert_eq!(named, ["asset_id", "amount", "time", "interval"]);
    }

    #[test]
    fn omitted_members_of_a_change_keep_their_values() {
        let before = Schedule { cadence: Cadence::Weekly { weekday: 3 }, minute: 61 };
        let after = |update: RecurringUpdate| schedule_after(&update, &before);
        assert_eq!(after(RecurringUpdate::default()), Ok(before));
        let later = RecurringUpdate { time: Some("12:00".to_owned()), ..RecurringUpdate::default() };
        assert_eq!(after(later), Ok(Schedule { minute: 720, ..before }));
        let daily = RecurringUpdate { interval: Some("daily".to_owned()), ..RecurringUpdate::default() };
        assert_eq!(after(daily), Ok(Schedule { cadence: Cadence::Daily, minute: 61 }));
        let monthly = RecurringUpdate { interval: Some("monthly".to_owned()), ..RecurringUpdate::default() };
        assert_eq!(after(monthly.clone()).unwrap_err()[0].member(), Some("day"));
        let whole = RecurringUpdate { day: Some(5), ..monthly };
        assert_eq!(after(whole), Ok(Schedule { cadence: Cadence::Monthly { day: 5 }, minute: 61 }));
        let only_day = RecurringUpdate { day: Some(5), ..RecurringUpdate::default() };
        assert_eq!(after(only_day).unwrap_err()[0].rule, "contradiction");
    }
}
