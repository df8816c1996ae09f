//! Who the user is, how he signs in and what he prefers to see.

#[cfg(feature = "ssr")]
mod draw;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
mod preferences;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::standing_links;
use crate::drawn::{Follow, drawn};
use crate::erased::Erase;

#[cfg(feature = "ssr")]
pub(super) use self::draw::profile as draw_profile;

/// The user's data, and the way out.
pub(crate) fn profile_page() -> AnyView {
    view! {
        <Title text="Profile · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Profile"</h1>
                {standing_links()}
            </div>
            {drawn("profile", Follow::Nothing)}
        </div>
    }
    .erased()
}
