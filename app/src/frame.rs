//! Bars, banner and footer around every page.

mod navigation;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::navigation::ROOMS;
use crate::components::ui::{
    Banner, Brand, Footer, FooterLink, ICON_BUTTON, LinkButton, Look, MENU_ENTRY, MENU_LIST, MENU_SWITCH,
    MenuLink, SkipLink, SpokenOnly, TopBar, TopTools,
};
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
    let (top, bottom) = (rooms(Rooms::Top, &path), rooms(Rooms::Bottom, &path));
    let (theme, account) = (theme_menu(viewer.theme), account_menu(&viewer));
    view! {
        <SkipLink>"Skip to content"</SkipLink>
        {path.starts_with("/trade/").then(|| view! { <div class="max-trade:hidden"><SkipLink href="#ticket-amount">"Skip to the order's amount"</SkipLink></div> })}
        <TopBar>
            <Brand mark=icon(Icon::Mark).into_any() name="CNOP" />
            {top}
            <TopTools>
                {viewer.is_simulated.then(|| view! { <a class="hidden wide:inline-flex items-center min-h-8 px-2 text-warning text-13 font-[550] underline decoration-dotted" href="/about/fills#simulated" title="Prices and funds are not real.">"Simulated"</a> })}
                <Show when=move || is_live>
                    <ConnectionState />
                    <PauseButton />
                </Show>
                {theme}
                {account}
            </TopTools>
        </TopBar>
        {banner(&viewer)}
        {degraded_banner(&viewer)}
        <main id="main" tabindex="-1">{children()}</main>
        {footer()}
        <Show when=move || is_live>
            <Cells />
            <NewsToast />
        </Show>
        {bottom}
    }
}

/// The two lists of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rooms {
    /// In the top bar of a wide window.
    Top,
    /// At the bottom of a phone.
    Bottom,
}

impl Rooms {
    const fn label(self) -> &'static str {
        match self {
            Self::Top => "Main",
            Self::Bottom => "Main, phone",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Top => "hidden wide:flex gap-1",
            Self::Bottom => concat!(
                "rooms-phone fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-surface ",
                "pb-[env(safe-area-inset-bottom)] wide:hidden",
            ),
        }
    }

    const fn link_class(self) -> &'static str {
        match self {
            Self::Top => concat!(
                "px-3 py-2 rounded-control text-muted text-14 font-[550] hover:bg-hover hover:text-text ",
                "aria-[current]:rounded-b-none aria-[current]:text-text ",
                "aria-[current]:shadow-[inset_0_-2px_var(--color-accent)]",
            ),
            Self::Bottom => concat!(
                "flex flex-col items-center justify-center gap-0.5 min-h-14 text-muted text-12 ",
                "aria-[current]:text-accent aria-[current]:font-semibold",
            ),
        }
    }
}

/// A list of rooms.
fn rooms(place: Rooms, path: &str) -> impl IntoView + use<> {
    let entries = ROOMS
        .into_iter()
        .map(|room| {
            let current = room.current(path);
            let icon = (place == Rooms::Bottom).then(|| icon(room.icon));
            view! {
                <a class=place.link_class() href=room.path aria-current=current>
                    {icon}
                    <span>{room.label}</span>
                </a>
            }
        })
        .collect_view();
    view! { <nav class=place.class() aria-label=place.label()>{entries}</nav> }
}

/// The menu of themes: plain forms, so that it works without scripts.
fn theme_menu(chosen: Theme) -> impl IntoView + use<> {
    let entries = Theme::ALL
        .into_iter()
        .map(|theme| {
            view! {
                <button
                    class=MENU_ENTRY
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
        <details class="menu theme-menu relative">
            <summary class=ICON_BUTTON aria-label="Theme" title="Theme">{icon(Icon::Theme)}</summary>
            <form class=format!("{MENU_LIST} min-w-32") method="post" action="/fn/theme">{entries}</form>
        </details>
    }
}

/// Sign in and register, or the menu of the account with its balance.
fn account_menu(viewer: &Viewer) -> impl IntoView + use<> {
    let Some(username) = viewer.username.clone() else {
        return view! {
            <LinkButton look=Look::Quiet href="/login">"Sign in"</LinkButton>
            <div class="hidden wide:block"><LinkButton look=Look::Primary href="/register">"Register"</LinkButton></div>
        }
        .into_any();
    };
    view! {
        <details class="menu account-menu relative">
            <summary class=MENU_SWITCH>
                <span class="max-[480px]:hidden">{icon(Icon::Person)}</span>
                <span class="account-figure">
                    <SpokenOnly>"Available: "</SpokenOnly>
                    <Suspense>
                        {Suspend::new(async { view! { <AvailableBalance initial=available().await.ok() /> } })}
                    </Suspense>
                </span>
            </summary>
            <div class=format!("{MENU_LIST} min-w-52")>
                <p class="py-2 px-2.5 text-muted text-13">{username}</p>
                <MenuLink href="/dashboard" label="Dashboard" />
                <MenuLink href="/account" label="Deposit and withdraw" />
                <MenuLink href="/recurring" label="Recurring buys" />
                <MenuLink href="/alerts" label="Price alerts" />
                <MenuLink href="/guards" label="Risk limits" />
                <MenuLink href="/profile" label="Profile" />
                <form method="post" action="/fn/logout">
                    <button class=MENU_ENTRY>"Sign out"</button>
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
            <Banner label="About this market">
                <strong>"Simulated market:"</strong>
                " prices and funds are not real. "
                <a href="/about/fills#simulated">"About the simulation"</a>
            </Banner>
        }
    })
}

/// Says that the servers of the venue do not reach each other.
fn degraded_banner(viewer: &Viewer) -> impl IntoView + use<> {
    viewer.is_degraded.then(|| {
        view! {
            <Banner label="State of the venue">
                <strong>"Limited service:"</strong>
                " the servers of the venue do not reach each other. Trading and payments go on. Registration is closed, and fewer requests are accepted."
            </Banner>
        }
    })
}

/// Links at the end of every page.
fn footer() -> impl IntoView {
    let text = if context::reader_zone().is_utc() {
        "CNOP. Prices in US dollars, times in UTC."
    } else {
        "CNOP. Prices in US dollars, times in your time zone."
    };
    view! {
        <Footer text=text>
            <FooterLink href="/about/fills" label="How orders are filled" />
            <FooterLink href="/docs" label="API documentation" />
            <FooterLink href="/api/v1/openapi.json" rel="external" label="OpenAPI" />
        </Footer>
    }
}
