//! Panels: framed parts of a page.

use leptos::prelude::*;

use super::content::Content;

/// Layout of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PanelKind {
    /// Space around the content.
    #[default]
    Plain,
    /// The content reaches the frame: tables and lists.
    Flush,
    /// Parts beneath each other, as in a form.
    Form,
}

impl PanelKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "panel",
            Self::Flush => "panel panel-flush",
            Self::Form => "panel form",
        }
    }
}

/// A framed part of a page.
#[component]
pub(crate) fn Panel(
    /// Layout of the element.
    #[prop(optional)]
    kind: PanelKind,
    /// Id, unique in the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Id of its heading.
    #[prop(optional, into)]
    labelled_by: Option<String>,
    /// Name, where no heading is shown.
    #[prop(optional)]
    label: Option<&'static str>,
    /// True if a script moves the focus here.
    #[prop(optional)]
    focusable: bool,
    /// Content of the element.
    children: Content,
) -> impl IntoView {
    view! {
        <section
            class=kind.class()
            id=id
            aria-labelledby=labelled_by
            aria-label=label
            tabindex=focusable.then_some("-1")
        >
            {children.0}
        </section>
    }
}

/// The heading of a panel with its links.
#[component]
pub(crate) fn PanelHead(
    /// Heading and links of the panel.
    children: Content,
) -> impl IntoView {
    view! { <div class="panel-head">{children.0}</div> }
}
