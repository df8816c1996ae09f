//! Live parts of the top bar.

use cnop_domain::Amount;
use leptos::prelude::*;

use super::{Packed, Store};
use crate::components::ui::ICON_BUTTON;
use crate::components::{Icon, icon};
use crate::format;

/// State of the live connection in a word.
#[island]
pub(crate) fn ConnectionState() -> impl IntoView {
    let store = Store::current();
    view! {
        <span class="connection flex items-center gap-1.5 text-muted text-13 whitespace-nowrap max-[480px]:min-w-11 min-[480px]:justify-end min-[480px]:min-w-27" data-state=move || store.connection().as_str()>
            <span class="noscript:hidden max-[480px]:in-data-[state=connecting]:sr-only" role="status" translate="no">{move || store.connection().label()}</span>
            <span class="hidden noscript:inline">"Live updates off"</span>
        </span>
    }
}

/// Switch that pauses live prices.
#[island]
pub(crate) fn PauseButton() -> impl IntoView {
    let store = Store::current();
    view! {
        <button
            class=ICON_BUTTON
            data-script=""
            r#type="button"
            aria-pressed=move || if store.is_paused() { "true" } else { "false" }
            aria-label="Pause live prices"
            title="Pause live prices"
            on:click=move |_| store.pause_toggle()
        >
            {move || icon(if store.is_paused() { Icon::Play } else { Icon::Pause })}
        </button>
    }
}

/// Dollars available to spend.
#[island]
pub(crate) fn AvailableBalance(
    /// At the time of rendering; none when it could not be read.
    #[prop(into)]
    initial: Packed<Option<Amount>>,
) -> impl IntoView {
    let store = Store::current();
    let text =
        move || store.available().or(initial.0).map_or_else(|| "Account".to_owned(), format::usd_cents);
    view! { <span translate="no">{text}</span> }
}
