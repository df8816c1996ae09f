//! Secondary text.

use leptos::prelude::*;

use super::content::Content;

/// A secondary sentence in small type.
#[component]
pub(crate) fn Note(
    /// The sentence.
    children: Content,
) -> impl IntoView {
    view! { <p class="muted small">{children.0}</p> }
}

/// A secondary sentence.
#[component]
pub(crate) fn MutedLine(
    /// The sentence.
    children: Content,
) -> impl IntoView {
    view! { <p class="muted">{children.0}</p> }
}

/// A secondary word in a line.
#[component]
pub(crate) fn Muted(
    /// The word.
    children: Content,
) -> impl IntoView {
    view! { <span class="muted">{children.0}</span> }
}

/// A sentence in small type.
#[component]
pub(crate) fn Small(
    /// The sentence.
    children: Content,
) -> impl IntoView {
    view! { <p class="small">{children.0}</p> }
}

/// A word for screen readers alone.
#[component]
pub(crate) fn SpokenOnly(
    /// The word.
    children: Content,
) -> impl IntoView {
    view! { <span class="hidden-word">{children.0}</span> }
}

/// The heading of a row.
#[component]
pub(crate) fn RowTitle(
    /// The heading.
    children: Content,
) -> impl IntoView {
    view! { <p class="row-title">{children.0}</p> }
}

/// An explanation beneath a field or a form.
#[component]
pub(crate) fn Hint(
    /// The explanation.
    children: Content,
) -> impl IntoView {
    view! { <p class="hint text-muted text-13">{children.0}</p> }
}

/// The name of a figure in a line.
#[component]
pub(crate) fn LabelLine(
    /// How a change is announced: `status`.
    #[prop(optional)]
    role: Option<&'static str>,
    /// The name.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-muted text-13" role=role>{children.0}</p> }
}

/// A secondary word in a line, in small type.
#[component]
pub(crate) fn SmallMuted(
    /// The word.
    children: Content,
) -> impl IntoView {
    view! { <span class="muted small">{children.0}</span> }
}

/// A link in small type.
#[component]
pub(crate) fn SmallLink(
    /// Address.
    href: &'static str,
    /// The label.
    children: Content,
) -> impl IntoView {
    view! { <a class="small" href=href>{children.0}</a> }
}
