//! Parsing of a request into a change of guard rails.

use cnop_api::trading::GuardRailsUpdate;
use cnop_api::trading::parse::amount_read;
use cnop_api::{Code, FieldError, Figure, Problem};
use cnop_domain::calendar::MINUTE_US;
use cnop_domain::{Amount, Guard};

use crate::error::{Error, Result};

/// Longest pause after a loss, in minutes: 30 days.
const COOL_DOWN_MINUTES_MAX: u32 = 30 * 1_440;

/// Requested changes; the inner `None` lifts a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct GuardChange {
    pub(super) order_max: Option<Option<Amount>>,
    pub(super) daily_loss_max: Option<Option<Amount>>,
    /// Cool-down after a loss in µs.
    pub(super) pause_after_loss_us: Option<Option<i64>>,
    pub(super) kill_switch: Option<bool>,
}

impl GuardChange {
    /// The requested guard, based on the one requested before.
    pub(super) fn of(&self, before: Guard) -> Guard {
        Guard {
            order_max: self.order_max.unwrap_or(before.order_max),
            daily_loss_max: self.daily_loss_max.unwrap_or(before.daily_loss_max),
            pause_after_loss_us: self.pause_after_loss_us.unwrap_or(before.pause_after_loss_us),
            kill_switch: self.kill_switch.unwrap_or(before.kill_switch),
        }
    }
}

pub(super) fn read(update: &GuardRailsUpdate) -> Result<GuardChange> {
    if update.is_empty() {
        let detail = "Say what to change: largest_order, daily_loss, cool_down_minutes or kill_switch.";
        return Err(Problem::new(Code::RequestInvalid, detail).into());
    }
    let mut errors = Vec::new();
    let mut amount = |member: &str, given: &Option<Option<Figure>>| match given {
        Some(Some(figure)) => amount_read(member, figure).map_err(|error| errors.push(error)).ok().map(Some),
        Some(None) => Some(None),
        None => None,
    };
    let order_max = amount("largest_order", &update.largest_order);
    let daily_loss_max = amount("daily_loss", &update.daily_loss);
    let pause_after_loss_us = match update.cool_down_minutes {
        Some(Some(minutes)) if !(1..=COOL_DOWN_MINUTES_MAX).contains(&minutes) => {
            let detail =
                format!("The cool_down_minutes must be 1 to {COOL_DOWN_MINUTES_MAX}; null lifts the guard.");
            let nearest = minutes.clamp(1, COOL_DOWN_MINUTES_MAX).to_string();
            let error = FieldError::new("cool_down_minutes", "range", detail);
            errors.push(error.given(minutes.to_string()).nearest(vec![nearest]));
            None
        }
        given => given.map(|minutes| minutes.map(|minutes| i64::from(minutes) * MINUTE_US)),
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(GuardChange { order_max, daily_loss_max, pause_after_loss_us, kill_switch: update.kill_switch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_guards_stay_and_null_removes_a_guard() {
        let before = Guard {
            order_max: Some("100".parse().unwrap()),
            daily_loss_max: Some("50".parse().unwrap()),
            pause_after_loss_us: Some(MINUTE_US),
            kill_switch: true,
        };
        let change = read(&GuardRailsUpdate {
            largest_order: Some(None),
            cool_down_minutes: Some(Some(90)),
            ..GuardRailsUpdate::default()
        });
        let after = change.unwrap().of(before);
        assert_eq!(after, Guard { order_max: None, pause_after_loss_us: Some(90 * MINUTE_US), ..before });
    }

    #[test]
    fn every_bad_field_is_named() {
        let bad = GuardRailsUpdate {
            largest_order: Some(Some("0".into())),
            daily_loss: Some(Some("a lot".into())),
            cool_down_minutes: Some(Some(0)),
            kill_switch: None,
        };
        let Err(Error::Invalid(errors)) = read(&bad) else { panic!("not refused") };
        let named: Vec<_> = errors.iter().filter_map(FieldError::member).collect();
        assert_eq!(named, ["largest_order", "daily_loss", "cool_down_minutes"]);
        assert!(matches!(read(&GuardRailsUpdate::default()), Err(Error::Refused(_))));
    }
}
