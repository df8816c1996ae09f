//! Actions of the page of recurring orders.
#![allow(clippy::too_many_arguments, reason = "one argument is one field of the form")]

use cnop_api::trading::RecurringStatus as Status;
use leptos::prelude::*;

use crate::address::encoded;
use crate::error::AppError;
use crate::forms::{Form, respond};

/// Makes a recurring order.
///
/// # Errors
/// Fields that break a rule; an amount that no order of the asset could have; too many of them.
#[server(prefix = "/fn", endpoint = "recurring/create")]
pub(crate) async fn recurring_create(
    #[server(default)] asset_id: String,
    #[server(default)] amount: String,
    #[server(default)] interval: String,
    #[server(default)] time: String,
    #[server(default)] weekday: String,
    #[server(default)] day: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let plan = server::Plan { asset_id, amount, interval, time, weekday, day };
    let form = Form {
        name: "recurring",
        page: "/recurring?form=recurring".to_owned(),
        key: key.clone(),
        kept: plan.kept(),
    };
    let outcome = server::create(&plan, &key).await;
    respond(outcome, form, |_| "/recurring?result=created".to_owned())
}

/// Changes amount and schedule of a recurring order.
///
/// # Errors
/// One that is missing; as a new one.
#[server(prefix = "/fn", endpoint = "recurring/change")]
pub(crate) async fn recurring_change(
    #[server(default)] recurring_id: String,
    #[server(default)] amount: String,
    #[server(default)] interval: String,
    #[server(default)] time: String,
    #[server(default)] weekday: String,
    #[server(default)] day: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let plan = server::Plan { asset_id: String::new(), amount, interval, time, weekday, day };
    let page = format!("/recurring?change={}&form=recurring-change", encoded(&recurring_id));
    let form = Form { name: "recurring-change", page, key: key.clone(), kept: plan.kept() };
    let outcome = server::change(&recurring_id, &plan, &key).await;
    respond(outcome, form, |_| "/recurring?result=changed".to_owned())
}

/// Pauses a recurring order (`paused`) or lets it go on (`active`).
///
/// # Errors
/// One that is missing; a word that is neither.
#[server(prefix = "/fn", endpoint = "recurring/status")]
pub(crate) async fn recurring_status(
    #[server(default)] recurring_id: String,
    #[server(default)] status: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let page = "/recurring?form=recurring-act".to_owned();
    let form = Form { name: "recurring-act", page, key: key.clone(), kept: Vec::new() };
    let result = if status == Status::Paused.as_str() { "paused" } else { "resumed" };
    let outcome = server::status(&recurring_id, status, &key).await;
    respond(outcome, form, |_| format!("/recurring?result={result}"))
}

/// Ends a recurring order; the orders that it placed stay.
///
/// # Errors
/// One that is missing.
#[server(prefix = "/fn", endpoint = "recurring/end")]
pub(crate) async fn recurring_end(
    #[server(default)] recurring_id: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let page = "/recurring?form=recurring-act".to_owned();
    let form = Form { name: "recurring-act", page, key: key.clone(), kept: Vec::new() };
    let outcome = server::end(&recurring_id, &key).await;
    respond(outcome, form, |()| "/recurring?result=ended".to_owned())
}

pub(super) use server::Plan;

mod server {
    use cnop_api::trading::{RecurringRequest, RecurringUpdate, RecurringView};
    use cnop_api::{FieldError, Figure, Problem, TypedUnit};
    use cnop_domain::{CadenceKind, PlanId};

    use crate::context;
    use crate::forms::idempotency_key;

    /// The fields of the form, as they were sent.
    #[derive(Debug, Clone)]
    pub(crate) struct Plan {
        /// Id of the asset to buy.
        pub(crate) asset_id: String,
        /// Dollars of each run.
        pub(crate) amount: String,
        /// `daily`, `weekly` or `monthly`.
        pub(crate) interval: String,
        /// Time of day, `HH:MM`.
        pub(crate) time: String,
        /// Of a weekly plan.
        pub(crate) weekday: String,
        /// Of a monthly plan.
        pub(crate) day: String,
    }

    impl Plan {
        pub(super) fn kept(&self) -> Vec<(&'static str, String)> {
            vec![
                ("asset_id", self.asset_id.clone()),
                ("amount", self.amount.clone()),
                ("interval", self.interval.clone()),
                ("time", self.time.clone()),
                ("weekday", self.weekday.clone()),
                ("day", self.day.clone()),
            ]
        }

        /// The day of the week and of the month; the form shows both, the interval says which one counts.
        fn days(&self) -> Result<(Option<String>, Option<u32>), FieldError> {
            let kind = CadenceKind::from_text(&self.interval);
            let weekday = (kind == Some(CadenceKind::Weekly)).then(|| self.weekday.clone());
            if kind != Some(CadenceKind::Monthly) {
                return Ok((weekday, None));
            }
            let text = self.day.trim();
            let fault = |_| FieldError::new("day", "range", "Enter a day of the month, 1 to 31.").given(text);
            Ok((None, Some(text.parse().map_err(fault)?)))
        }

        fn time(&self) -> Option<String> {
            let time = self.time.trim();
            (!time.is_empty()).then(|| time.to_owned())
        }

        fn amount(&self) -> Result<Figure, FieldError> {
            Figure::typed("amount", &self.amount, TypedUnit::Dollars)
        }

        /// The API's request.
        ///
        /// # Errors
        /// A field that cannot be read at all.
        pub(crate) fn request(&self) -> Result<RecurringRequest, Problem> {
            let mut errors = Vec::new();
            if self.asset_id.trim().is_empty() {
                errors.push(FieldError::new("asset_id", "required", "Enter an asset symbol, such as BTC."));
            }
            if self.amount.trim().is_empty() {
                errors.push(FieldError::new("amount", "required", "Enter an amount."));
            }
            let amount = self.amount().map_err(|error| errors.push(error));
            let days = self.days().map_err(|error| errors.push(error));
            match (days, amount) {
                (Ok((weekday, day)), Ok(amount)) if errors.is_empty() => Ok(RecurringRequest {
                    asset_id: self.asset_id.trim().to_owned(),
                    amount,
                    interval: self.interval.clone(),
                    time: self.time(),
                    weekday,
                    day,
                }),
                _ => Err(Problem::invalid(errors)),
            }
        }

        fn update(&self) -> Result<RecurringUpdate, Problem> {
            let (weekday, day) = self.days().map_err(|error| Problem::invalid(vec![error]))?;
            let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            let amount = given(&self.amount).map(|_| self.amount()).transpose();
            Ok(RecurringUpdate {
                status: None,
                amount: amount.map_err(|error| Problem::invalid(vec![error]))?,
                interval: given(&self.interval),
                time: self.time(),
                weekday,
                day,
            })
        }
    }

    pub(super) async fn create(plan: &Plan, key: &str) -> Result<RecurringView, Problem> {
        let caller = context::signed_in()?;
        let (request, key) = (plan.request()?, idempotency_key(key)?);
        context::services()?.recurring.create(&caller, request, key).await.map_err(Problem::from)
    }

    pub(super) async fn change(recurring_id: &str, plan: &Plan, key: &str) -> Result<RecurringView, Problem> {
        update(recurring_id, plan.update()?, key).await
    }

    pub(super) async fn status(
        recurring_id: &str,
        status: String,
        key: &str,
    ) -> Result<RecurringView, Problem> {
        let update = RecurringUpdate { status: Some(status), ..RecurringUpdate::default() };
        self::update(recurring_id, update, key).await
    }

    async fn update(
        recurring_id: &str,
        update: RecurringUpdate,
        key: &str,
    ) -> Result<RecurringView, Problem> {
        let (caller, key) = (context::signed_in()?, idempotency_key(key)?);
        context::services()?
            .recurring
            .update(&caller, id(recurring_id)?, update, key)
            .await
            .map_err(Problem::from)
    }

    fn id(text: &str) -> Result<PlanId, Problem> {
        text.parse().map_err(|_| Problem::from(cnop_services::recurring::not_found()))
    }

    pub(super) async fn end(recurring_id: &str, key: &str) -> Result<(), Problem> {
        let (caller, key) = (context::signed_in()?, idempotency_key(key)?);
        context::services()?.recurring.delete(&caller, id(recurring_id)?, key).await.map_err(Problem::from)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn plan(interval: &str) -> Plan {
            let text = str::to_owned;
            Plan {
                asset_id: text("btc"),
                amount: text(" 25 "),
                interval: text(interval),
                time: text(""),
                weekday: text("monday"),
                day: text("31"),
            }
        }

        #[test]
        fn the_interval_says_which_day_counts() {
            let request = |interval| plan(interval).request().unwrap();
            assert_eq!((request("daily").weekday, request("daily").day), (None, None));
            assert_eq!((request("weekly").weekday.as_deref(), request("weekly").day), (Some("monday"), None));
            assert_eq!((request("monthly").weekday, request("monthly").day), (None, Some(31)));
            assert_eq!(request("daily").time, None);
        }

        #[test]
        fn every_missing_field_is_named() {
            let empty = |text: &str| Plan {
                asset_id: text.to_owned(),
                amount: text.to_owned(),
                day: text.to_owned(),
                ..plan("monthly")
            };
            let problem = empty(" ").request().unwrap_err();
            let named: Vec<_> = problem.errors.iter().filter_map(FieldError::member).collect();
            assert_eq!(named, ["asset_id", "amount", "day"]);
        }
    }
}
