//! Describing a recurring order: first its runs and its cost are looked at, then it is made.

use cnop_api::Problem;
use cnop_api::trading::{OrderPreview, PreviewProblem, RecurringPreview, RecurringView};
use cnop_domain::{CadenceKind, Weekday};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{Plan, RecurringChange, RecurringCreate};
use super::list::schedule_words;
use crate::components::ui::{
    Button, ButtonSize, Columns, Facts, FieldPair, Form, Hint, Look, Method, Note, Notice, Panel, PanelHead,
    PanelKind, Rules, Small, Tone,
};
use crate::error::AppError;
use crate::forms::{FORM_RESULT, FormState, Hidden, TextInput, worded};
use crate::pages::PageRequest;
use crate::{format, labels};

/// Intervals: on the wire and in words.
fn intervals() -> [(&'static str, &'static str); 3] {
    CadenceKind::ALL.map(|kind| (kind.as_str(), labels::cadence(kind)))
}

/// Days of the week.
fn weekdays() -> [(&'static str, &'static str); 7] {
    Weekday::ALL.map(|weekday| (weekday.as_str(), labels::weekday(weekday)))
}

/// The form that the address asks for: of a new recurring order, with its preview, or of one that exists.
pub(super) async fn form(request: PageRequest) -> Result<impl IntoView, AppError> {
    if let Ok(changed) = request.query("change").parse() {
        match request.services.recurring.get(&request.caller, changed).await.map_err(Problem::from) {
            Ok(plan) => return Ok(change(&request, &plan).into_any()),
            Err(problem) if problem.status() == 404 => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(create(&request).await.into_any())
}

async fn create(request: &PageRequest) -> impl IntoView + use<> {
    let form = FormState::new(request, "recurring");
    let plan = described(request);
    let is_preview = request.query("look") == "1" && form.problem().is_none();
    let (form, preview) = if is_preview {
        match look(request, &plan).await {
            Ok(preview) => (form, Some(preview)),
            Err(problem) => (form.refused(problem), None),
        }
    } else {
        (form, None)
    };
    let preview = preview.map(|preview| shown(&preview, &plan, &form.key));
    let or = |given: &str, other: &str| if given.is_empty() { other.to_owned() } else { given.to_owned() };
    let asset = form.text(&TextInput {
        name: "asset_id",
        label: "Asset",
        initial: &or(&plan.asset_id, request.query("asset")),
        hint: "Symbol, e.g. BTC",
        inputmode: "text",
        ..TextInput::FIGURE
    });
    let amount = amount(&form, &plan.amount);
    let schedule = schedule(&form, &plan);
    view! {
        {preview}
        <Panel id="recurring-form" labelled_by="recurring-form-title">
            <h2 id="recurring-form-title">"Recurring buy"</h2>
            <Form method=Method::Get action="/recurring">
                {form.summary()}
                <Hidden name="look" value="1" />
                <FieldPair>{asset} {amount}</FieldPair>
                {schedule}
                <Button look=Look::Primary size=ButtonSize::Wide>"Preview"</Button>
                <Hint>
                    "Each buy is a market order for this amount, plus the fee. Skipped if cash is short; pauses after 3 skips in a row.
                    A run missed during downtime executes once within 24 hours."
                </Hint>
            </Form>
        </Panel>
    }
}

/// The plan from the query or from the refused form.
fn described(request: &PageRequest) -> Plan {
    let read = |name: &str| request.query(name).to_owned();
    Plan {
        asset_id: read("asset_id"),
        amount: read("amount"),
        interval: read("interval"),
        time: read("time"),
        weekday: read("weekday"),
        day: read("day"),
    }
}

async fn look(request: &PageRequest, plan: &Plan) -> Result<RecurringPreview, Problem> {
    let order = plan.request()?;
    request.services.recurring.preview(&request.caller, order).await.map_err(Problem::from)
}

fn amount(form: &FormState, initial: &str) -> impl IntoView + use<> {
    let (name, label) = ("amount", "Amount per buy, USD");
    form.text(&TextInput { name, label, initial, hint: "Before the fee.", ..TextInput::FIGURE })
}

fn schedule(form: &FormState, plan: &Plan) -> impl IntoView + use<> {
    let time = if plan.time.is_empty() { "09:00" } else { &plan.time };
    let day = if plan.day.is_empty() { "1" } else { &plan.day };
    let interval = if plan.interval.is_empty() { CadenceKind::Weekly.as_str() } else { &plan.interval };
    let weekday = if plan.weekday.is_empty() { Weekday::Monday.as_str() } else { &plan.weekday };
    let time = form.text(&TextInput {
        name: "time",
        label: "Time (UTC)",
        initial: time,
        kind: "time",
        inputmode: "text",
        ..TextInput::FIGURE
    });
    let day = form.text(&TextInput {
        name: "day",
        label: "Day of month (if monthly)",
        initial: day,
        hint: "1–31; the last day in shorter months.",
        inputmode: "numeric",
        ..TextInput::FIGURE
    });
    view! {
        <FieldPair>
            {form.select("interval", "Frequency", &intervals(), interval)}
            {time}
            {form.select("weekday", "Day of week (if weekly)", &weekdays(), weekday)}
            {day}
        </FieldPair>
    }
}

/// The next runs and what one would do now; the button that makes it, unless it would be refused.
fn shown(preview: &RecurringPreview, plan: &Plan, key: &str) -> impl IntoView + use<> {
    let runs = preview.next_runs.iter().map(|time| view! { <li>{format::moment(*time)}</li> }).collect_view();
    let is_possible = preview.problems.is_empty();
    let submit = is_possible.then(|| {
        view! {
            <form method="post" action=RecurringCreate::PATH>
                <Hidden name="asset_id" value=plan.asset_id.clone() />
                <Hidden name="amount" value=plan.amount.clone() />
                <Hidden name="interval" value=plan.interval.clone() />
                <Hidden name="time" value=plan.time.clone() />
                <Hidden name="weekday" value=plan.weekday.clone() />
                <Hidden name="day" value=plan.day.clone() />
                <Hidden name="key" value=key />
                <Button look=Look::Buy size=ButtonSize::Wide>{format!("Start buying {} USD of {} {}", plan.amount, plan.asset_id.to_uppercase(), plan.interval)}</Button>
            </form>
        }
    });
    let now = preview.order.as_ref().map(cost);
    view! {
        <Panel kind=PanelKind::Form id=FORM_RESULT focusable=true labelled_by="recurring-look">
            <h2 id="recurring-look">"Preview"</h2>
            {problems(&preview.problems)}
            <Columns even=true>
                <div><h3 class="mb-1">"Next buys"</h3> <Rules>{runs}</Rules></div>
                <div><h3 class="mb-1">"If it ran now"</h3> {now}</div>
            </Columns>
            {submit}
        </Panel>
    }
}

fn cost(order: &OrderPreview) -> impl IntoView + use<> {
    let quantity = format!("{} {}", format::quantity(order.quantity), order.asset_id);
    let note = (!order.problems.is_empty()).then(|| {
        view! {
            <Small>"This run would be skipped now:"</Small>
            {problems(&order.problems)}
        }
    });
    view! {
        <Facts>
            <div><dt>"Buys"</dt><dd>{quantity}</dd></div>
            <div><dt>"Price"</dt><dd>{format!("{} USD", format::price(order.price))}</dd></div>
            <div><dt>"Fee"</dt><dd>{format::usd(order.fee)}</dd></div>
            <div><dt>"Total incl. fee"</dt><dd>{format::usd(order.total)}</dd></div>
            <div><dt>"USD after"</dt><dd>{format::usd(order.balance_after)}</dd></div>
        </Facts>
        {note}
    }
}

fn problems(problems: &[PreviewProblem]) -> impl IntoView + use<> {
    problems
        .iter()
        .map(|problem| view! { <Notice tone=Tone::Warning>{worded("", &problem.detail)}</Notice> })
        .collect_view()
}

fn change(request: &PageRequest, plan: &RecurringView) -> impl IntoView + use<> {
    let form = FormState::new(request, "recurring-change");
    let now = Plan {
        asset_id: plan.asset_id.to_string(),
        amount: plan.amount.to_string(),
        interval: plan.interval.to_string(),
        time: plan.time.clone(),
        weekday: plan.weekday.map(|weekday| weekday.to_string()).unwrap_or_default(),
        day: plan.day.map(|day| day.to_string()).unwrap_or_default(),
    };
    view! {
        <Panel id="recurring-form" labelled_by="recurring-form-title">
            <PanelHead>
                <h2 id="recurring-form-title">{format!("Edit recurring buy of {}", plan.asset_id)}</h2>
                <a href="/recurring">"Cancel"</a>
            </PanelHead>
            <Form action=RecurringChange::PATH>
                {form.summary()}
                <Note>{schedule_words(plan)}</Note>
                <Hidden name="recurring_id" value=plan.recurring_id.to_string() />
                <Hidden name="key" value=form.key.clone() />
                {amount(&form, &now.amount)}
                {schedule(&form, &now)}
                <Button look=Look::Primary size=ButtonSize::Wide>"Save changes"</Button>
                <Hint>"A new schedule starts at its next time from now. A new amount does not move the next buy."</Hint>
            </Form>
        </Panel>
    }
}
