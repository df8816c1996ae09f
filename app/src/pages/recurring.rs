//! Recurring orders: what is bought again and again, and what became of each run.

#[cfg(feature = "ssr")]
mod draw;
#[cfg(feature = "ssr")]
mod form;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::drawn::{Follow, drawn};
use crate::erased::Erase;

#[cfg(feature = "ssr")]
pub(super) use self::{draw::list as draw_list, draw::paused_count, form::act as draw_act};

/// The recurring orders of the account.
pub(crate) fn recurring_page() -> AnyView {
    view! {
        <Title text="Recurring orders · CNOP" />
        <div class="stack">
            <h1>"Recurring orders"</h1>
            {drawn("recurring/list", Follow::Account)}
            {drawn("recurring/act", Follow::Nothing)}
        </div>
    }
    .erased()
}
