//! How the server draws what can be done with an order.

use cnop_api::trading::{GroupMembership, OrderView};
use cnop_api::{Problem, Timestamp};
use cnop_domain::{GroupKind, OrderType, Role, TimeInForceKind};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::drawn::{Asked, DrawnForm, TOLD_ID, Text, button_form, hidden, with_member};
use crate::erased::Erase;
use crate::functions::{OrderCancel, OrderReplace};
use crate::remote::urlencoded;

/// Whether an order can be canceled and changed.
pub(crate) const fn is_open(order: &OrderView) -> bool {
    !order.status.is_final()
}

/// What came of the form that was sent last, if any: told once, and given the focus.
pub(crate) fn told(asked: &Asked) -> AnyView {
    let sentence = match asked.get("told") {
        "canceled" => "The order is canceled. What it held back is available again.".to_owned(),
        "canceled_pair" => {
            "The order is canceled, and with it the other of its pair. What they held back is available again."
                .to_owned()
        }
        "canceled_entry" => {
            "The order is canceled, and with it the exits that waited for it. What it held back is available again."
                .to_owned()
        }
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
            {order.group.as_ref().map(|group| view! { <p class="muted small">{goes_along(group)}</p> })}
            {cancel_button(&order, &here, "Cancel this order")}
            <details open=is_refused>
                <summary class="button">"Change it"</summary>
                {replace_form(&order, &form, &here, &here)}
            </details>
        </section>
    }
    .erased())
}

/// What a cancel takes along.
pub(crate) const fn goes_along(group: &GroupMembership) -> &'static str {
    match (group.kind, group.role) {
        (_, Role::Entry) => "Canceling it cancels the exits that wait for it.",
        (GroupKind::Oto, _) => "Canceling it leaves its purchase alone.",
        (GroupKind::Oco | GroupKind::Bracket, _) => "Canceling it cancels the other of the pair too.",
    }
}

/// The button that cancels an order, in a form of its own. It names no version: whatever the order has filled meanwhile, or
/// its sibling, its owner wants the rest gone.
pub(crate) fn cancel_button(order: &OrderView, back: &str, label: &'static str) -> AnyView {
    let id = &order.order_id;
    let fields = vec![
        hidden("order_id", id.to_string()),
        // Canceling this order is one command, however often the button is pressed.
        hidden("key", format!("cancel-{id}")),
        hidden("back", back),
    ];
    let what =
        format!(" the {} {} order of {}", order.kind.as_str().replace('_', " "), order.side, order.asset_id);
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
            // What is asked for is what differs from this: sent twice it is the same command.
            {hidden("shown", urlencoded(&shown(order).each_ref().map(|(name, value)| (*name, value.as_str()))))}
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

/// What the fields hold at first, by their names; empty for those that this order does not have.
fn shown(order: &OrderView) -> [(&'static str, String); 7] {
    let text = |price: Option<cnop_domain::Price>| price.map(|price| price.to_string()).unwrap_or_default();
    let waits = order.triggered_at.is_none();
    // The orders of a group belong together in size.
    let is_alone = order.group.is_none();
    let can_rest = order.kind == OrderType::Limit
        && matches!(order.time_in_force, TimeInForceKind::Gtc | TimeInForceKind::Gtd);
    let given = |is_there: bool, text: String| if is_there { text } else { String::new() };
    [
        ("price", given(order.kind.has_limit(), order.price.to_string())),
        ("stop_price", given(waits, text(order.stop_price))),
        ("trail", given(waits, order.trail_bps.map(percent).unwrap_or_default())),
        ("trail_amount", given(waits, text(order.trail_amount))),
        ("quantity", given(is_alone, order.quantity.to_string())),
        ("expires_at", order.expires_at.map(minutes).unwrap_or_default()),
        ("post_only", given(can_rest, order.post_only.to_string())),
    ]
}

/// Basis points in percent: `1.5`.
fn percent(points: u32) -> String {
    let text = format!("{}.{:02}", points / 100, points % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The fields that this order has.
fn terms(order: &OrderView, form: &DrawnForm) -> Vec<AnyView> {
    let asset = &order.asset_id;
    let quantity = format!("Quantity in {asset}, whole");
    let filled = format!("{} of it is filled.", order.filled_quantity);
    let fields = shown(order);
    let field = |(name, initial): &(&'static str, String)| {
        let (label, hint, kind, inputmode) = match *name {
            "price" => ("Limit price in USD", "", "text", "decimal"),
            "stop_price" => ("Trigger price in USD", "", "text", "decimal"),
            "trail" => ("Distance in %", "0.1 to 50, two decimals.", "text", "decimal"),
            "trail_amount" => ("Distance in USD", "", "text", "decimal"),
            "quantity" if order.filled_quantity.is_zero() => (quantity.as_str(), "", "text", "decimal"),
            "quantity" => (quantity.as_str(), filled.as_str(), "text", "decimal"),
            "expires_at" => ("Ends at, in UTC", ends_hint(initial), "datetime-local", "text"),
            _ => return (!initial.is_empty()).then(|| form.select("post_only", TAKES.0, &TAKES.1, initial)),
        };
        let is_end = *name == "expires_at";
        (is_end || !initial.is_empty()).then(|| {
            let name = *name;
            form.text(&Text { name, label, initial, hint, kind, inputmode, optional: is_end, ..Text::FIGURE })
        })
    };
    fields.iter().filter_map(field).collect()
}

/// What becomes of an order that would fill at once.
const TAKES: (&str, [(&str, &str); 2]) =
    ("If it would fill at once", [("false", "It fills"), ("true", "Refuse it (post-only)")]);

/// What an empty end means.
const fn ends_hint(initial: &str) -> &'static str {
    if initial.is_empty() {
        "Empty: it stays until it is canceled. At most 366 days ahead."
    } else {
        "At most 366 days ahead. Emptied, the order stays until it is canceled."
    }
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
    fn a_distance_is_a_percentage_as_in_the_ticket() {
        for (points, text) in [(150, "1.5"), (10, "0.1"), (5_000, "50"), (1_000, "10"), (33, "0.33")] {
            assert_eq!(percent(points), text);
            assert_eq!(crate::functions::basis_points(text), Some(points));
        }
    }

    #[test]
    fn what_was_canceled_is_counted() {
        assert_eq!(canceled_all(0, 0), "No order was open.");
        assert_eq!(canceled_all(1, 0), "1 order is canceled.");
        assert_eq!(canceled_all(3, 1), "3 orders are canceled. 1 could not be canceled: look at them below.");
    }
}
