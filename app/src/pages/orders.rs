//! All orders: what is open with what can be done about it, then the history, with filters and pages in the address.

#[cfg(feature = "ssr")]
mod act;
#[cfg(feature = "ssr")]
mod history;
#[cfg(feature = "ssr")]
mod open;
#[cfg(feature = "ssr")]
mod table;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::drawn::{Follow, drawn};
use crate::erased::Erase;

#[cfg(feature = "ssr")]
pub(super) use self::{
    act::act as draw_act, history::history as draw_history, history::last as draw_last,
    open::open as draw_open,
};

/// The account's orders, newest first.
pub(crate) fn orders_page() -> AnyView {
    view! {
        <Title text="Orders · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Orders"</h1>
                <a class="button primary" href="/trade">"New order"</a>
            </div>
            {drawn("orders/act", Follow::Nothing)}
            {drawn("orders/open", Follow::Account)}
            {drawn("orders/history", Follow::Account)}
        </div>
    }
    .erased()
}
