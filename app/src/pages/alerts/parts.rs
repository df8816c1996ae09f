//! The form of a new alert, and the list of alerts.

use cnop_api::Problem;
use cnop_api::trading::{AlertDirection, AlertStatus, AlertView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{AlertCreate, AlertRemove};
use crate::components::ui::{
    Button, ButtonSize, Entries, Entry, EntryActions, EntryFigures, EntryText, FieldPair, Form, Look, Panel,
    PanelKind, RowTitle, Small, SpokenOnly,
};
use crate::components::{Empty, Outcome};
use crate::error::AppError;
use crate::format;
use crate::forms::{ButtonForm, FormState, Hidden, TextInput};
use crate::pages::PageRequest;

/// Outcome of the last form, and the form of a new alert.
pub(super) fn form(request: &PageRequest) -> impl IntoView + use<> {
    let form = FormState::new(request, "alert");
    let asset = request.query("asset").to_ascii_uppercase();
    let quote = asset
        .parse()
        .ok()
        .and_then(|asset_id| request.services.inventory.quotes(&[asset_id]).into_iter().next());
    let hint = quote.map_or_else(
        || "Notifies you once when the price crosses this level.".to_owned(),
        |quote| {
            let last = format::price(quote.last);
            format!(
                "{} is at {last} USD. Notifies you once when the price crosses this level.",
                quote.asset_id
            )
        },
    );
    let symbol = form.text(&TextInput {
        name: "asset_id",
        label: "Asset",
        initial: &asset,
        hint: "Symbol, e.g. BTC",
        inputmode: "text",
        ..TextInput::FIGURE
    });
    let price = form.text(&TextInput { name: "price", label: "Price", hint: &hint, ..TextInput::MONEY });
    let note = form.text(&TextInput {
        name: "note",
        label: "Note",
        inputmode: "text",
        optional: true,
        ..TextInput::FIGURE
    });
    view! {
        {result(request)}
        <Panel labelled_by="alert-form">
            <h2 id="alert-form">"Set alert"</h2>
            <Form action=AlertCreate::PATH>
                {form.summary()}
                <Hidden name="key" value=form.key.clone() />
                <FieldPair>{symbol} {price}</FieldPair>
                {note}
                <Button look=Look::Primary size=ButtonSize::Wide>"Set alert"</Button>
            </Form>
        </Panel>
    }
}

fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "above" => "Alert set. Notifies you once, when the price rises to the level.",
        "below" => "Alert set. Notifies you once, when the price falls to the level.",
        "removed" => "Alert removed.",
        _ => return FormState::new(request, "alert-remove").summary().into_any(),
    };
    view! { <Outcome>{sentence}</Outcome> }.into_any()
}

/// Every alert, waiting ones first.
pub(super) async fn list(request: PageRequest) -> Result<impl IntoView, AppError> {
    let alerts = request.services.alerts.list(&request.caller).await.map_err(Problem::from)?;
    let (waiting, fired): (Vec<_>, Vec<_>) =
        alerts.iter().partition(|alert| alert.status == AlertStatus::Waiting);
    let body = if alerts.is_empty() {
        let text =
            "Alerts stay listed here until you remove them. A triggered alert appears on every open page.";
        view! { <Empty title="No alerts" text /> }.into_any()
    } else {
        let rows = waiting.into_iter().chain(fired).map(|alert| row(&request, alert)).collect_view();
        view! { <Entries>{rows}</Entries> }.into_any()
    };
    Ok(view! {
        <Panel kind=PanelKind::Flush labelled_by="alerts-list">
            <h2 id="alerts-list">"Your alerts"</h2>
            {body}
        </Panel>
    })
}

fn row(request: &PageRequest, alert: &AlertView) -> impl IntoView + use<> {
    let way = match alert.direction {
        AlertDirection::Above => "rises to",
        AlertDirection::Below => "falls to",
    };
    let quote = request.services.inventory.quotes(&[alert.asset_id]).into_iter().next();
    let last = quote.filter(|_| alert.fired_at.is_none()).map(|quote| {
        view! { <div><dt>"Market"</dt><dd>{format::price(quote.last)}</dd></div> }
    });
    let state = match (alert.fired_at, alert.fired_price) {
        (Some(time), Some(price)) => {
            view! { {format!("Triggered at {} USD, ", format::price(price))} {format::short_time_element(time)} }
                .into_any()
        }
        (Some(time), None) => view! { "Triggered " {format::short_time_element(time)} }.into_any(),
        (None, _) => "Active".into_any(),
    };
    let hint = format!(" alert for {} at {}", alert.asset_id, format::price(alert.price));
    let id = alert.alert_id.to_string();
    // Removing this alert is one command, however often the button is pressed.
    let fields = vec![("alert_id", id.clone()), ("key", format!("remove-{id}"))];
    view! {
        <Entry>
            <EntryText>
                <RowTitle>
                    <a href=format!("/market/{}", alert.asset_id)>{alert.asset_id.to_string()}</a>
                    {format!(" {way} {} USD", format::price(alert.price))}
                </RowTitle>
                {alert.note.clone().map(|note| view! { <Small>{note}</Small> })}
            </EntryText>
            <EntryFigures>
                <div><dt>"Status"</dt><dd>{state}</dd></div>
                {last}
                <div><dt>"Created"</dt><dd>{format::short_time_element(alert.created_at)}</dd></div>
            </EntryFigures>
            <EntryActions>
                <ButtonForm action=AlertRemove::PATH fields id=format!("remove-{id}") size=ButtonSize::Small>
                    "Remove" <SpokenOnly>{hint}</SpokenOnly>
                </ButtonForm>
            </EntryActions>
        </Entry>
    }
}
