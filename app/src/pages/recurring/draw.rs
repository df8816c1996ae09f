//! The list of recurring orders.

use cnop_api::Problem;
use cnop_api::trading::{RecurringReason, RecurringRun, RecurringStatus as Status, RecurringView};
use cnop_domain::CadenceKind;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::components::empty;
use crate::drawn::{Asked, DrawnForm, TOLD_ID, button_form, hidden, key_hidden};
use crate::erased::Erase;
use crate::functions::{RecurringEnd, RecurringStatus};
use crate::{format, labels};

/// What came of the form that was sent last, and every recurring order.
///
/// # Errors
/// When they cannot be read.
pub(crate) async fn list(asked: &Asked) -> Result<AnyView, Problem> {
    let plans = asked.services.recurring.list(&asked.caller).await.map_err(Problem::from)?;
    let body = if plans.is_empty() {
        let text = "A purchase that repeats daily, weekly or monthly will be listed here with its next run and what \
                    became of the last one. Describe it below.";
        empty("Nothing is bought regularly yet", text, None)
    } else {
        let rows = plans.iter().map(|plan| row(asked, plan)).collect_view();
        view! { <ul class="open-orders">{rows}</ul> }.erased()
    };
    Ok(view! {
        {told(asked)}
        {second_look(asked, &plans)}
        <section class="panel panel-flush" aria-labelledby="recurring-list">
            <h2 id="recurring-list">"Your recurring orders"</h2>
            {body}
        </section>
    }
    .into_any())
}

/// How many recurring orders are paused.
///
/// # Errors
/// When they cannot be read.
pub(crate) async fn paused_count(asked: &Asked) -> Result<usize, Problem> {
    let plans = asked.services.recurring.list(&asked.caller).await.map_err(Problem::from)?;
    Ok(plans.iter().filter(|plan| plan.status == Status::Paused).count())
}

fn told(asked: &Asked) -> AnyView {
    let sentence = match asked.get("told") {
        "created" => "The recurring order is made. Its next run is in the list.",
        "changed" => "The recurring order is changed.",
        "paused" => "The recurring order is paused. Nothing is bought until you let it go on.",
        "resumed" => "The recurring order goes on. Its next run is in the list.",
        "ended" => "The recurring order has ended. The orders that it placed stay as they are.",
        _ => return DrawnForm::new(asked, "recurring-act").summary(),
    };
    view! { <p class="notice good" id=TOLD_ID role="status" tabindex="-1">{sentence}</p> }.erased()
}

/// Before a recurring order ends.
fn second_look(asked: &Asked, plans: &[RecurringView]) -> AnyView {
    let id = asked.get("end");
    let Some(plan) = plans.iter().find(|plan| plan.recurring_id == id) else { return ().into_any() };
    let fields = vec![hidden("recurring_id", id), hidden("key", format!("end-{id}"))];
    let label = "End this recurring order".into_any();
    let button = button_form(RecurringEnd::PATH, fields, "recurring-end".to_owned(), "sell", label);
    view! {
        <section class="panel form" aria-labelledby="recurring-end-title" id="recurring-second">
            <h2 id="recurring-end-title">{format!("End the purchase of {} of {}?", format::usd(plan.amount), plan.asset_id)}</h2>
            <p>{format!("{}. It will not run again; what it has bought stays yours. To stop it for a while, pause it.", schedule_words(plan))}</p>
            <div class="buttons">{button} <a class="button" href="/recurring">"Keep it"</a></div>
        </section>
    }
    .erased()
}

fn row(asked: &Asked, plan: &RecurringView) -> AnyView {
    let id = &plan.recurring_id;
    let is_active = plan.status == Status::Active;
    let (status, label) = if is_active { (Status::Paused, "Pause") } else { (Status::Active, "Go on") };
    let hint = format!(" the purchase of {}", plan.asset_id);
    let words = view! { {label} <span class="hidden-word">{hint.clone()}</span> };
    let fields =
        vec![hidden("recurring_id", id.clone()), hidden("status", status.as_str()), key_hidden(asked)];
    let switch =
        button_form(RecurringStatus::PATH, fields, format!("switch-{id}"), "small-button", words.into_any());
    let why = (!is_active).then(|| view! { <p class="small warning">{paused_words(plan)}</p> });
    let next = plan.next_run_at.map_or_else(|| "None while it is paused".to_owned(), format::moment);
    view! {
        <li class="open-order">
            <div class="open-order-what">
                <p class="row-title">
                    {format!("{} of ", format::usd(plan.amount))}
                    <a href=format!("/market/{}", plan.asset_id)>{plan.asset_id.to_string()}</a>
                </p>
                <p class="small">{schedule_words(plan)}</p>
                {why}
            </div>
            <dl class="open-order-figures small">
                <div><dt>"Next run"</dt><dd>{next}</dd></div>
                <div><dt>"Last run"</dt><dd>{last_run(plan.last_run.as_ref())}</dd></div>
                <div><dt>"Runs that bought"</dt><dd>{plan.run_count}</dd></div>
            </dl>
            <div class="open-order-acts">
                <a class="button small-button" href=format!("/recurring?change={id}#recurring-form") id=format!("change-{id}")>
                    "Change" <span class="hidden-word">{hint.clone()}</span>
                </a>
                {switch}
                <a class="button small-button" href=format!("/recurring?end={id}#recurring-second") id=format!("end-{id}")>
                    "End…" <span class="hidden-word">{hint}</span>
                </a>
            </div>
        </li>
    }
    .erased()
}

/// When it runs: `Every Monday at 09:00 UTC`.
pub(super) fn schedule_words(plan: &RecurringView) -> String {
    let time = &plan.time;
    match (plan.interval, plan.weekday, plan.day) {
        (CadenceKind::Weekly, Some(weekday), _) => {
            format!("Every {} at {time} UTC", labels::weekday(weekday))
        }
        (CadenceKind::Monthly, _, Some(day)) if day > 28 => {
            format!("On the {day}th of each month, or its last day, at {time} UTC").replace("31th", "31st")
        }
        (CadenceKind::Monthly, _, Some(day)) => format!("On day {day} of each month at {time} UTC"),
        _ => format!("Every day at {time} UTC"),
    }
}

fn paused_words(plan: &RecurringView) -> String {
    match plan.status_reason {
        None | Some(RecurringReason::User) => "Paused by you".to_owned(),
        Some(reason) => {
            format!("Paused itself after three runs that could not buy: {}", reason_words(reason))
        }
    }
}

/// Why a run was skipped, in words.
fn reason_words(reason: RecurringReason) -> String {
    match reason {
        RecurringReason::User => "you paused it".to_owned(),
        RecurringReason::TooLate => "the venue was down for longer than 24 hours".to_owned(),
        RecurringReason::Problem(code) => {
            let mut words = code.title().to_owned();
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            words
        }
    }
}

fn last_run(run: Option<&RecurringRun>) -> AnyView {
    let Some(run) = run else { return "None yet".into_any() };
    let when = format::moment(run.run_at);
    match (&run.order_id, run.reason) {
        (Some(order_id), _) => {
            view! { {when} ": " <a href=format!("/orders/{order_id}")>"bought"</a> }.into_any()
        }
        (None, reason) => {
            let why = reason.map_or_else(|| "no reason told".to_owned(), reason_words);
            format!("{when}: skipped, {why}").into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_words() {
        let down = "the venue was down for longer than 24 hours";
        assert_eq!(reason_words(RecurringReason::TooLate), down);
        let refused = RecurringReason::Problem(cnop_api::Code::GuardKillSwitch);
        assert_eq!(reason_words(refused), "your kill switch is on");
    }
}
