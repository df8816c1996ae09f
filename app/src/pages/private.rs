//! What all signed-in pages share: their data, their failures, and the way to sign in.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::components::failure;
use crate::error::AppError;
use crate::forms::{here, location_assign, path_encode};
use crate::live::Live;

/// Data of a page, there before the page leaves the server.
pub(super) type PageData<T> = Resource<Result<T, AppError>>;

/// Reads data again whenever the account has changed.
pub(super) fn follow_account<T>(data: PageData<T>)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let live = Live::current();
    Effect::new(move |before: Option<Option<u64>>| {
        let now = live.event().map(|event| event.seq);
        if now.is_some() && before.is_some_and(|before| before != now) {
            data.refetch();
        }
        now
    });
}

/// Shows data once it is there: while it is read again what was there stays.
///
/// Everything that a part of a page waits for is one resource, awaited here: a part that waited inside another would
/// be drawn by the server in one of two ways, whichever came first, and the browser could not take it over.
pub(super) fn show<T>(
    data: PageData<T>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    show_or(data, view, |error| refusal(&error))
}

/// Shows another part of data whose refusal is already told elsewhere in the page.
pub(super) fn show_more<T>(
    data: PageData<T>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    show_or(data, view, |_| ().into_any())
}

fn show_or<T>(
    data: PageData<T>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
    otherwise: fn(AppError) -> AnyView,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="muted loading" role="status">"Loading…"</p> }>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => view(value),
                        Err(error) => otherwise(error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// What is shown instead of data: the reason and what to do, never figures of nothing.
pub(super) fn refusal(error: &AppError) -> AnyView {
    if error.wants_sign_in() {
        // On the server the redirect is already set; in the browser the whole page is left.
        Effect::new(|_| location_assign(&format!("/login?next={}", path_encode(&here()))));
        return view! {
            <p>
                "Sign in to see this page. " <a href="/login" rel="external">"Sign in"</a>
            </p>
        }
        .into_any();
    }
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(error.0.status()))
    {
        response.set_status(status);
    }
    view! {
        <div class="stack">
            {failure(&error.0)}
            <p>"Your money is not affected by this. " <a href="" rel="external">"Load the page again"</a></p>
        </div>
    }
    .into_any()
}

/// A sentence about what was just done, announced politely.
pub(super) fn done(sentence: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    view! {
        <div role="status" class="done-place">
            {move || sentence().map(|sentence| view! { <p class="notice good">{sentence}</p> })}
        </div>
    }
    .into_any()
}
