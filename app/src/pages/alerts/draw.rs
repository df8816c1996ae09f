//! The list of alerts and the form of a new one.

use cnop_api::Problem;
use cnop_api::trading::{AlertDirection, AlertStatus, AlertView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::components::empty;
use crate::drawn::{Asked, DrawnForm, TOLD_ID, Text, button_form, hidden};
use crate::erased::Erase;
use crate::format;
use crate::functions::{AlertCreate, AlertRemove};

/// What came of the form that was sent last, and the form of a new alert.
///
/// # Errors
/// None; the signature is that of every part.
pub(crate) async fn form(asked: &Asked) -> Result<AnyView, Problem> {
    let form = DrawnForm::new(asked, "alert");
    let asset = asked.get("asset").to_ascii_uppercase();
    let quote = asset
        .parse()
        .ok()
        .and_then(|asset_id| asked.services.inventory.quotes(&[asset_id]).into_iter().next());
    let hint = quote.map_or_else(
        || "You are told once when the last price reaches it: from below if it is above the price of now, else from above.".to_owned(),
        |quote| {
            let last = format::price(quote.last);
            format!("{} is at {last} USD. A level above that is told when the price rises to it, one below when it falls to it.", quote.asset_id)
        },
    );
    let symbol = form.text(&Text {
        name: "asset_id",
        label: "Asset",
        initial: &asset,
        hint: "Its symbol, such as BTC.",
        inputmode: "text",
        ..Text::FIGURE
    });
    let price = form.text(&Text { name: "price", label: "Price in USD", hint: &hint, ..Text::FIGURE });
    let note = form.text(&Text {
        name: "note",
        label: "A note for yourself",
        inputmode: "text",
        optional: true,
        ..Text::FIGURE
    });
    Ok(view! {
        {told(asked)}
        <section class="panel" aria-labelledby="alert-form">
            <h2 id="alert-form">"Alert me"</h2>
            <form class="form" method="post" action=AlertCreate::PATH>
                {form.summary()}
                {hidden("key", form.key.clone())}
                <div class="fields-2">{symbol} {price}</div>
                {note}
                <button class="button primary block" r#type="submit">"Set the alert"</button>
            </form>
        </section>
    }
    .into_any())
}

fn told(asked: &Asked) -> AnyView {
    let sentence = match asked.get("told") {
        "above" => "The alert is set. You are told once, when the price rises to its level.",
        "below" => "The alert is set. You are told once, when the price falls to its level.",
        "removed" => "The alert is removed.",
        _ => return DrawnForm::new(asked, "alert-remove").summary(),
    };
    view! { <p class="notice good" id=TOLD_ID role="status" tabindex="-1">{sentence}</p> }.erased()
}

/// Every alert, waiting ones first.
///
/// # Errors
/// When they cannot be read.
pub(crate) async fn list(asked: &Asked) -> Result<AnyView, Problem> {
    let alerts = asked.services.alerts.list(&asked.caller).await.map_err(Problem::from)?;
    let (waiting, fired): (Vec<_>, Vec<_>) =
        alerts.iter().partition(|alert| alert.status == AlertStatus::Waiting);
    let body = if alerts.is_empty() {
        let text = "An alert that you set will be listed here until you remove it. It is shown on whatever page you are on when it fires.";
        empty("No alert is set", text, None)
    } else {
        let rows = waiting.into_iter().chain(fired).map(|alert| row(asked, alert)).collect_view();
        view! { <ul class="open-orders">{rows}</ul> }.erased()
    };
    Ok(view! {
        <section class="panel panel-flush" aria-labelledby="alerts-list">
            <h2 id="alerts-list">"Your alerts"</h2>
            {body}
        </section>
    }
    .into_any())
}

fn row(asked: &Asked, alert: &AlertView) -> AnyView {
    let way = match alert.direction {
        AlertDirection::Above => "rises to",
        AlertDirection::Below => "falls to",
    };
    let quote = asked.services.inventory.quotes(&[alert.asset_id]).into_iter().next();
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
    let label = view! { "Remove" <span class="hidden-word">{hint}</span> };
    let id = &alert.alert_id;
    // Removing this alert is one command, however often the button is pressed.
    let fields = vec![hidden("alert_id", id.clone()), hidden("key", format!("remove-{id}"))];
    let button =
        button_form(AlertRemove::PATH, fields, format!("remove-{id}"), "small-button", label.into_any());
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
            <div class="open-order-acts">{button}</div>
        </li>
    }
    .erased()
}
