//! Nothing there, something wrong, more pages.

use cnop_api::Problem;
use leptos::prelude::*;

use super::{Icon, icon};
use crate::erased::Erase;

/// Says what will be here and gives the one next step.
pub(crate) fn empty(
    title: &'static str,
    text: &'static str,
    step: Option<(&'static str, &'static str)>,
) -> AnyView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            {step.map(|(path, label)| view! { <a class="button primary" href=path>{label}</a> })}
        </div>
    }
    .erased()
}

/// Says what went wrong, and that nothing was done.
pub(crate) fn failure(problem: &Problem) -> AnyView {
    view! {
        <div class="notice bad" role="alert">
            {icon(Icon::Warning)}
            <div>
                <p class="notice-title">{problem.code.title()}</p>
                <p>{problem.detail.clone()}</p>
            </div>
        </div>
    }
    .erased()
}

/// Links of a list that begins with the newest and is read downwards: back to its beginning, and on.
#[cfg(feature = "ssr")]
pub(crate) fn pager_older(label: &'static str, newest: Option<String>, older: Option<String>) -> AnyView {
    if newest.is_none() && older.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="pager" aria-label=label>
            {newest.map(|path| view! { <a class="button" href=path>{icon(Icon::Back)} "Newest"</a> })}
            {older.map(|path| view! { <a class="button" rel="next" href=path>"Older" {icon(Icon::Forward)}</a> })}
        </nav>
    }
    .erased()
}

/// Links to the page before and the page after.
pub(crate) fn pager(label: &'static str, before: Option<String>, after: Option<String>) -> AnyView {
    if before.is_none() && after.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="pager" aria-label=label>
            {before.map(|path| view! { <a class="button" rel="prev" href=path>{icon(Icon::Back)} "Previous"</a> })}
            {after.map(|path| view! { <a class="button" rel="next" href=path>"Next" {icon(Icon::Forward)}</a> })}
        </nav>
    }
    .erased()
}

/// Links to what works for an account while nobody looks.
pub(crate) fn standing_links() -> AnyView {
    view! {
        <nav class="chips" aria-label="Standing instructions">
            <a class="chip" href="/recurring">"Recurring orders"</a>
            <a class="chip" href="/alerts">"Price alerts"</a>
            <a class="chip" href="/guards">"Guard rails"</a>
        </nav>
    }
    .erased()
}
