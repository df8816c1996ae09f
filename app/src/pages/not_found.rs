//! Page not found.

use leptos::prelude::*;

use crate::components::ui::{LinkButton, Look, Prose};
use leptos_meta::Title;

/// The page for every address that leads nowhere, with status 404.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found · CNOP" />
        <Prose>
            <h1>"Page not found"</h1>
            <p>"The address may be mistyped, or the page has moved."</p>
            <p>
                <LinkButton look=Look::Primary href="/market">"Go to the market"</LinkButton>
            </p>
        </Prose>
    }
}
