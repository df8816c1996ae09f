//! News of the account: as a toast, and as the text of the list.

#[cfg(feature = "ssr")]
use cnop_api::events::AccountEvent;
use leptos::prelude::*;

use super::Store;
#[cfg(feature = "ssr")]
use super::json::Json;
#[cfg(feature = "ssr")]
use super::store::{LiveEvent, News};
use crate::components::ui::{TOAST_CLOSE, TOAST_LINK, Toast};

/// The words of the toast about an event of the log; none if it has no toast.
#[cfg(feature = "ssr")]
pub(crate) fn news_of(event: &AccountEvent) -> Option<News> {
    let json = Json::parse(&serde_json::to_string(event).ok()?)?;
    LiveEvent::read(&json)?.news()
}

/// The newest event of the account that its owner did not cause, announced politely and shown for a while.
#[island]
pub(crate) fn NewsToast() -> impl IntoView {
    let store = Store::current();
    view! {
        <Toast>
            {move || {
                store.news().map(|news| {
                    view! {
                        <a class=TOAST_LINK href=news.path>{news.text}</a>
                        <button type="button" class=TOAST_CLOSE aria-label="Close" on:click=move |_| store.news.set(None)>"✕"</button>
                    }
                })
            }}
        </Toast>
    }
}
