//! The outcome of a form.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::ui::{Notice, Tone};

/// Id of the element that tells the outcome of the last form; gets the focus.
pub(crate) const FORM_RESULT: &str = "form-result";

/// Outcome of the form that was sent last; gets the focus.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Outcome(
    /// Content of the notice.
    children: Children,
) -> impl IntoView {
    view! { <Notice tone=Tone::Good id=FORM_RESULT role="status" focusable=true>{children()}</Notice> }
}
