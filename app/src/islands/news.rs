//! News of the account.

use leptos::prelude::*;

use super::Store;

/// The newest event of the account that its owner did not cause, announced politely and shown for a while.
#[island]
pub(crate) fn NewsToast() -> impl IntoView {
    let store = Store::current();
    view! {
        <div class="news" role="status">
            {move || store.news().map(|news| view! { <a href=news.path>{news.text}</a> })}
        </div>
    }
}
