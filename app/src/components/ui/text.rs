//! Secondary text in several forms.

use leptos::prelude::*;

use super::content::Content;

/// A secondary sentence in small type.
#[component]
pub(crate) fn Note(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="muted small">{children.0}</p> }
}

/// A sentence in secondary text.
#[component]
pub(crate) fn MutedLine(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="muted">{children.0}</p> }
}

/// A secondary word in a line.
#[component]
pub(crate) fn Muted(
    /// Word that is shown.
    children: Content,
) -> impl IntoView {
    view! { <span class="muted">{children.0}</span> }
}

/// A sentence in small type.
#[component]
pub(crate) fn Small(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="small">{children.0}</p> }
}

/// A word for screen readers alone.
#[component]
pub(crate) fn SpokenOnly(
    /// Word that is shown.
    children: Content,
) -> impl IntoView {
    view! { <span class="hidden-word">{children.0}</span> }
}

/// The heading of a row.
#[component]
pub(crate) fn RowTitle(
    /// Heading of the element.
    children: Content,
) -> impl IntoView {
    view! { <p class="row-title">{children.0}</p> }
}

/// An explanation beneath a field or a form.
#[component]
pub(crate) fn Hint(
    /// Explanation that is shown.
    children: Content,
) -> impl IntoView {
    view! { <p class="hint text-muted text-13">{children.0}</p> }
}

/// The name of a figure in a line.
#[component]
pub(crate) fn LabelLine(
    /// ARIA role of the announcement of a change: `status`.
    #[prop(optional)]
    role: Option<&'static str>,
    /// Name in the cell.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-muted text-13" role=role>{children.0}</p> }
}

/// A secondary word in a line, in small type.
#[component]
pub(crate) fn SmallMuted(
    /// Word that is shown.
    children: Content,
) -> impl IntoView {
    view! { <span class="muted small">{children.0}</span> }
}

/// A link in small type.
#[component]
pub(crate) fn SmallLink(
    /// Target of the link.
    href: &'static str,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <a class="small" href=href>{children.0}</a> }
}
