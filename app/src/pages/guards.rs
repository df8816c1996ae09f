//! Guard rails: what a trader forbids himself.

#[cfg(feature = "ssr")]
mod draw;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::drawn::{Follow, drawn};
use crate::erased::Erase;

#[cfg(feature = "ssr")]
pub(crate) use self::draw::notice as guard_notice;
#[cfg(feature = "ssr")]
pub(super) use self::draw::{form as draw_form, state as draw_state};

/// The guard rails of the account.
pub(crate) fn guards_page() -> AnyView {
    view! {
        <Title text="Guard rails · CNOP" />
        <div class="stack">
            <h1>"Guard rails"</h1>
            {drawn("guards/state", Follow::Account)}
            {drawn("guards/form", Follow::Nothing)}
        </div>
    }
    .erased()
}
