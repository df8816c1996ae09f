//! One set of icons: 20 pixels, stroke 1.5, stroked in the text's color.

use leptos::prelude::*;

/// An icon of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "ssr"), allow(dead_code, reason = "islands use a few of them"))]
pub(crate) enum Icon {
    /// The logo of the venue.
    Mark,
    /// Market: three rising bars.
    Market,
    /// Trade: two opposite arrows.
    Trade,
    /// Portfolio: a pie chart.
    Portfolio,
    /// Orders: lines of a list.
    Orders,
    /// Account: an open wallet.
    Account,
    /// A head and shoulders.
    Person,
    /// Theme: a half-filled disc.
    Theme,
    /// Pause: two vertical bars.
    Pause,
    /// Play: a right-pointing triangle.
    Play,
    /// Search: a magnifying glass.
    Search,
    /// An arrow to the right.
    Forward,
    /// An arrow to the left.
    Back,
    /// A triangle with a mark.
    Warning,
    /// Done: a check mark.
    Done,
    /// Edit: a pencil.
    Edit,
    /// Close or cancel: a cross.
    Close,
}

impl Icon {
    /// Its path on a field of 20 × 20.
    const fn path(self) -> &'static str {
        match self {
            Self::Mark => "M3 14.5 7.5 9l3.5 3.5L17 5.5M13 5.5h4v4",
            Self::Market => "M4 16v-5M8 16V7M12 16v-7M16 16V4",
            Self::Trade => "M3 7h13m-3.5-3.5L16 7l-3.5 3.5M17 13H4m3.5-3.5L4 13l3.5 3.5",
            Self::Portfolio => "M10 3a7 7 0 1 0 7 7h-7zM13 2.6A7 7 0 0 1 17.4 7H13z",
            Self::Orders => "M7.5 5H17M7.5 10H17M7.5 15H17M3.5 5h.5M3.5 10h.5M3.5 15h.5",
            Self::Account => {
                "M3 6.5h12.5A1.5 1.5 0 0 1 17 8v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15zM3 6.5 13 3.5v3M13.5 11.5h.5"
            }
            Self::Person => "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.6-2.8 3-4 6-4s5.4 1.2 6 4",
            Self::Theme => "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
            Self::Pause => "M7 4.5v11M13 4.5v11",
            Self::Play => "M6.5 4.5v11l9-5.5z",
            Self::Search => "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
            Self::Forward => "M4 10h12m-4.5-4.5L16 10l-4.5 4.5",
            Self::Back => "M16 10H4m4.5-4.5L4 10l4.5 4.5",
            Self::Warning => "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.3v.2",
            Self::Done => "m4 10.5 4 4 8-9",
            Self::Edit => "M4 16v-3l9-9 3 3-9 9zM11.5 5.5l3 3",
            Self::Close => "m5 5 10 10M15 5 5 15",
        }
    }
}

/// Draws an icon; it always stands beside a text or inside something with a label.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
