//! The sheet: a part of the page that covers a phone from below, and stands in its place on a wide window.
//!
//! The address says whether it is open, so that it opens and closes without scripts. While it is open, `style/trade.css`
//! makes the page beneath it inert.

use leptos::prelude::*;

use super::content::Content;

/// The sheet.
#[component]
pub(crate) fn Sheet(
    /// True if it is open on a phone.
    #[prop(into)]
    open: Signal<bool>,
    /// Head and panel of the sheet.
    children: Content,
) -> impl IntoView {
    // What takes the focus inside is not under the foot. On a wide window the panel scrolls, so that the foot is always in
    // the window: the top bar and its gap lie above.
    let class = concat!(
        "sheet flex flex-col gap-3 min-w-0 focus:outline-none trade:sticky trade:top-16 trade:self-start ",
        "trade:[&>.panel]:max-h-[calc(100dvh-72px)] trade:[&>.panel]:overflow-y-auto trade:[&>.panel]:gap-3 ",
        "trade:[&>.panel]:px-4 trade:[&>.panel]:pt-3 trade:[&>.panel]:pb-0 trade:[&>.panel]:[scroll-padding:0_0_180px] ",
        "trade:[&>.panel]:[scrollbar-width:thin] max-trade:not-[.open]:hidden ",
        "max-trade:fixed max-trade:inset-x-0 max-trade:bottom-0 max-trade:z-26 max-trade:max-h-[calc(100dvh-64px)] ",
        "max-trade:px-4 max-trade:overflow-y-auto ",
        "max-trade:overscroll-contain max-trade:[scroll-padding:64px_0_190px] max-trade:rounded-t-panel max-trade:border-t ",
        "max-trade:border-line max-trade:bg-raised max-trade:shadow-raised max-trade:[&>.panel]:gap-3 ",
        "max-trade:[&>.panel]:p-0 max-trade:[&>.panel]:border-0 max-trade:[&>.panel]:bg-transparent",
    );
    view! { <div class=class class:open=move || open.get()>{children.0}</div> }
}

/// Foot of a form in a sheet, always in reach, on a plate of the sheet's color.
#[component]
pub(crate) fn SheetFoot(
    /// Total and button.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "sticky bottom-0 z-1 flex flex-col gap-2 -mx-4 px-4 pt-2 pb-[calc(12px+env(safe-area-inset-bottom))] border-t ",
        "border-line bg-surface max-trade:bg-raised",
    );
    view! { <div class=class>{children.0}</div> }
}

/// Cover of the page beneath an open sheet: a click on it closes the sheet. Keys have the link at the sheet's head.
#[component]
pub(crate) fn SheetScrim(
    /// True if the sheet is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Address of the page with the sheet closed.
    href: String,
) -> impl IntoView {
    view! {
        <a
            class="hidden max-trade:[&.open]:block fixed inset-0 z-25 bg-scrim"
            class:open=move || open.get()
            href=href
            tabindex="-1"
            aria-hidden="true"
        ></a>
    }
}

/// Head of a sheet on a phone: its subject, and the link that closes it.
#[component]
pub(crate) fn SheetHead(
    /// Subject and link.
    children: Content,
) -> impl IntoView {
    view! {
        <div class="sticky top-0 z-1 flex items-center justify-between gap-3 -mx-4 pt-1.5 pr-2 pb-1.5 pl-4 bg-raised trade:hidden [&>p]:font-semibold">
            {children.0}
        </div>
    }
}

/// Links that open a sheet, above the bottom bar of a phone.
#[component]
pub(crate) fn SheetBar(
    /// Name of the group.
    label: &'static str,
    /// Links of the group.
    children: Content,
) -> impl IntoView {
    view! {
        <nav
            class="trade-bar fixed inset-x-0 bottom-[calc(57px+env(safe-area-inset-bottom))] z-5 flex gap-2 px-4 py-2 bg-canvas wide:bottom-0 trade:hidden [&>*]:flex-1"
            aria-label=label
        >
            {children.0}
        </nav>
    }
}
