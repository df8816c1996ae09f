//! The bars around a page, and what lies above it.

use leptos::prelude::*;

use super::content::Content;

/// The link past the bars to the content; it shows while it has the focus.
#[component]
pub(crate) fn SkipLink(
    /// Target of the link.
    #[prop(default = "#main")]
    href: &'static str,
    /// Label of the link.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "absolute top-2 left-2 z-40 px-3 py-2 rounded-control bg-accent text-on-accent -translate-y-[200%] ",
        "focus:translate-y-0",
    );
    view! { <a class=class href=href>{children.0}</a> }
}

/// The bar at the top of the page.
#[component]
pub(crate) fn TopBar(
    /// Mark, rooms and tools.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "topbar sticky top-0 z-20 flex items-center h-14 pr-2 pl-3 gap-1 border-b border-line bg-surface ",
        "min-[480px]:px-4 min-[480px]:gap-2 wide:px-6 wide:gap-6",
    );
    view! { <header class=class>{children.0}</header> }
}

/// The tools at the end of the top bar.
#[component]
pub(crate) fn TopTools(
    /// Connection, menus and links.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex items-center justify-end flex-1 min-[480px]:gap-1 wide:gap-2">{children.0}</div> }
}

/// The name of the site, a link to its first page.
#[component]
pub(crate) fn Brand(
    /// Mark of the site.
    mark: AnyView,
    /// Name of the site.
    name: &'static str,
) -> impl IntoView {
    view! {
        <a
            class="flex items-center gap-1.5 min-h-10 text-text font-[650] tracking-[0.02em]"
            href="/"
            aria-label=format!("{name}, home page")
        >
            <span class="text-accent [&>.icon]:stroke-2">{mark}</span>
            <span class="max-[380px]:hidden">{name}</span>
        </a>
    }
}

/// A line below the top bar about the whole site.
#[component]
pub(crate) fn Banner(
    /// Name of the line.
    label: &'static str,
    /// Sentence for the visitor.
    children: Content,
) -> impl IntoView {
    view! {
        <aside
            class="banner wide:hidden px-4 py-1.5 border-b border-line text-muted text-13 text-center [&_strong]:text-warning"
            aria-label=label
        >
            <p>{children.0}</p>
        </aside>
    }
}

/// The end of every page.
#[component]
pub(crate) fn Footer(
    /// Sentence below the links.
    text: &'static str,
    /// Links of the footer, a [`FooterLink`] each.
    children: Content,
) -> impl IntoView {
    view! {
        <footer class="footer px-4 pt-6 pb-8 border-t border-line text-muted text-13">
            <nav class="flex flex-wrap gap-x-5 gap-y-1 max-w-308 mx-auto mb-2" aria-label="Footer">{children.0}</nav>
            <p class="max-w-308 mx-auto">{text}</p>
        </footer>
    }
}

/// A link of the footer.
#[component]
pub(crate) fn FooterLink(
    /// Target of the link.
    href: &'static str,
    /// Relation of the target to the page.
    #[prop(optional)]
    rel: Option<&'static str>,
    /// Label of the link.
    label: &'static str,
) -> impl IntoView {
    view! { <a class="inline-block py-[11px] text-muted underline hover:text-text" href=href rel=rel>{label}</a> }
}

/// A message over the page, which is announced.
#[component]
pub(crate) fn Toast(
    /// A link with the message, or nothing.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "fixed right-4 bottom-[calc(72px+env(safe-area-inset-bottom))] left-4 z-30 flex justify-center ",
        "pointer-events-none wide:bottom-6 wide:left-auto",
    );
    view! { <div class=class role="status">{children.0}</div> }
}

/// Classes of the button that closes a [`Toast`].
pub(crate) const TOAST_CLOSE: &str =
    "self-start -ml-9 mt-1 size-8 rounded-control text-muted hover:text-text pointer-events-auto";

/// Classes of the link in a [`Toast`].
pub(crate) const TOAST_LINK: &str = concat!(
    "max-w-120 pl-4 pr-10 py-3 border border-l-4 border-control border-l-accent rounded-control bg-raised shadow-raised ",
    "text-text text-14 underline pointer-events-auto",
);
