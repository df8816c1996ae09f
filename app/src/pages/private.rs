//! What all signed-in pages share: their data, their failures, and the way to sign in.

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::components::failure;
use crate::erased::Erase;
use crate::error::AppError;
use crate::forms::{here, location_assign, path_encode};
use crate::remote::PageData;

/// Shows data once it is there, or why there is none.
pub(super) fn show<T>(data: PageData<T>, view: impl Fn(T) -> AnyView + Send + Sync + 'static) -> AnyView
where
    T: Clone + DeserializeOwned + 'static,
{
    data.show(loading, move |outcome| outcome.map_or_else(|error| refusal(&error), &view))
}

/// Shows another part of data whose refusal is already told elsewhere in the page.
pub(super) fn show_more<T>(data: PageData<T>, view: impl Fn(T) -> AnyView + Send + Sync + 'static) -> AnyView
where
    T: Clone + DeserializeOwned + 'static,
{
    data.show(loading, move |outcome| outcome.map_or_else(|_| ().into_any(), &view))
}

/// Shows data that is the whole page, with its heading: so a refusal brings a heading of its own, and the way on.
pub(super) fn show_page<T>(
    data: PageData<T>,
    way_on: (&'static str, &'static str),
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + DeserializeOwned + 'static,
{
    data.show(loading, move |outcome| outcome.map_or_else(|error| refusal_page(&error, way_on), &view))
}

/// In place of data that is late.
fn loading() -> AnyView {
    view! { <p class="muted loading" role="status">"Loading…"</p> }.erased()
}

/// What is shown instead of data: the reason and what to do, never figures of nothing.
pub(crate) fn refusal(error: &AppError) -> AnyView {
    if error.wants_sign_in() {
        // On the server the redirect is already set; in the browser the whole page is left.
        Effect::new(|_| location_assign(&format!("/login?next={}", path_encode(&here()))));
        return view! {
            <p>
                "Sign in to see this page. " <a href="/login" rel="external">"Sign in"</a>
            </p>
        }
        .erased();
    }
    set_status(error);
    view! {
        <div class="refusal">
            {failure(&error.0)}
            <p>"Your money is not affected by this. " <a href="" rel="external">"Load the page again"</a></p>
        </div>
    }
    .erased()
}

/// The same in place of a whole page.
fn refusal_page(error: &AppError, (path, label): (&'static str, &'static str)) -> AnyView {
    if error.wants_sign_in() {
        return refusal(error);
    }
    set_status(error);
    // What does not exist is not there the next time either.
    let again = (error.0.status() != 404)
        .then(|| view! { <a class="button" href="" rel="external">"Load the page again"</a> });
    view! {
        <section class="refusal">
            <h1>{error.0.code.title()}</h1>
            <p>{error.0.detail.clone()} " Your money is not affected by this."</p>
            <p class="buttons"><a class="button primary" href=path>{label}</a> {again}</p>
        </section>
    }
    .erased()
}

/// The page's own status, where the page is made.
fn set_status(error: &AppError) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(error.0.status()))
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}

/// A sentence about what was just done, announced politely.
pub(super) fn done(sentence: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    view! {
        <div role="status" class="done-place">
            {move || sentence().map(|sentence| view! { <p class="notice good">{sentence}</p> })}
        </div>
    }
    .erased()
}
