//! The last order once more, and settings of the ticket that this browser keeps (`shell/keys.js`).

use leptos::prelude::*;

use super::data::TicketData;
use super::state::TicketState;
use crate::address::urlencoded;
use crate::components::ui::{Check, Chip, ChipLink};
use crate::format;
use crate::islands::browser::push_address;

/// Id of the box that skips the confirmation.
pub(super) const SKIP: &str = "ticket-skip-look";

/// A link that fills in the last order again; nothing without one.
pub(super) fn repeat(data: StoredValue<TicketData>, state: TicketState) -> impl IntoView {
    let (asset, order) = data.with_value(|data| (data.asset_id, data.repeat.clone()));
    let order = order?;
    let quantity = order.amount.parse().map_or_else(|_| order.amount.clone(), format::quantity);
    let label = format!("Repeat last: {} {quantity} {asset}", order.side);
    let path = format!("/trade/{asset}?{}#ticket", urlencoded(&order.fields()));
    let fill = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        push_address(&format!("/trade/{asset}?side={}&type={}", order.side, order.kind));
        state.fill(&order);
    };
    Some(view! { <div><ChipLink href=path on:click=fill>{label}</ChipLink></div> })
}

/// Settings, and the list of keys. They need scripts, so they appear with them.
pub(super) fn settings() -> impl IntoView {
    view! {
        <details class="more noscript:hidden">
            <summary>"Ticket settings"</summary>
            <div>
                <Check>
                    <input id=SKIP r#type="checkbox" data-setting="skip-look" />
                    <label for=SKIP>"Place without confirmation"</label>
                </Check>
                <Check>
                    <input id="ticket-keys-off" r#type="checkbox" data-setting="keys-off" />
                    <label for="ticket-keys-off">"Turn keyboard shortcuts off"</label>
                </Check>
                <Chip small=true attr:data-help="">"Keyboard shortcuts, ?"</Chip>
            </div>
        </details>
    }
}
