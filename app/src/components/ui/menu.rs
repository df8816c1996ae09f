//! Menus that open below their switch, without scripts. `shell/enhance.js` closes one when another opens.

use leptos::prelude::*;

/// Classes of a switch that shows a text.
pub(crate) const MENU_SWITCH: &str = "flex items-center gap-1.5 min-h-10 px-2 rounded-control text-14 font-[550] whitespace-nowrap hover:bg-hover";

/// Classes of the list that a menu opens.
pub(crate) const MENU_LIST: &str = concat!(
    "absolute right-0 top-[calc(100%+4px)] z-30 flex flex-col p-1.5 border border-line rounded-panel ",
    "bg-raised shadow-raised",
);

/// Classes of an entry: a link or a button.
pub(crate) const MENU_ENTRY: &str = concat!(
    "block w-full min-h-10 px-2.5 py-[9px] rounded-control text-text text-14 leading-[22px] text-left ",
    "hover:bg-hover aria-pressed:text-accent aria-pressed:font-semibold",
);

/// A link of a menu.
#[component]
pub(crate) fn MenuLink(
    /// Target of the link.
    href: &'static str,
    /// Label of the link.
    label: &'static str,
) -> impl IntoView {
    view! { <a class=MENU_ENTRY href=href>{label}</a> }
}
