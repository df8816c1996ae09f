//! Secondary text in several forms.

use leptos::prelude::*;

use super::content::Content;

/// A secondary sentence in small type.
#[component]
pub(crate) fn Note(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-muted text-13">{children.0}</p> }
}

/// A sentence in secondary text.
#[component]
pub(crate) fn MutedLine(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-muted">{children.0}</p> }
}

/// A secondary word in a line.
#[component]
pub(crate) fn Muted(
    /// Word that is shown.
    children: Content,
) -> impl IntoView {
    view! { <span class="text-muted">{children.0}</span> }
}

/// A sentence in small type.
#[component]
pub(crate) fn Small(
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-13">{children.0}</p> }
}

/// A word for screen readers alone.
#[component]
pub(crate) fn SpokenOnly(
    /// Word that is shown.
    children: Content,
) -> impl IntoView {
    view! { <span class="sr-only">{children.0}</span> }
}

/// The heading of a row.
#[component]
pub(crate) fn RowTitle(
    /// Heading of the element.
    children: Content,
) -> impl IntoView {
    view! { <p class="font-[550]">{children.0}</p> }
}

/// An explanation beneath a field or a form.
#[component]
pub(crate) fn Hint(
    /// Id, which the field names as its description.
    #[prop(optional, into)]
    id: Option<String>,
    /// Explanation that is shown.
    children: Content,
) -> impl IntoView {
    view! { <p class="text-muted text-13" id=id>{children.0}</p> }
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
    view! { <span class="text-muted text-13">{children.0}</span> }
}

/// A link in small type.
#[component]
pub(crate) fn SmallLink(
    /// Target of the link.
    href: &'static str,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <a class="text-13" href=href>{children.0}</a> }
}

/// A line of code; it scrolls sideways where it does not fit.
#[component]
pub(crate) fn CodeLine(
    /// The code.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "block max-w-full px-3.5 py-3 overflow-x-auto border border-line rounded-control bg-surface whitespace-pre ",
        "max-sm:whitespace-pre-wrap max-sm:wrap-anywhere",
    );
    view! { <code class=class tabindex="0">{children.0}</code> }
}
