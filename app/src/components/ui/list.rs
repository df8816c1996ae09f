//! Lists whose entries have a description, figures and actions.

use leptos::prelude::*;

use super::content::Content;

/// A list of entries.
#[component]
pub(crate) fn Entries(
    /// The entries.
    children: Content,
) -> impl IntoView {
    view! { <ul class="open-orders">{children.0}</ul> }
}

/// An entry: description, figures and actions beside each other on a wide window.
#[component]
pub(crate) fn Entry(
    /// Description, figures, actions.
    children: Content,
) -> impl IntoView {
    view! { <li class="open-order">{children.0}</li> }
}

/// The description of an entry.
#[component]
pub(crate) fn EntryText(
    /// The description.
    children: Content,
) -> impl IntoView {
    view! { <div class="open-order-what">{children.0}</div> }
}

/// The figures of an entry.
#[component]
pub(crate) fn EntryFigures(
    /// The figures: a `<div>` with `<dt>` and `<dd>` each.
    children: Content,
) -> impl IntoView {
    view! { <dl class="open-order-figures small">{children.0}</dl> }
}

/// The actions of an entry.
#[component]
pub(crate) fn EntryActions(
    /// The buttons.
    children: Content,
) -> impl IntoView {
    view! { <div class="open-order-acts">{children.0}</div> }
}

/// Rules in small type.
#[component]
pub(crate) fn Rules(
    /// The rules, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="rule-list small">{children.0}</ul> }
}

/// Steps of an order, one beneath the other.
#[component]
pub(crate) fn Story(
    /// The steps, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="story">{children.0}</ul> }
}

/// Findings with a colored edge.
#[component]
pub(crate) fn Findings(
    /// The findings, `<li>` each.
    children: Content,
) -> impl IntoView {
    view! { <ul class="findings">{children.0}</ul> }
}
