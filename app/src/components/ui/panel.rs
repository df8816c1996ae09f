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
    /// The classes of a panel of this kind.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "panel p-4 border border-line rounded-panel bg-surface [&>h2]:mb-3",
            Self::Flush => concat!(
                "flush overflow-clip border border-line rounded-panel bg-surface ",
                "[&>h2]:px-4 [&>h2]:pt-4 [&>h2]:mb-3",
            ),
            Self::Form => "panel flex flex-col gap-4 p-4 border border-line rounded-panel bg-surface",
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
    view! {
        <div class="flex flex-wrap items-center justify-between gap-2 mb-3 [.flush>&]:px-4 [.flush>&]:pt-4 [&>a]:inline-flex [&>a]:items-center [&>a]:py-1 [&>a]:text-14 pointer-coarse:[&>a]:min-h-10">
            {children.0}
        </div>
    }
}

/// The heading of a part of a panel.
#[component]
pub(crate) fn PanelSubhead(
    /// Heading of the part.
    children: Content,
) -> impl IntoView {
    view! { <h3 class="mt-3 mb-1">{children.0}</h3> }
}
