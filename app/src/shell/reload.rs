//! Under `make dev` an open page loads itself again after each build. Releases have nothing of it.

use leptos::prelude::*;

/// Additional connection sources of the page: in development cargo-leptos, which announces new builds.
#[cfg(debug_assertions)]
pub(super) const SOURCES: &str = " ws://127.0.0.1:3001 ws://localhost:3001";
/// Additional connection sources of the page: none.
#[cfg(not(debug_assertions))]
pub(super) const SOURCES: &str = "";

/// The script that waits for the next build; none unless cargo-leptos watches.
#[cfg(debug_assertions)]
pub(super) fn script() -> AnyView {
    let options = LeptosOptions::builder().output_name("cnop").build();
    view! { <AutoReload options /> }.into_any()
}

/// No script in a release.
#[cfg(not(debug_assertions))]
pub(super) fn script() -> AnyView {
    ().into_any()
}
