//! The keys of the trading page. `shell/keys.js` opens the list.

use leptos::prelude::*;

use crate::components::ui::{Facts, Note};

/// Keys, and their effects.
const KEYS: [(&str, &str); 9] = [
    ("/", "Search assets"),
    ("B, S", "Buy, sell"),
    ("M, L", "Market order, limit order"),
    ("↑, ↓", "In a price or amount: one step up or down; with Shift, ten"),
    ("Ctrl + Enter", "Review the order, then place it"),
    ("X", "Cancel the order whose row has the focus"),
    ("Esc", "Back"),
    ("?", "This list"),
    ("%", "In a price: 3% is that far above the last price, -3% below"),
];

/// The list, a dialog.
pub(super) fn help() -> impl IntoView {
    let keys = KEYS
        .into_iter()
        .map(|(key, effect)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{effect}</dd></div> })
        .collect_view();
    view! {
        <dialog class="help" id="keys-help" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keyboard shortcuts"</h2>
            <Facts>{keys}</Facts>
            <Note>"Turn them off in the ticket's settings."</Note>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
}
