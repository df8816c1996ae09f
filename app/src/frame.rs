//! Bars, banner and footer around every page.

mod navigation;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::navigation::ROOMS;
use crate::components::ui::{LinkButton, Look, SpokenOnly};
use crate::components::{Icon, icon};
use crate::context::{self, Viewer, use_viewer};
use crate::islands::{AvailableBalance, Cells, ConnectionState, NewsToast, PauseButton};
use crate::theme::Theme;

/// Pages without anything live for a visitor: they load no bundle.
const STATIC_PAGES: [&str; 3] = ["/login", "/register", "/about/fills"];

/// The frame of every page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let viewer = use_viewer();
    let path = use_location().pathname.get_untracked();
    let is_live = viewer.is_signed_in() || !STATIC_PAGES.contains(&path.as_str());
    view! {
        <a class="absolute top-2 left-2 z-40 py-2 px-3 rounded-control bg-accent text-on-accent [transform:translateY(-200%)] focus:[transform:none]" href="#main">"Skip to content"</a>
        <header class="topbar sticky top-0 z-20 flex items-center gap-2 h-14 py-0 px-4 bg-surface border-b border-b-line max-[480px]:pt-0 max-[480px]:pr-2 max-[480px]:pb-0 max-[480px]:pl-3 max-[480px]:gap-1 wide:gap-6 wide:py-0 wide:px-6">
            <a class="flex items-center gap-1.5 min-h-10 text-text font-[650] tracking-[0.02em] [&_.icon]:text-accent [&_.icon]:[stroke-width:2] max-[380px]:[&_span]:hidden" href="/" aria-label="CNOP, home page">{icon(Icon::Mark)} <span>"CNOP"</span></a>
            {rooms("rooms", "Main", &path)}
            <div class="flex items-center justify-end flex-1 gap-1 max-[480px]:gap-0 wide:gap-2">
                <Show when=move || is_live>
                    <ConnectionState />
                    <PauseButton />
                </Show>
                {theme_menu(viewer.theme)}
                {account_menu(&viewer)}
            </div>
        </header>
        {banner(&viewer)}
        <main id="main" tabindex="-1">{children()}</main>
        {footer()}
        <Show when=move || is_live>
            <Cells />
            <NewsToast />
        </Show>
        {rooms("rooms-phone", "Main, phone", &path)}
    }
}

/// The list of rooms, once for the top bar and once for the phone's bottom bar.
fn rooms(class: &'static str, label: &'static str, path: &str) -> impl IntoView + use<> {
    let entries = ROOMS
        .into_iter()
        .map(|room| {
            view! {
                <a href=room.path aria-current=room.holds(path).then_some("page")>
                    {icon(room.icon)}
                    <span>{room.label}</span>
                </a>
            }
        })
        .collect_view();
    view! { <nav class=class aria-label=label>{entries}</nav> }
}

/// The menu of themes: plain forms, so that it works without scripts.
fn theme_menu(chosen: Theme) -> impl IntoView + use<> {
    let entries = Theme::ALL
        .into_iter()
        .map(|theme| {
            view! {
                <button
                    name="theme"
                    value=theme.as_str()
                    aria-pressed=if theme == chosen { "true" } else { "false" }
                >
                    {theme.label()}
                </button>
            }
        })
        .collect_view();
    view! {
        <details class="menu theme-menu">
            <summary class="icon-button" aria-label="Theme" title="Theme">{icon(Icon::Theme)}</summary>
            <form class="menu-body" method="post" action="/fn/theme">{entries}</form>
        </details>
    }
}

/// Sign in and register, or the menu of the account with its balance.
fn account_menu(viewer: &Viewer) -> impl IntoView + use<> {
    let Some(username) = viewer.username.clone() else {
        return view! {
            <LinkButton look=Look::Quiet href="/login">"Sign in"</LinkButton>
            <a class="button primary hidden! wide:inline-flex!" href="/register">"Register"</a>
        }
        .into_any();
    };
    view! {
        <details class="menu account-menu">
            <summary class="flex items-center gap-1.5 min-h-10 py-0 px-2 rounded-control text-14 font-[550] whitespace-nowrap hover:bg-hover max-[480px]:[&_.icon]:hidden">
                {icon(Icon::Person)}
                <span class="account-figure">
                    <SpokenOnly>"Available: "</SpokenOnly>
                    <Suspense>
                        {Suspend::new(async { view! { <AvailableBalance initial=available().await.ok() /> } })}
                    </Suspense>
                </span>
            </summary>
            <div class="menu-body">
                <p class="py-2 px-2.5 text-muted text-13">{username}</p>
                <a href="/dashboard">"Dashboard"</a>
                <a href="/account">"Deposit and withdraw"</a>
                <a href="/recurring">"Recurring buys"</a>
                <a href="/alerts">"Price alerts"</a>
                <a href="/guards">"Risk limits"</a>
                <a href="/profile">"Profile"</a>
                <form method="post" action="/fn/logout">
                    <button>"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// Dollars available to the signed-in user.
async fn available() -> Result<cnop_domain::Amount, Problem> {
    let (services, caller) = (context::services()?, context::signed_in()?);
    Ok(services.ledger.balance(&caller).await?.available)
}

/// Says that the market is simulated.
fn banner(viewer: &Viewer) -> impl IntoView + use<> {
    viewer.is_simulated.then(|| {
        view! {
            <aside class="banner py-1.5 px-4 border-b border-b-line text-muted text-13 text-center [&_strong]:text-warning" aria-label="About this market">
                <p>
                    <strong>"Simulated market:"</strong>
                    " prices and funds are not real. "
                    <a href="/about/fills#simulated">"About the simulation"</a>
                </p>
            </aside>
        }
    })
}

/// Links at the end of every page.
fn footer() -> impl IntoView + use<> {
    view! {
        <footer class="footer pt-6 px-4 pb-8 border-t border-t-line text-muted text-13 [&>*]:max-w-308 [&>*]:mx-auto [&>*]:my-0 [&_nav]:flex [&_nav]:flex-wrap [&_nav]:gap-y-1 [&_nav]:gap-x-5 [&_nav]:mb-2 [&_a]:inline-block [&_a]:py-[11px] [&_a]:px-0 [&_a]:text-muted [&_a]:underline [&_a:hover]:text-text">
            <nav aria-label="Footer">
                <a href="/about/fills">"How orders are filled"</a>
                <a href="/docs">"API documentation"</a>
                <a href="/api/v1/openapi.json" rel="external">"OpenAPI"</a>
            </nav>
            <p>"CNOP. Prices in US dollars, times in UTC."</p>
        </footer>
    }
}
