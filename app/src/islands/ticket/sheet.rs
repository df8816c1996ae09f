//! The sheet that holds the ticket on a phone. The address says whether it is open (it names a side), so links open and
//! close it without scripts; with them the focus follows, and Escape closes it. On a wide page the ticket stands beside
//! the chart and the sheet's own parts are hidden.

use cnop_domain::AssetId;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::data::TicketData;
use super::state::TicketState;
use crate::components::ui::{LinkButton, Look, SheetBar, SheetHead, SheetScrim, SmallMuted};
use crate::format;
use crate::islands::Store;
use crate::islands::browser::{click, focus_soon, push_address};

/// The link that closes the sheet.
const CLOSE: &str = "sheet-close";
/// The field that gets the focus when it opens.
const AMOUNT: &str = "ticket-amount";
/// The link that opens it; gets the focus when it closes.
const OPEN: &str = "sheet-open";

/// A link to this page with another side, type or sheet: it changes the address and leaves the document as it is.
pub(super) fn in_place(state: TicketState, address: impl Fn() -> String + 'static) -> impl Fn(MouseEvent) {
    move |event| {
        // These mean another tab or window.
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        push_address(&untrack(&address));
        state.follow_address();
    }
}

/// Follows the browser's back and forward, moves the focus as the sheet opens and closes, and obeys Escape.
pub(super) fn watch(state: TicketState) {
    Effect::new(move |before: Option<bool>| {
        let is_open = state.open.get();
        if before == Some(!is_open) {
            // On a wide page neither of the two is visible, and the focus stays.
            focus_soon(if is_open { AMOUNT } else { OPEN });
        }
        is_open
    });
    #[cfg(feature = "hydrate")]
    {
        let back = window_event_listener(leptos::ev::popstate, move |_| state.follow_address());
        let key = window_event_listener(leptos::ev::keydown, move |event| {
            if event.key() != "Escape" {
                return;
            }
            if state.confirming.with_untracked(Option::is_some) {
                state.edit();
            } else if state.open.get_untracked() {
                click(&format!("#{CLOSE}"));
            }
        });
        on_cleanup(move || {
            back.remove();
            key.remove();
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = click;
}

/// Cover of the page beneath the sheet: a click on it closes the sheet.
pub(super) fn scrim(asset: AssetId, state: TicketState) -> impl IntoView {
    let path = format!("/trade/{asset}");
    view! {
        <SheetScrim open=state.open href=path.clone() on:click=in_place(state, move || path.clone()) />
    }
}

/// Head of the sheet: the price, which the sheet may cover, and the way back.
pub(super) fn head(data: &TicketData, state: TicketState) -> impl IntoView + use<> {
    let store = Store::current();
    let (asset, last) = (data.asset_id, data.quote.last);
    let path = format!("/trade/{asset}");
    view! {
        <SheetHead>
            <p translate="no">
                {asset.to_string()} " " {move || format::price(store.price(&asset).unwrap_or(last))}
                <SmallMuted>"\u{a0}USD"</SmallMuted>
            </p>
            <LinkButton look=Look::Quiet id=CLOSE href=path.clone() on:click=in_place(state, move || path.clone())>"Close"</LinkButton>
        </SheetHead>
    }
}

/// The two buttons that open it.
pub(super) fn bar(asset: AssetId, state: TicketState) -> impl IntoView {
    let (buy, sell) = (format!("/trade/{asset}?side=buy"), format!("/trade/{asset}?side=sell"));
    view! {
        <SheetBar label="Order ticket">
            <LinkButton look=Look::Buy id=OPEN href=buy.clone() on:click=in_place(state, move || buy.clone())>"Buy"</LinkButton>
            <LinkButton look=Look::Sell href=sell.clone() on:click=in_place(state, move || sell.clone())>"Sell"</LinkButton>
        </SheetBar>
    }
}
