//! The form of a new alert, and the list of alerts.

use cnop_api::Problem;
use cnop_api::trading::{AlertDirection, AlertStatus, AlertView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{AlertCreate, AlertRemove};
use crate::components::{Empty, Notice};
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
        || "You are told once when the last price reaches it: from below if it is above the price of now, else from above.".to_owned(),
        |quote| {
            let last = format::price(quote.last);
            format!("{} is at {last} USD. A level above that is told when the price rises to it, one below when it falls to it.", quote.asset_id)
        },
    );
    let symbol = form.text(&TextInput {
        name: "asset_id",
        label: "Asset",
        initial: &asset,
        hint: "Its symbol, such as BTC.",
        inputmode: "text",
        ..TextInput::FIGURE
    });
    let price =
        form.text(&TextInput { name: "price", label: "Price in USD", hint: &hint, ..TextInput::FIGURE });
    let note = form.text(&TextInput {
        name: "note",
        label: "A note for yourself",
        inputmode: "text",
        optional: true,
        ..TextInput::FIGURE
    });
    view! {
        {result(request)}
        <section class="panel" aria-labelledby="alert-form">
            <h2 id="alert-form">"Alert me"</h2>
            <form class="form" method="post" action=AlertCreate::PATH>
                {form.summary()}
                <Hidden name="key" value=form.key.clone() />
                <div class="fields-2">{symbol} {price}</div>
                {note}
                <button class="button primary block" r#type="submit">"Set the alert"</button>
            </form>
        </section>
    }
}

fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "above" => "The alert is set. You are told once, when the price rises to its level.",
        "below" => "The alert is set. You are told once, when the price falls to its level.",
        "removed" => "The alert is removed.",
        _ => return FormState::new(request, "alert-remove").summary().into_any(),
    };
    view! { <Notice>{sentence}</Notice> }.into_any()
}

/// Every alert, waiting ones first.
pub(super) async fn list(request: PageRequest) -> Result<impl IntoView, AppError> {
    let alerts = request.services.alerts.list(&request.caller).await.map_err(Problem::from)?;
    let (waiting, fired): (Vec<_>, Vec<_>) =
        alerts.iter().partition(|alert| alert.status == AlertStatus::Waiting);
    let body = if alerts.is_empty() {
        let text = "An alert that you set will be listed here until you remove it. It is shown on whatever page you are on when it fires.";
        view! { <Empty title="No alert is set" text /> }.into_any()
    } else {
        let rows = waiting.into_iter().chain(fired).map(|alert| row(&request, alert)).collect_view();
        view! { <ul class="open-orders">{rows}</ul> }.into_any()
    };
    Ok(view! {
        <section class="panel panel-flush" aria-labelledby="alerts-list">
            <h2 id="alerts-list">"Your alerts"</h2>
            {body}
        </section>
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
            format!("Fired at {} USD, {}", format::price(price), format::moment(time))
        }
        (Some(time), None) => format!("Fired {}", format::moment(time)),
        (None, _) => "Waiting".to_owned(),
    };
    let hint = format!(" the alert of {} at {}", alert.asset_id, format::price(alert.price));
    let id = &alert.alert_id;
    // Removing this alert is one command, however often the button is pressed.
    let fields = vec![("alert_id", id.clone()), ("key", format!("remove-{id}"))];
    view! {
        <li class="open-order">
            <div class="open-order-what">
                <p class="row-title">
                    <a href=format!("/market/{}", alert.asset_id)>{alert.asset_id.to_string()}</a>
                    {format!(" {way} {} USD", format::price(alert.price))}
                </p>
                {alert.note.clone().map(|note| view! { <p class="small">{note}</p> })}
            </div>
            <dl class="open-order-figures small">
                <div><dt>"State"</dt><dd>{state}</dd></div>
                {last}
                <div><dt>"Set"</dt><dd>{format::moment(alert.created_at)}</dd></div>
            </dl>
            <div class="open-order-acts">
                <ButtonForm action=AlertRemove::PATH fields id=format!("remove-{id}") look="small-button">
                    "Remove" <span class="hidden-word">{hint}</span>
                </ButtonForm>
            </div>
        </li>
    }
}
