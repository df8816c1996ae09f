//! The list of recurring orders.

use cnop_api::Problem;
use cnop_api::trading::{RecurringReason, RecurringRun, RecurringStatus as Status, RecurringView};
use cnop_domain::CadenceKind;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{RecurringEnd, RecurringStatus};
use crate::components::ui::{
    ButtonSize, Buttons, Entries, Entry, EntryActions, EntryFigures, EntryText, LinkButton, Look, Panel,
    PanelKind, RowTitle, Small, SpokenOnly,
};
use crate::components::{Empty, Outcome};
use crate::error::AppError;
use crate::forms::{ButtonForm, FormState, key_new};
use crate::pages::PageRequest;
use crate::{format, labels};

/// Outcome of the last form, and every recurring order.
pub(super) async fn list(request: PageRequest) -> Result<impl IntoView, AppError> {
    let plans = request.services.recurring.list(&request.caller).await.map_err(Problem::from)?;
    let body = if plans.is_empty() {
        let text = "Set one up below.";
        view! { <Empty title="No recurring buys yet" text /> }.into_any()
    } else {
        let rows = plans.iter().map(|plan| row(&request, plan)).collect_view();
        view! { <Entries>{rows}</Entries> }.into_any()
    };
    Ok(view! {
        {result(&request)}
        {end_confirmation(&request, &plans)}
        <Panel kind=PanelKind::Flush labelled_by="recurring-list">
            <h2 id="recurring-list">"Your recurring buys"</h2>
            {body}
        </Panel>
    })
}

/// Number of paused recurring orders.
///
/// # Errors
/// The recurring orders cannot be read.
pub(in crate::pages) async fn paused_count(request: &PageRequest) -> Result<usize, Problem> {
    let plans = request.services.recurring.list(&request.caller).await.map_err(Problem::from)?;
    Ok(plans.iter().filter(|plan| plan.status == Status::Paused).count())
}

fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "created" => "Recurring buy created. The list shows the first buy.",
        "changed" => "Recurring buy updated.",
        "paused" => "Recurring buy paused. No buys until you resume.",
        "resumed" => "Recurring buy resumed. The list shows the next buy.",
        "ended" => "Recurring buy deleted. Past orders are kept.",
        _ => return FormState::new(request, "recurring-act").summary().into_any(),
    };
    view! { <Outcome>{sentence}</Outcome> }.into_any()
}

/// Confirmation before a recurring order ends; nothing unless the address asks for it.
fn end_confirmation(request: &PageRequest, plans: &[RecurringView]) -> impl IntoView + use<> {
    let id = request.query("end");
    let plan = plans.iter().find(|plan| plan.recurring_id.to_string() == id)?;
    let fields = vec![("recurring_id", id.to_owned()), ("key", format!("end-{id}"))];
    Some(view! {
        <Panel kind=PanelKind::Form labelled_by="recurring-end-title" id="recurring-second">
            <h2 id="recurring-end-title">{format!("Delete the recurring buy of {} of {}?", format::usd(plan.amount), plan.asset_id)}</h2>
            <p>{format!("{}. No further buys; you keep the assets you have. To stop for a while, pause instead.", schedule_words(plan))}</p>
            <Buttons>
                <ButtonForm action=RecurringEnd::PATH fields id="recurring-end" look=Look::Sell>"Delete recurring buy"</ButtonForm>
                <LinkButton href="/recurring">"Back"</LinkButton>
            </Buttons>
        </Panel>
    })
}

fn row(request: &PageRequest, plan: &RecurringView) -> impl IntoView + use<> {
    let id = plan.recurring_id.to_string();
    let is_active = plan.status == Status::Active;
    let (status, label) = if is_active { (Status::Paused, "Pause") } else { (Status::Active, "Resume") };
    let asset = plan.asset_id;
    let hint = move || format!(" recurring buy of {asset}");
    let fields = vec![
        ("recurring_id", id.clone()),
        ("status", status.to_string()),
        ("key", key_new(request.services.entropy())),
    ];
    let why = (!is_active).then(|| view! { <p class="text-warning text-13">{paused_words(plan)}</p> });
    let next = plan.next_run_at.map_or_else(|| "None while paused".to_owned(), format::moment_short);
    view! {
        <Entry>
            <EntryText>
                <RowTitle>
                    {format!("{} of ", format::usd(plan.amount))}
                    <a href=format!("/market/{}", plan.asset_id)>{plan.asset_id.to_string()}</a>
                </RowTitle>
                <Small>{schedule_words(plan)}</Small>
                {why}
            </EntryText>
            <EntryFigures>
                <div><dt>"Next buy"</dt><dd>{next}</dd></div>
                <div><dt>"Last buy"</dt><dd>{last_run(plan.last_run.as_ref())}</dd></div>
                <div><dt>"Completed buys"</dt><dd>{plan.run_count}</dd></div>
            </EntryFigures>
            <EntryActions>
                <LinkButton size=ButtonSize::Small href=format!("/recurring?change={id}#recurring-form") id=format!("change-{id}")>
                    "Edit" <SpokenOnly>{hint()}</SpokenOnly>
                </LinkButton>
                <ButtonForm action=RecurringStatus::PATH fields id=format!("switch-{id}") size=ButtonSize::Small>
                    {label} " " <SpokenOnly>{hint()}</SpokenOnly>
                </ButtonForm>
                <LinkButton size=ButtonSize::Small href=format!("/recurring?end={id}#recurring-second") id=format!("end-{id}")>
                    "Delete…" <SpokenOnly>{hint()}</SpokenOnly>
                </LinkButton>
            </EntryActions>
        </Entry>
    }
}

/// Schedule in words: `Every Monday at 09:00 UTC`.
pub(super) fn schedule_words(plan: &RecurringView) -> String {
    let time = format::utc_time(&plan.time);
    match (plan.interval, plan.weekday, plan.day) {
        (CadenceKind::Weekly, Some(weekday), _) => {
            format!("Every {} at {time}", labels::weekday(weekday))
        }
        (CadenceKind::Monthly, _, Some(day)) if day > 28 => {
            format!("On the {day}th of each month, or its last day, at {time}").replace("31th", "31st")
        }
        (CadenceKind::Monthly, _, Some(day)) => format!("On day {day} of each month at {time}"),
        _ => format!("Every day at {time}"),
    }
}

fn paused_words(plan: &RecurringView) -> String {
    match plan.status_reason {
        None | Some(RecurringReason::User) => "Paused by you".to_owned(),
        Some(reason) => {
            format!("Paused after 3 skips in a row: {}", reason_words(reason))
        }
    }
}

/// Reason of a skipped run, in words.
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

fn last_run(run: Option<&RecurringRun>) -> impl IntoView + use<> {
    let Some(run) = run else { return "None yet".into_any() };
    let when = format::moment_short(run.run_at);
    match (&run.order_id, run.reason) {
        (Some(order_id), _) => {
            view! { {when} ": " <a href=format!("/orders/{order_id}")>"bought"</a> }.into_any()
        }
        (None, reason) => {
            let why = reason.map_or_else(|| "no reason given".to_owned(), reason_words);
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
