//! Cancel and change of open orders.

use cnop_api::Timestamp;
use cnop_api::trading::{GroupMembership, OrderView};
use cnop_domain::{GroupKind, OrderId, OrderType, Role, TimeInForceKind};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::{OrderCancel, OrderReplace};
use super::many::OrderAgain;
use crate::address::{urlencoded, with_member};
use crate::components::Outcome;
use crate::components::ui::{Button, ButtonSize, FieldPair, Form, Hint, Look, SpokenOnly};
use crate::forms::{ButtonForm, FormState, Hidden, TextInput};
use crate::pages::PageRequest;
use crate::{context, format};

/// Returns true if an order can be canceled and changed.
pub(crate) const fn is_open(order: &OrderView) -> bool {
    !order.status.is_final()
}

/// Outcome of the last form about orders; nothing without one.
pub(crate) fn order_result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "canceled" => return canceled(request).into_any(),
        "again" => "Order placed again. It is at the back of the queue.".to_owned(),
        "flattened" => flattened(request),
        "canceled_pair" => {
            "Order canceled together with the linked order. Reserved funds are released.".to_owned()
        }
        "canceled_entry" => "Order canceled together with the exits. Reserved funds are released.".to_owned(),
        "changed" => "Order updated.".to_owned(),
        "canceled_all" => {
            let number = |name: &str| request.query(name).parse::<u32>().unwrap_or(0);
            canceled_all(number("count"), number("failed"))
        }
        _ => return FormState::new(request, "cancel").summary().into_any(),
    };
    view! { <Outcome>{sentence}</Outcome> }.into_any()
}

/// The outcome of a cancel, with the way to take it back.
fn canceled(request: &PageRequest) -> impl IntoView + use<> {
    let order = request.query("order");
    let undo = order.parse::<OrderId>().ok().map(|id| {
        let fields = vec![
            ("key", format!("again-{id}")),
            ("order_id", id.to_string()),
            ("back", request.address(&["change"])),
        ];
        view! { <ButtonForm action=OrderAgain::PATH fields id="undo" size=ButtonSize::Small>"Undo"</ButtonForm> }
    });
    view! {
        <Outcome>
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <span>"Order canceled. Reserved funds are released."</span>
                {undo}
            </div>
        </Outcome>
    }
}

/// The outcome of closing everything.
fn flattened(request: &PageRequest) -> String {
    let number = |name: &str| request.query(name).parse::<u32>().unwrap_or(0);
    let (canceled, sold, failed) = (number("count"), number("sold"), number("failed"));
    let done = format!("Orders canceled: {canceled}. Positions sold: {sold}.");
    if failed == 0 { done } else { format!("{done} Failed: {failed}. See orders and portfolio.") }
}

fn canceled_all(count: u32, failed: u32) -> String {
    let canceled = match count {
        0 => "No open orders.".to_owned(),
        1 => "1 order canceled.".to_owned(),
        count => format!("{count} orders canceled."),
    };
    if failed == 0 {
        return canceled;
    }
    format!("{canceled} {failed} could not be canceled: see the list below.")
}

/// Orders that a cancel takes along, in a sentence.
pub(crate) const fn canceled_along(group: &GroupMembership) -> &'static str {
    match (group.kind, group.role) {
        (_, Role::Entry) => "Canceling the entry cancels the exits too.",
        (GroupKind::Oto, _) => "Canceling the exit keeps the entry.",
        (GroupKind::Oco | GroupKind::Bracket, _) => "Canceled together.",
    }
}

/// Fields of the form that cancels an order.
pub(super) fn cancel_fields(order: &OrderView, back: &str) -> Vec<(&'static str, String)> {
    let id = order.order_id.to_string();
    // Canceling this order is one command, however often the button is pressed.
    vec![("key", format!("cancel-{id}")), ("order_id", id), ("back", back.to_owned())]
}

/// The button that cancels an order, in a form of its own. It names no version: the owner wants to cancel the
/// rest, whatever has filled meanwhile.
#[component]
pub(crate) fn CancelButton(
    /// Order that is shown.
    order: OrderView,
    /// Address of the page after the cancel.
    #[prop(into)]
    back: String,
    /// Label of the button.
    label: &'static str,
) -> impl IntoView {
    let (id, fields) = (order.order_id, cancel_fields(&order, &back));
    let what =
        format!(" {} {} order for {}", order.kind.as_str().replace('_', " "), order.side, order.asset_id);
    view! {
        <ButtonForm action=OrderCancel::PATH fields id=format!("cancel-{id}") size=ButtonSize::Small>
            {label} " " <SpokenOnly>{what}</SpokenOnly>
        </ButtonForm>
    }
}

/// The form that gives an open order new terms.
#[component]
pub(crate) fn ReplaceForm(
    /// Order that is shown.
    order: OrderView,
    /// State of the form.
    form: FormState,
    /// Address of the page with the form.
    #[prop(into)]
    page: String,
    /// Address of the page after the change.
    #[prop(into)]
    back: String,
) -> impl IntoView {
    let shown = urlencoded(&shown(&order).each_ref().map(|(name, value)| (*name, value.as_str())));
    view! {
        <Form action=OrderReplace::PATH>
            {form.summary()}
            <Hidden name="order_id" value=order.order_id.to_string() />
            <Hidden name="version" value=order.version.to_string() />
            <Hidden name="key" value=form.key.clone() />
            <Hidden name="back" value=back />
            <Hidden name="page" value=page />
            // The change is the difference from this: sent twice it is the same command.
            <Hidden name="shown" value=shown />
            <FieldPair>{terms(&order, &form)}</FieldPair>
            <Hint>
                "The order keeps its ID but goes to the back of the queue."
            </Hint>
            <Button look=Look::Primary size=ButtonSize::Wide pending="Updating…">"Update order"</Button>
        </Form>
    }
}

/// Initial values of the fields by name; empty for fields that this order does not have.
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
fn terms(order: &OrderView, form: &FormState) -> impl IntoView + use<> {
    let asset = &order.asset_id;
    let quantity = format!("Total quantity ({asset})");
    let filled = format!("{} filled so far.", order.filled_quantity);
    let fields = shown(order);
    let expires = if context::reader_zone().is_utc() { "Expires (UTC)" } else { "Expires" };
    let field = |(name, initial): &(&'static str, String)| {
        let (label, hint, kind, inputmode) = match *name {
            "price" => ("Limit price, USD", "", "text", "decimal"),
            "stop_price" => ("Trigger price, USD", "", "text", "decimal"),
            "trail" => ("Trail by, %", "0.1–50, two decimals.", "text", "decimal"),
            "trail_amount" => ("Trail by, USD", "", "text", "decimal"),
            "quantity" if order.filled_quantity.is_zero() => (quantity.as_str(), "", "text", "decimal"),
            "quantity" => (quantity.as_str(), filled.as_str(), "text", "decimal"),
            "expires_at" => (expires, ends_hint(initial), "datetime-local", "text"),
            _ => {
                let select = || form.select("post_only", TAKES.0, &TAKES.1, initial).into_any();
                return (!initial.is_empty()).then(select);
            }
        };
        let is_end = *name == "expires_at";
        (is_end || !initial.is_empty()).then(|| {
            let name = *name;
            form.text(&TextInput {
                name,
                label,
                initial,
                hint,
                kind,
                inputmode,
                optional: is_end,
                ..TextInput::FIGURE
            })
            .into_any()
        })
    };
    fields.iter().filter_map(field).collect_view()
}

/// Options for an order that would fill on arrival.
const TAKES: (&str, [(&str, &str); 2]) =
    ("Post-only: reject if it would fill immediately", [("false", "Off"), ("true", "On")]);

/// Hint for an empty expiry.
const fn ends_hint(initial: &str) -> &'static str {
    if initial.is_empty() {
        "Leave empty for GTC; up to 366 days."
    } else {
        "Up to 366 days ahead. Clear for GTC."
    }
}

/// A time as the browser's field wants it, on the reader's clock.
fn minutes(time: Timestamp) -> String {
    let local = context::reader_zone().local(time);
    format!("{}T{}", format::day(local), format::clock(local))
}

/// The address of the page where an order is changed, from a list.
pub(crate) fn change_path(order: &OrderView, page: &str) -> String {
    format!("{}#order-change", with_member(page, &format!("change={}", order.order_id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_a_percentage_as_in_the_ticket() {
        for (points, text) in [(150, "1.5"), (10, "0.1"), (5_000, "50"), (1_000, "10"), (33, "0.33")] {
            assert_eq!(percent(points), text);
            assert_eq!(crate::order_form::basis_points(text), Some(points));
        }
    }

    #[test]
    fn what_was_canceled_is_counted() {
        assert_eq!(canceled_all(0, 0), "No open orders.");
        assert_eq!(canceled_all(1, 0), "1 order canceled.");
        assert_eq!(canceled_all(3, 1), "3 orders canceled. 1 could not be canceled: see the list below.");
    }
}
