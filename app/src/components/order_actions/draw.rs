//! How the server draws what can be done with an order.

use cnop_api::trading::OrderView;
use cnop_api::{Problem, Timestamp};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::drawn::{Asked, DrawnForm, TOLD_ID, Text, button_form, hidden, with_member};
use crate::erased::Erase;
use crate::functions::{OrderCancel, OrderReplace};

/// States of an order that is not closed.
const OPEN: [&str; 4] = ["held", "waiting_trigger", "working", "partially_filled"];

/// Whether an order can be canceled and changed.
pub(crate) fn is_open(order: &OrderView) -> bool {
    OPEN.contains(&order.status.as_str())
}

/// What came of the form that was sent last, if any: told once, and given the focus.
pub(crate) fn told(asked: &Asked) -> AnyView {
    let sentence = match asked.get("told") {
        "canceled" => "The order is canceled. What it held back is available again.".to_owned(),
        "changed" => "The order is changed. Its place in time is that of the change.".to_owned(),
        "canceled_all" => {
            let number = |name: &str| asked.get(name).parse::<u32>().unwrap_or(0);
            canceled_all(number("count"), number("failed"))
        }
        _ => return DrawnForm::new(asked, "cancel").summary(),
    };
    view! { <p class="notice good" id=TOLD_ID role="status" tabindex="-1">{sentence}</p> }.erased()
}

fn canceled_all(count: u32, failed: u32) -> String {
    let canceled = match count {
        0 => "No order was open.".to_owned(),
        1 => "1 order is canceled.".to_owned(),
        count => format!("{count} orders are canceled."),
    };
    if failed == 0 {
        return canceled;
    }
    format!("{canceled} {failed} could not be canceled: look at them below.")
}

/// Cancel and change of one order, for its own page.
///
/// # Errors
/// When the order cannot be read; one that is missing draws nothing.
pub(crate) async fn draw_actions(asked: &Asked) -> Result<AnyView, Problem> {
    let Ok(order_id) = asked.get("order").parse() else { return Ok(().into_any()) };
    let order = match asked.services.orders.get(&asked.caller, &order_id).await.map_err(Problem::from) {
        Ok(order) => order,
        // The page itself says that there is none.
        Err(problem) if problem.status() == 404 => return Ok(().into_any()),
        Err(problem) => return Err(problem),
    };
    let told = told(asked);
    if !is_open(&order) {
        return Ok(told);
    }
    let here = asked.address(asked.get("at"), &[]);
    let form = DrawnForm::new(asked, "replace");
    let is_refused = form.is_refused();
    Ok(view! {
        {told}
        <section class="panel order-actions" aria-labelledby="order-actions">
            <h2 id="order-actions">"While it is open"</h2>
            {cancel_button(&order, &here, "Cancel this order")}
            <details open=is_refused>
                <summary class="button">"Change it"</summary>
                {replace_form(&order, &form, &here, &here)}
            </details>
        </section>
    }
    .erased())
}

/// The button that cancels an order, in a form of its own.
pub(crate) fn cancel_button(order: &OrderView, back: &str, label: &'static str) -> AnyView {
    let id = &order.order_id;
    let fields = vec![
        hidden("order_id", id.to_string()),
        hidden("version", order.version.to_string()),
        // Canceling this version of this order is one command, however often the button is pressed.
        hidden("key", format!("cancel-{id}-{}", order.version)),
        hidden("back", back),
    ];
    let what = format!(" the {} {} order of {}", order.kind.replace('_', " "), order.side, order.asset_id);
    let label = view! { {label} <span class="hidden-word">{what}</span> };
    button_form(OrderCancel::PATH, fields, format!("cancel-{id}"), "small-button", label.into_any())
}

/// The form that gives an open order new terms. `page` shows the form, `back` is shown after the change.
pub(crate) fn replace_form(order: &OrderView, form: &DrawnForm, page: &str, back: &str) -> AnyView {
    view! {
        <form class="form" method="post" action=OrderReplace::PATH>
            {form.summary()}
            {hidden("order_id", order.order_id.to_string())}
            {hidden("version", order.version.to_string())}
            {hidden("key", form.key.clone())}
            {hidden("back", back)}
            {hidden("page", page)}
            <div class="fields-2">{terms(order, form)}</div>
            <p class="hint">
                "What stays as it is keeps its value. The order keeps its number, its version goes up by one, and its place in time is that
                of the change."
            </p>
            <button class="button primary block" r#type="submit">"Change the order"</button>
        </form>
    }
    .erased()
}

/// The fields that this order has.
fn terms(order: &OrderView, form: &DrawnForm) -> Vec<AnyView> {
    let asset = &order.asset_id;
    let text = |price: Option<cnop_domain::Price>| price.map(|price| price.to_string()).unwrap_or_default();
    let has_limit = matches!(order.kind.as_str(), "limit" | "stop_limit" | "take_profit_limit");
    let waits = order.triggered_at.is_none();
    let mut fields = Vec::new();
    if has_limit {
        let (label, initial) = ("Limit price in USD", order.price.to_string());
        fields.push(form.text(&Text { name: "price", label, initial: &initial, ..Text::FIGURE }));
    }
    if order.stop_price.is_some() && waits {
        let (label, initial) = ("Trigger price in USD", text(order.stop_price));
        fields.push(form.text(&Text { name: "stop_price", label, initial: &initial, ..Text::FIGURE }));
    }
    if let Some(trail) = order.trail_bps.filter(|_| waits) {
        let (label, initial) = ("Distance in basis points", trail.to_string());
        let hint = "10 to 5,000; 100 are one per cent.";
        fields.push(form.text(&Text { name: "trail_bps", label, initial: &initial, hint, ..Text::FIGURE }));
    }
    if order.trail_amount.is_some() && waits {
        let (label, initial) = ("Distance in USD", text(order.trail_amount));
        fields.push(form.text(&Text { name: "trail_amount", label, initial: &initial, ..Text::FIGURE }));
    }
    // The orders of a group belong together in size.
    if order.group.is_none() {
        let (label, initial) = (format!("Quantity in {asset}, whole"), order.quantity.to_string());
        let filled = format!("{} of it is filled.", order.filled_quantity);
        let hint = if order.filled_quantity.is_zero() { "" } else { &filled };
        fields.push(form.text(&Text {
            name: "quantity",
            label: &label,
            initial: &initial,
            hint,
            ..Text::FIGURE
        }));
    }
    let initial = order.expires_at.map(minutes).unwrap_or_default();
    let (label, hint) = ("Ends at, in UTC", "At most 366 days ahead.");
    let kind = "datetime-local";
    fields.push(form.text(&Text {
        name: "expires_at",
        label,
        initial: &initial,
        hint,
        kind,
        inputmode: "text",
        optional: true,
        ..Text::FIGURE
    }));
    fields
}

/// A time as the browser's field wants it.
fn minutes(time: Timestamp) -> String {
    let (year, month, day) = time.date();
    let (hour, minute, _) = time.clock();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
}

/// The address of the page where an order is changed, from a list.
pub(crate) fn change_path(order: &OrderView, page: &str) -> String {
    format!("{}#told-place", with_member(page, &format!("change={}", order.order_id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_canceled_is_counted() {
        assert_eq!(canceled_all(0, 0), "No order was open.");
        assert_eq!(canceled_all(1, 0), "1 order is canceled.");
        assert_eq!(canceled_all(3, 1), "3 orders are canceled. 1 could not be canceled: look at them below.");
    }
}
