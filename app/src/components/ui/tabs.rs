//! Tabs: a few views of one thing.

use leptos::prelude::*;

use super::content::Content;

/// Links side by side; the one with `aria-current` is the view that is shown.
#[component]
pub(crate) fn TabBar(
    /// Name of the choice; none inside a named element.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Links of the group.
    children: Content,
) -> impl IntoView {
    view! { <nav class="tabs" aria-label=label>{children.0}</nav> }
}
