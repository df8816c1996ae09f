//! Price alerts: told once when a price reaches a level.

#[cfg(feature = "ssr")]
mod draw;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::drawn::{Follow, drawn};
use crate::erased::Erase;

#[cfg(feature = "ssr")]
pub(super) use self::draw::{form as draw_form, list as draw_list};

/// The price alerts of the account.
pub(crate) fn alerts_page() -> AnyView {
    view! {
        <Title text="Price alerts · CNOP" />
        <div class="stack">
            <h1>"Price alerts"</h1>
            {drawn("alerts/form", Follow::Nothing)}
            {drawn("alerts/list", Follow::Account)}
        </div>
    }
    .erased()
}
