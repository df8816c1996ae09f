//! News of the account.

use leptos::prelude::*;

use super::Store;
use crate::components::ui::{TOAST_LINK, Toast};

/// The newest event of the account that its owner did not cause, announced politely and shown for a while.
#[island]
pub(crate) fn NewsToast() -> impl IntoView {
    let store = Store::current();
    view! {
        <Toast>
            {move || store.news().map(|news| view! { <a class=TOAST_LINK href=news.path>{news.text}</a> })}
        </Toast>
    }
}
