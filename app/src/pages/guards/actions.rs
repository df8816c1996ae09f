//! Guard rails that traders set for themselves.

use leptos::prelude::*;

use crate::error::AppError;
use crate::forms::{Form, respond};

/// Sets all limits; an empty one is lifted. What is tighter holds at once, what is looser 24 hours later.
///
/// # Errors
/// Figures that break a rule.
#[server(prefix = "/fn", endpoint = "guards/set")]
pub(crate) async fn guards_set(
    #[server(default)] largest_order: String,
    #[server(default)] daily_loss: String,
    #[server(default)] cool_down_minutes: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let kept = vec![
        ("largest_order", largest_order.clone()),
        ("daily_loss", daily_loss.clone()),
        ("cool_down_minutes", cool_down_minutes.clone()),
    ];
    let form = Form { name: "guards", page: "/guards?form=guards".to_owned(), key: key.clone(), kept };
    let outcome = server::set(&largest_order, &daily_loss, &cool_down_minutes, &key).await;
    respond(outcome, form, |_| "/guards?result=set".to_owned())
}

/// Turns the kill switch on (`on`), which cancels all open purchases, or off, which works 24 hours later.
///
/// # Errors
/// Open orders remain: sending the form again continues canceling.
#[server(prefix = "/fn", endpoint = "guards/kill")]
pub(crate) async fn guards_kill(
    #[server(default)] switch: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let form =
        Form { name: "kill", page: "/guards?form=kill".to_owned(), key: key.clone(), kept: Vec::new() };
    let is_on = switch == "on";
    let outcome = server::kill(is_on, &key).await;
    let result = if is_on { "killed" } else { "released" };
    respond(outcome, form, |_| format!("/guards?result={result}"))
}

mod server {
    use cnop_api::trading::{GuardRails, GuardRailsUpdate};
    use cnop_api::{FieldError, Figure, Problem, TypedUnit};

    use crate::context;
    use crate::forms::idempotency_key;

    pub(super) async fn set(
        largest_order: &str,
        daily_loss: &str,
        cool_down_minutes: &str,
        key: &str,
    ) -> Result<GuardRails, Problem> {
        update(limits(largest_order, daily_loss, cool_down_minutes)?, key).await
    }

    fn limits(
        largest_order: &str,
        daily_loss: &str,
        cool_down_minutes: &str,
    ) -> Result<GuardRailsUpdate, Problem> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let minutes = match given(cool_down_minutes) {
            Some(text) => Some(text.parse::<u32>().map_err(|_| {
                let detail = "Enter a whole number of minutes, 1–43,200.";
                Problem::invalid(vec![
                    FieldError::new("cool_down_minutes", "whole", detail).given(text.as_str()),
                ])
            })?),
            None => None,
        };
        let dollars = |name: &str, text: &str| {
            let typed = given(text).map(|text| Figure::typed(name, &text, TypedUnit::Dollars)).transpose();
            typed.map_err(|error| Problem::invalid(vec![error]))
        };
        Ok(GuardRailsUpdate {
            largest_order: Some(dollars("largest_order", largest_order)?),
            daily_loss: Some(dollars("daily_loss", daily_loss)?),
            cool_down_minutes: Some(minutes),
            kill_switch: None,
        })
    }

    pub(super) async fn kill(is_on: bool, key: &str) -> Result<GuardRails, Problem> {
        update(GuardRailsUpdate { kill_switch: Some(is_on), ..GuardRailsUpdate::default() }, key).await
    }

    async fn update(update: GuardRailsUpdate, key: &str) -> Result<GuardRails, Problem> {
        let (caller, key) = (context::signed_in()?, idempotency_key(key)?);
        context::services()?.guards.update(&caller, update, key).await.map_err(Problem::from)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_empty_limit_is_lifted() {
            let update = limits(" 500 ", "", "90").unwrap();
            assert_eq!(update.largest_order, Some(Some(Figure("500".to_owned()))));
            assert_eq!(update.daily_loss, Some(None));
            assert_eq!(update.cool_down_minutes, Some(Some(90)));
            assert_eq!(update.kill_switch, None);
        }

        #[test]
        fn minutes_are_whole() {
            let problem = limits("", "", "1.5").unwrap_err();
            assert_eq!(problem.errors[0].member(), Some("cool_down_minutes"));
        }
    }
}
