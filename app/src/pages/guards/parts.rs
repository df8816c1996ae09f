//! Guard rails in force and pending, and the forms that change them.

use cnop_api::trading::{GuardLimits, GuardName, GuardRails, PendingGuard};
use cnop_api::{Problem, Timestamp};
use cnop_domain::{Amount, GuardFault};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{GuardsKill, GuardsSet};
use crate::components::Outcome;
use crate::components::ui::{
    Button, Buttons, Columns, Facts, Form, LinkButton, Look, Notice, Panel, PanelKind, Rules, Size, Small,
    Tone,
};
use crate::error::AppError;
use crate::format;
use crate::forms::{ButtonForm, FormState, Hidden, TextInput, key_new};
use crate::pages::PageRequest;

/// Outcome of the last form, and the guard rails in force and pending.
pub(super) async fn state(request: PageRequest) -> Result<impl IntoView, AppError> {
    let rails = request.services.guards.get(&request.caller).await.map_err(Problem::from)?;
    let limits = rails.in_force.clone();
    let switch = limits.kill_switch.then(|| {
        view! {
            <Notice tone=Tone::Warning>"Your kill switch is on: only sales at market are taken."</Notice>
        }
    });
    let pause = rails.cool_down_until.map(|until| {
        view! { <Notice tone=Tone::Warning>{format!("Your own pause after a loss lasts until {}. Sales are not affected.", format::moment(until))}</Notice> }
    });
    let pending = rails.pending.iter().map(pending_line).collect_view();
    let pending = (!rails.pending.is_empty()).then(|| {
        view! {
            <h3>"Looser, and not in force yet"</h3>
            <Rules>{pending}</Rules>
        }
    });
    Ok(view! {
        {result(&request)}
        {switch}
        {pause}
        <Panel labelled_by="guards-now">
            <h2 id="guards-now">"In force now"</h2>
            <Facts>
                <div><dt>"Largest order"</dt><dd>{money(limits.largest_order)}</dd></div>
                <div><dt>"Largest loss of a day (UTC), realised"</dt><dd>{money(limits.daily_loss)}</dd></div>
                <div><dt>"Lost today"</dt><dd>{lost(&rails)}</dd></div>
                <div><dt>"Pause after a sale with a loss"</dt><dd>{pause_words(limits.cool_down_minutes)}</dd></div>
                <div><dt>"Kill switch"</dt><dd>{if limits.kill_switch { "On" } else { "Off" }}</dd></div>
            </Facts>
            {pending}
        </Panel>
    })
}

fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "set" => {
            "Your guard rails are saved. What is tighter holds now; what is looser is listed below with its time."
        }
        "killed" => "The kill switch is on, and no order of yours is open.",
        "released" => "The kill switch will be off 24 hours from now. Until then it stays on.",
        _ => return None,
    };
    Some(view! { <Outcome>{sentence}</Outcome> })
}

/// Note about a guard that stops orders now, for the ticket; nothing for a limit of single orders.
#[component]
pub(in crate::pages) fn GuardNotice(
    /// Refusal of the smallest purchase.
    fault: GuardFault,
) -> impl IntoView {
    notice_text(&fault).map(
        |text| view! { <Notice tone=Tone::Warning>{text} " " <a href="/guards">"Guard rails"</a></Notice> },
    )
}

fn notice_text(fault: &GuardFault) -> Option<String> {
    let from = |until_us: i64| format!("You can buy again from {}.", format::moment(Timestamp(until_us)));
    match fault {
        GuardFault::KillSwitch => Some("Your kill switch is on: only sales at market are taken.".to_owned()),
        GuardFault::DailyLoss { until_us, .. } => {
            Some(format!("Today's loss has reached your own limit. {}", from(*until_us)))
        }
        GuardFault::Pause { until_us } => Some(format!("You pause after a loss. {}", from(*until_us))),
        GuardFault::OrderMax { .. } => None,
    }
}

fn money(limit: Option<Amount>) -> String {
    limit.map_or_else(|| "No limit".to_owned(), format::usd)
}

fn lost(rails: &GuardRails) -> String {
    let lost = format::usd(rails.loss_today);
    match rails.in_force.daily_loss {
        Some(limit) if rails.loss_today >= limit => format!("{lost}: no purchase until 00:00 UTC"),
        _ => lost,
    }
}

fn pause_words(minutes: Option<u32>) -> String {
    match minutes {
        None => "None".to_owned(),
        Some(1) => "1 minute".to_owned(),
        Some(minutes) if minutes % 1_440 == 0 => format!("{} × 24 hours", minutes / 1_440),
        Some(minutes) => format!("{minutes} minutes"),
    }
}

fn pending_line(pending: &PendingGuard) -> impl IntoView + use<> {
    let amount = |text: &str| text.parse::<Amount>().map_or_else(|_| text.to_owned(), format::usd);
    let what = match (pending.guard, pending.value.as_deref()) {
        (GuardName::LargestOrder, Some(value)) => format!("Largest order {}", amount(value)),
        (GuardName::LargestOrder, None) => "No largest order".to_owned(),
        (GuardName::DailyLoss, Some(value)) => format!("Largest loss of a day {}", amount(value)),
        (GuardName::DailyLoss, None) => "No largest loss of a day".to_owned(),
        (GuardName::CoolDownMinutes, value) => {
            format!("Pause after a loss: {}", pause_words(value.and_then(|text| text.parse().ok())))
        }
        (GuardName::KillSwitch, _) => "Kill switch off".to_owned(),
    };
    view! { <li>{format!("{what}, from {}", format::moment(pending.effective_at))}</li> }
}

/// The forms: limits, and the kill switch with its confirmation.
pub(super) async fn forms(request: PageRequest) -> Result<impl IntoView, AppError> {
    let rails = request.services.guards.get(&request.caller).await.map_err(Problem::from)?;
    Ok(view! {
        <Columns even=true>
            {limits_form(&request, &rails)}
            {kill_switch(&request, &rails)}
        </Columns>
    })
}

fn limits_form(request: &PageRequest, rails: &GuardRails) -> impl IntoView + use<> {
    let form = &FormState::new(request, "guards");
    let asked_for = asked_for(rails);
    let field = |name, label, initial: Option<String>, hint, inputmode| {
        let initial = initial.unwrap_or_default();
        form.text(&TextInput {
            name,
            label,
            initial: &initial,
            hint,
            inputmode,
            optional: true,
            ..TextInput::FIGURE
        })
    };
    let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
    let minutes = asked_for.cool_down_minutes.map(|minutes| minutes.to_string());
    view! {
        <Panel labelled_by="guards-form">
            <h2 id="guards-form">"Set, tighten or loosen"</h2>
            <Form action=GuardsSet::PATH>
                {form.summary()}
                <Hidden name="key" value=form.key.clone() />
                <Small>
                    "What is tighter holds at once. What is looser works 24 hours later, so that a bad moment cannot undo it. A field that is
                    empty means no limit."
                </Small>
                {field("largest_order", "Largest order in USD", text(asked_for.largest_order), "What one order may be worth.", "decimal")}
                {field("daily_loss", "Largest loss of a day in USD", text(asked_for.daily_loss), "Realised, from 00:00 UTC. Once it is reached you can sell, not buy, until the next day.", "decimal")}
                {field("cool_down_minutes", "Pause after a loss in minutes", minutes, "1 to 43,200. It begins with each sale that realised a loss.", "numeric")}
                <Button look=Look::Primary size=Size::Wide>"Save the guard rails"</Button>
            </Form>
        </Panel>
    }
}

/// The limits that were asked for last: in force, or pending.
fn asked_for(rails: &GuardRails) -> GuardLimits {
    let mut limits = rails.in_force.clone();
    for pending in &rails.pending {
        let value = pending.value.as_deref();
        match pending.guard {
            GuardName::LargestOrder => limits.largest_order = value.and_then(|text| text.parse().ok()),
            GuardName::DailyLoss => limits.daily_loss = value.and_then(|text| text.parse().ok()),
            GuardName::CoolDownMinutes => limits.cool_down_minutes = value.and_then(|text| text.parse().ok()),
            GuardName::KillSwitch => {}
        }
    }
    limits
}

fn kill_switch(request: &PageRequest, rails: &GuardRails) -> impl IntoView + use<> {
    let form = FormState::new(request, "kill");
    let off_at = rails.pending.iter().find(|pending| pending.guard == GuardName::KillSwitch);
    let button = |switch: &'static str, look: Look, label: &'static str| {
        let fields = vec![("switch", switch.to_owned()), ("key", key_new(request.services.entropy()))];
        view! { <ButtonForm action=GuardsKill::PATH fields id=format!("kill-{switch}") look>{label}</ButtonForm> }
    };
    let body = match (rails.in_force.kill_switch, off_at, request.query("kill")) {
        (true, Some(off), _) => view! {
            <p>{format!("It is on, and will be off from {}.", format::moment(off.effective_at))}</p>
            {button("on", Look::Plain, "Keep it on")}
        }
        .into_any(),
        (true, None, _) => view! {
            <p>"It is on. Turning it off works 24 hours later."</p>
            {button("off", Look::Plain, "Turn it off in 24 hours")}
        }
        .into_any(),
        (false, _, "on") => view! {
            <p>"All your open orders are canceled now, also the stop-losses that protect what you hold, and none is taken but sales at market. Recurring purchases are skipped. You can turn it off again only with 24 hours between."</p>
            <Buttons>
                {button("on", Look::Sell, "Cancel everything and stop")}
                <LinkButton href="/guards">"Leave it off"</LinkButton>
            </Buttons>
        }
        .into_any(),
        (false, ..) => view! {
            <p>"One step that cancels all your open orders, stop-losses too, and takes no new ones, sales at market excepted. Recurring purchases are skipped meanwhile. Turning it off again works 24 hours later."</p>
            <p><LinkButton href="/guards?kill=on#kill-title">"Turn on the kill switch…"</LinkButton></p>
        }
        .into_any(),
    };
    view! {
        <Panel kind=PanelKind::Form labelled_by="kill-title">
            <h2 id="kill-title">"Kill switch"</h2>
            {form.summary()}
            {body}
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_purchases_says_until_when() {
        let text = notice_text(&GuardFault::Pause { until_us: 0 }).unwrap();
        assert!(text.contains("You can buy again from 1970-01-01"), "{text}");
        assert!(notice_text(&GuardFault::KillSwitch).unwrap().contains("only sales at market"));
    }

    #[test]
    fn the_form_holds_what_was_asked_for_last() {
        let in_force = GuardLimits {
            largest_order: Some("100".parse().unwrap()),
            cool_down_minutes: Some(60),
            ..GuardLimits::default()
        };
        let pending = |guard, value: Option<&str>| PendingGuard {
            guard,
            value: value.map(str::to_owned),
            effective_at: Timestamp(0),
        };
        let pending =
            vec![pending(GuardName::LargestOrder, Some("500")), pending(GuardName::CoolDownMinutes, None)];
        let limits = asked_for(&GuardRails { in_force, pending, ..GuardRails::default() });
        assert_eq!(limits.largest_order, Some("500".parse().unwrap()));
        assert_eq!(limits.cool_down_minutes, None);
    }

    #[test]
    fn pauses_are_words() {
        assert_eq!(pause_words(None), "None");
        assert_eq!(pause_words(Some(1)), "1 minute");
        assert_eq!(pause_words(Some(90)), "90 minutes");
        assert_eq!(pause_words(Some(2_880)), "2 × 24 hours");
    }
}
