//! Marks beside a name: a state in a word, a color in a dot.

use leptos::prelude::*;

use super::content::Content;

/// Meaning of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BadgeTone {
    /// A state that needs no attention.
    #[default]
    Plain,
    /// Something that came to nothing.
    Muted,
    /// Something that is still open.
    Active,
    /// Success.
    Good,
    /// Something that needs attention.
    Warning,
}

impl BadgeTone {
    /// The classes of a badge of this tone.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "badge",
            Self::Muted => "badge text-muted",
            Self::Active => "badge text-accent",
            Self::Good => "badge text-up text-13 font-[550]",
            Self::Warning => "badge text-warning text-13 font-[550]",
        }
    }
}

/// A state in a word.
#[component]
pub(crate) fn Badge(
    /// Meaning, which decides the color.
    #[prop(optional)]
    tone: BadgeTone,
    /// Icon and word of the state.
    children: Content,
) -> impl IntoView {
    view! { <span class=tone.class()>{children.0}</span> }
}

/// A dot in the color of a class, beside the name that it stands for.
#[component]
pub(crate) fn Dot(
    /// Class of the color.
    color: &'static str,
) -> impl IntoView {
    let class = format!("inline-block flex-none size-2.5 rounded-full bg-current {color}");
    view! { <span class=class aria-hidden="true"></span> }
}
