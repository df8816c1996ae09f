//! Notices: sentences with a colored edge.

use leptos::prelude::*;

use super::content::Content;

/// Meaning of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Success of an action.
    Good,
    /// A problem or refusal.
    Bad,
    /// A warning without refusal.
    Warning,
}

impl Tone {
    /// The classes of a notice of this tone.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "notice good",
            Self::Bad => "notice bad",
            Self::Warning => "notice warn",
        }
    }
}

/// A notice of one sentence.
#[component]
pub(crate) fn Notice(
    /// Meaning, which decides the color.
    tone: Tone,
    /// Id, unique in the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// ARIA role of the announcement: `status` or `alert`.
    #[prop(optional)]
    role: Option<&'static str>,
    /// True if a script moves the focus here.
    #[prop(optional)]
    focusable: bool,
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class=tone.class() id=id role=role tabindex=focusable.then_some("-1")>{children.0}</p> }
}

/// The heading of a notice with several sentences.
#[component]
pub(crate) fn NoticeTitle(
    /// Heading of the element.
    children: Content,
) -> impl IntoView {
    view! { <p class="font-semibold">{children.0}</p> }
}

/// A warning that comes and goes. It stays in the page while it is empty, so that it is announced, and takes no room.
#[component]
pub(crate) fn Announcement(
    /// Sentence for the trader; empty for none.
    #[prop(into)]
    text: Signal<String>,
    /// True for a notice; otherwise it is a line of text.
    #[prop(optional)]
    framed: bool,
    /// ARIA role: `status`.
    #[prop(optional)]
    role: Option<&'static str>,
) -> impl IntoView {
    let class = if framed {
        "notice warn [&.blank]:absolute [&.blank]:p-0 [&.blank]:border-0"
    } else {
        "text-warning text-13 [&.blank]:absolute"
    };
    view! { <p class=class class:blank=move || text.with(String::is_empty) role=role>{move || text.get()}</p> }
}
