//! News of the account.

use leptos::prelude::*;

use super::Store;

/// The newest event of the account that its owner did not cause, announced politely and shown for a while.
#[island]
pub(crate) fn NewsToast() -> impl IntoView {
    let store = Store::current();
    view! {
        <div class="fixed right-4 bottom-[calc(72px_+_env(safe-area-inset-bottom))] left-4 z-30 flex justify-center pointer-events-none [&_a]:max-w-120 [&_a]:py-3 [&_a]:px-4 [&_a]:border [&_a]:border-control [&_a]:border-l-4 [&_a]:border-l-accent [&_a]:rounded-control [&_a]:bg-raised [&_a]:shadow-raised [&_a]:text-text [&_a]:text-14 [&_a]:underline [&_a]:pointer-events-auto wide:bottom-6 wide:left-auto" role="status">
            {move || store.news().map(|news| view! { <a href=news.path>{news.text}</a> })}
        </div>
    }
}
