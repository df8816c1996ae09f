//! Guard rails in force and pending, and the forms that change them.

use cnop_api::trading::{GuardLimits, GuardName, GuardRails, PendingGuard};
use cnop_api::{Problem, Timestamp};
use cnop_domain::{Amount, GuardFault};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{GuardsKill, GuardsSet};
use crate::components::Outcome;
use crate::components::ui::{
    Button, ButtonSize, Buttons, Columns, Facts, Form, LinkButton, Look, Notice, Panel, PanelKind,
    PanelSubhead, Rules, Small, Tone,
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
            <Notice tone=Tone::Warning>"Your kill switch is on: only sells are accepted."</Notice>
        }
    });
    let pause = rails.cool_down_until.map(|until| {
        view! { <Notice tone=Tone::Warning>{format!("Cool-down after a loss until {}. You can still sell.", format::moment(until))}</Notice> }
    });
    let pending = rails.pending.iter().map(pending_line).collect_view();
    let pending = (!rails.pending.is_empty()).then(|| {
        view! {
            <PanelSubhead>"Pending"</PanelSubhead>
            <Rules>{pending}</Rules>
        }
    });
    Ok(view! {
        {result(&request)}
        {switch}
        {pause}
        <Panel labelled_by="guards-now">
            <h2 id="guards-now">"Current limits"</h2>
            <Facts>
                <div><dt>"Max order"</dt><dd>{money(limits.largest_order)}</dd></div>
                <div><dt>"Daily loss limit (UTC day, realized)"</dt><dd>{money(limits.daily_loss)}</dd></div>
                <div><dt>"Realized loss today"</dt><dd>{lost(&rails)}</dd></div>
                <div><dt>"Cool-down after a loss"</dt><dd>{pause_words(limits.cool_down_minutes)}</dd></div>
                <div><dt>"Kill switch"</dt><dd>{if limits.kill_switch { "On" } else { "Off" }}</dd></div>
            </Facts>
            {pending}
        </Panel>
    })
}

fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "set" => "Risk limits saved. Stricter limits apply now; looser ones are listed below as pending.",
        "killed" => "The kill switch is on. You have no open buy orders.",
        "released" => "The kill switch turns off in 24 hours. Until then only sells are accepted.",
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
        |text| view! { <Notice tone=Tone::Warning>{text} " " <a href="/guards">"Risk limits"</a></Notice> },
    )
}

fn notice_text(fault: &GuardFault) -> Option<String> {
    let from = |until: Timestamp| format!("You can buy again from {}.", format::moment(until));
    match fault {
        GuardFault::KillSwitch => Some("Your kill switch is on: only sells are accepted.".to_owned()),
        GuardFault::DailyLoss { until, .. } => Some(format!("Daily loss limit reached. {}", from(*until))),
        GuardFault::Pause { until } => Some(format!("Cool-down after a loss. {}", from(*until))),
        GuardFault::OrderMax { .. } => None,
    }
}

fn money(limit: Option<Amount>) -> String {
    limit.map_or_else(|| "No limit".to_owned(), format::usd)
}

fn lost(rails: &GuardRails) -> String {
    let lost = format::usd(rails.loss_today);
    match rails.in_force.daily_loss {
        Some(limit) if rails.loss_today >= limit => {
            format!("{lost}: no buys until {}", format::venue_midnight())
        }
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
        (GuardName::LargestOrder, Some(value)) => format!("Max order {}", amount(value)),
        (GuardName::LargestOrder, None) => "Max order removed".to_owned(),
        (GuardName::DailyLoss, Some(value)) => format!("Daily loss limit {}", amount(value)),
        (GuardName::DailyLoss, None) => "Daily loss limit removed".to_owned(),
        (GuardName::CoolDownMinutes, value) => {
            format!("Cool-down after a loss: {}", pause_words(value.and_then(|text| text.parse().ok())))
        }
        (GuardName::KillSwitch, _) => "Kill switch off".to_owned(),
    };
    view! { <li>{format!("{what} on {}", format::moment(pending.effective_at))}</li> }
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
            <h2 id="guards-form">"Edit limits"</h2>
            <Form action=GuardsSet::PATH>
                {form.summary()}
                <Hidden name="key" value=form.key.clone() />
                <Small>
                    "Stricter limits apply now, looser ones after 24 hours. Empty means no limit."
                </Small>
                {field("largest_order", "Max order, USD", text(asked_for.largest_order), "Highest value of one order.", "decimal")}
                {field("daily_loss", "Daily loss limit, USD", text(asked_for.daily_loss), "Realized loss since 00:00 UTC. At the limit you can sell but not buy until the next day.", "decimal")}
                {field("cool_down_minutes", "Cool-down after a loss, minutes", minutes, "1–43,200. Starts with each sell that realizes a loss.", "numeric")}
                <Button look=Look::Primary size=ButtonSize::Wide>"Save limits"</Button>
            </Form>
        </Panel>
    }
}

/// The limits that were requested last: in force or pending.
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
            <p>{format!("On. Turns off on {}.", format::moment(off.effective_at))}</p>
            {button("on", Look::Plain, "Keep on")}
        }
        .into_any(),
        (true, None, _) => view! {
            <p>"On. Turning it off takes 24 hours."</p>
            {button("off", Look::Plain, "Turn off in 24 hours")}
        }
        .into_any(),
        (false, _, "on") => view! {
            <p>"All your open buy orders are canceled now, and new ones are blocked. Your open sells stay, stop-losses included, and you can still sell. Recurring buys are skipped. Turning it off takes 24 hours."</p>
            <Buttons>
                {button("on", Look::Sell, "Cancel buy orders and stop")}
                <LinkButton href="/guards">"Back"</LinkButton>
            </Buttons>
        }
        .into_any(),
        (false, ..) => view! {
            <p>"Cancels every open buy order and blocks new ones. Open sells stay, stop-losses included, and you can still sell. Recurring buys are skipped. Turning it off takes 24 hours."</p>
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
        let text = notice_text(&GuardFault::Pause { until: Timestamp(0) }).unwrap();
        assert!(text.contains("You can buy again from 1970-01-01"), "{text}");
        assert!(notice_text(&GuardFault::KillSwitch).unwrap().contains("only sells"));
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
