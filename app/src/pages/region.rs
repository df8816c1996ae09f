//! Parts of pages: each loads on its own, a refusal stands in its place, and a region is swapped in place.

use leptos::error::Errors;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::components::Failure;
use crate::components::ui::{Buttons, LinkButton, Look};
use crate::context::fault_report;
use crate::error::AppError;

/// A part of a page that loads its own data. Its children are a [`Suspend`] of a view or an [`AppError`].
#[component]
pub(crate) fn Part(
    /// Content of the region.
    children: Children,
) -> impl IntoView {
    view! {
        <Suspense>
            <ErrorBoundary fallback=|errors| refusal(&first(&errors))>{children()}</ErrorBoundary>
        </Suspense>
    }
}

/// The main part of a page, with its heading: a refusal brings a heading of its own, and a way on.
#[component]
pub(crate) fn MainPart(
    /// Address and label of the way on after a refusal.
    way_on: (&'static str, &'static str),
    /// Content of the region.
    children: Children,
) -> impl IntoView {
    view! {
        <Suspense>
            <ErrorBoundary fallback=move |errors| refusal_page(&first(&errors), way_on)>{children()}</ErrorBoundary>
        </Suspense>
    }
}

/// A part of a page that `shell/enhance.js` replaces: with the answer to one of its forms or links and, if it follows
/// the account, after each change of the account.
#[component]
pub(crate) fn Region(
    /// Id of the region, unique in the page.
    id: &'static str,
    /// True if it is fetched again when the account has changed.
    #[prop(optional)]
    follows_account: bool,
    /// True if forms of other regions leave it unchanged, because it contains a longer input.
    #[prop(optional)]
    keeps: bool,
    /// True if its links and questions replace it alone.
    #[prop(optional)]
    alone: bool,
    /// Content of the region.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class="region"
            id=id
            data-swap=if keeps { "own" } else { "any" }
            data-alone=alone.then_some("")
            data-follow=follows_account.then_some("account")
        >
            <Part>{children()}</Part>
        </div>
    }
}

fn first(errors: &ArcRwSignal<Errors>) -> AppError {
    let read = |errors: &Errors| {
        let error = errors.iter().next().and_then(|(_, error)| error.downcast_ref::<AppError>().cloned());
        error.unwrap_or_else(AppError::internal)
    };
    errors.with_untracked(read)
}

/// A refusal in place of a part: the reason and the next step, never figures of nothing.
pub(crate) fn refusal(error: &AppError) -> impl IntoView + use<> {
    if error.wants_sign_in() {
        // The redirect is set already.
        return view! { <p>"Sign in to see this page. " <a href="/login">"Sign in"</a></p> }.into_any();
    }
    set_status(error);
    view! {
        <div class="col-span-full flex flex-col items-start gap-3">
            <Failure problem=error.0.clone() />
            <p>"Your money is not affected by this. " <a href="">"Load the page again"</a></p>
        </div>
    }
    .into_any()
}

fn refusal_page(error: &AppError, (path, label): (&'static str, &'static str)) -> impl IntoView + use<> {
    set_status(error);
    // A thing that does not exist does not exist the next time either.
    let again =
        (error.0.status() != 404).then(|| view! { <LinkButton href="">"Load the page again"</LinkButton> });
    view! {
        <section class="col-span-full flex flex-col items-start gap-3">
            <h1>{error.0.code.title()}</h1>
            <p>{error.0.detail.clone()} " Your money is not affected by this."</p>
            <Buttons><LinkButton look=Look::Primary href=path>{label}</LinkButton> {again}</Buttons>
        </section>
    }
}

/// Reports the error, and makes its status the status of the page.
fn set_status(error: &AppError) {
    fault_report(&error.0);
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), http::StatusCode::from_u16(error.0.status()))
    {
        response.set_status(status);
    }
}
