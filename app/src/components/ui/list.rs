//! Lists whose entries have a description, figures and actions.

use leptos::prelude::*;

use super::content::Content;

/// A list of entries.
#[component]
pub(crate) fn Entries(
    /// Entries of the list.
    children: Content,
) -> impl IntoView {
    view! { <ul class="[&>li_+_li]:border-t [&>li_+_li]:border-t-line">{children.0}</ul> }
}

/// An entry: description, figures and actions beside each other on a wide window.
#[component]
pub(crate) fn Entry(
    /// Description, figures and actions of an entry.
    children: Content,
) -> impl IntoView {
    view! { <li class="grid gap-y-2.5 gap-x-4 py-3.5 px-4 wide:grid-cols-[minmax(200px,1fr)_minmax(0,2fr)_auto]">{children.0}</li> }
}

/// The description of an entry.
#[component]
pub(crate) fn EntryText(
    /// Description of the entry.
    children: Content,
) -> impl IntoView {
    view! { <div class="min-w-0">{children.0}</div> }
}

/// The figures of an entry.
#[component]
pub(crate) fn EntryFigures(
    /// The figures: a `<div>` with `<dt>` and `<dd>` each.
    children: Content,
) -> impl IntoView {
    view! { <dl class="grid grid-cols-[repeat(auto-fill,minmax(116px,1fr))] gap-y-1.5 gap-x-4 [align-content:start] [&_dt]:text-muted [&_dt]:text-12 [&_dd]:font-[550] [&_dd]:wrap-anywhere text-13">{children.0}</dl> }
}

/// The actions of an entry.
#[component]
pub(crate) fn EntryActions(
    /// Buttons of the group.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex flex-wrap gap-2 items-start wide:justify-end">{children.0}</div> }
}

/// Rules in small type.
#[component]
pub(crate) fn Rules(
    /// The rules, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="flex flex-col gap-1.5 text-13">{children.0}</ul> }
}

/// Steps of an order, one beneath the other.
#[component]
pub(crate) fn Story(
    /// The steps, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="flex flex-col gap-3 mb-3 [.notice_&]:my-2">{children.0}</ul> }
}

/// Steps in the order of time, along a line.
#[component]
pub(crate) fn Timeline(
    /// The steps, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ol class="flex flex-col gap-3 mb-3 pl-[18px] border-l-2 border-line">{children.0}</ol> }
}

/// Findings with a colored edge.
#[component]
pub(crate) fn Findings(
    /// The findings, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="flex flex-col gap-3 my-3 mx-0 [&_li]:flex [&_li]:gap-2.5 [&_li]:pl-3 [&_li]:border-l-3 [&_li]:border-l-line [&_li]:text-14 [&_li.warn]:border-l-warning [&_li.warn>.icon]:flex-none [&_li.warn>.icon]:text-warning">{children.0}</ul> }
}
