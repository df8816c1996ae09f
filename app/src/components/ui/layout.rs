//! Layout: parts of a page beneath and beside each other.

use leptos::prelude::*;

use super::content::Content;

/// Parts of a page, with space between them.
#[component]
pub(crate) fn Stack(
    /// Parts of the layout.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex flex-col gap-6">{children.0}</div> }
}

/// A short page in the middle of a wide window.
#[component]
pub(crate) fn Narrow(
    /// Parts of the layout.
    children: Content,
) -> impl IntoView {
    view! { <section class="flex flex-col gap-6 w-full max-w-110 mx-auto">{children.0}</section> }
}

/// The heading of a page with its actions.
#[component]
pub(crate) fn PageHead(
    /// Heading and actions of the page.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex flex-wrap items-center justify-between gap-y-2 gap-x-4 mb-5">{children.0}</div> }
}

/// Two columns on a wide window, one on a phone.
#[component]
pub(crate) fn Columns(
    /// True if both are of the same width; otherwise the second one is narrow.
    #[prop(optional)]
    even: bool,
    /// Columns of the table.
    children: Content,
) -> impl IntoView {
    let class = if even {
        "grid grid-cols-1 gap-5 items-start wide:grid-cols-2"
    } else {
        "grid grid-cols-1 gap-5 items-start wide:grid-cols-[minmax(0,1fr)_340px]"
    };
    view! { <div class=class>{children.0}</div> }
}

/// Text to read, in lines of a comfortable length.
#[component]
pub(crate) fn Prose(
    /// Headings and paragraphs of text.
    children: Content,
) -> impl IntoView {
    view! { <article class="flex flex-col gap-4 max-w-[68ch] [&_h2]:mt-4 [&_h2]:text-20 [&_:is(ul,ol)]:flex [&_:is(ul,ol)]:flex-col [&_:is(ul,ol)]:gap-2 [&_:is(ul,ol)]:pl-6 [&_ul]:list-disc [&_ol]:list-decimal">{children.0}</article> }
}

/// A part that opens.
#[component]
pub(crate) fn Disclosure(
    /// Label of its switch.
    #[prop(into)]
    label: String,
    /// True if it is open at first.
    #[prop(optional)]
    open: bool,
    /// Content of the element.
    children: Content,
) -> impl IntoView {
    view! { <details class="more" open=open><summary>{label}</summary> {children.0}</details> }
}
