//! Bars, banner and footer around every page.

use cnop_domain::Amount;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::navigation::ROOMS;
use crate::components::{Icon, icon};
use crate::context::{Viewer, use_viewer};
use crate::erased::Erase;
use crate::error::AppError;
use crate::format;
use crate::live::Live;
use crate::remote::{PageData, ask};
use crate::theme::Theme;

/// The frame of every page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::menus::watch();
    let viewer = use_viewer();
    let balance = viewer.is_signed_in().then(|| PageData::new(|| ask!(AvailableBalance {})));
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="topbar">
            <a class="mark" href="/" aria-label="CNOP, first page">{icon(Icon::Mark)} <span>"CNOP"</span></a>
            {rooms("rooms", "Main")}
            <div class="topbar-end">
                {connection()}
                {theme_menu(viewer.theme)}
                {account_menu(&viewer, balance)}
            </div>
        </header>
        {banner(&viewer)}
        <main id="main" tabindex="-1">{children()}</main>
        {footer()}
        {news()}
        {rooms("rooms-phone", "Main, phone")}
    }
}

/// The list of rooms, once for the top bar and once for the phone's bottom bar.
fn rooms(class: &'static str, label: &'static str) -> AnyView {
    let path = use_location().pathname;
    let entries = ROOMS
        .into_iter()
        .map(|room| {
            view! {
                <a href=room.path aria-current=move || path.with(|path| room.holds(path)).then_some("page")>
                    {icon(room.icon)}
                    <span>{room.label}</span>
                </a>
            }
        })
        .collect_view();
    view! { <nav class=class aria-label=label>{entries}</nav> }.erased()
}

/// State of the live connection in words, and the switch that pauses live prices.
fn connection() -> AnyView {
    let live = Live::current();
    view! {
        <span class="connection" data-state=move || live.connection().as_str()>
            <span class="connection-word" role="status">{move || live.connection().label()}</span>
            <span class="connection-static">"Static page"</span>
        </span>
        <button
            class="icon-button pause"
            r#type="button"
            aria-pressed=move || if live.is_paused() { "true" } else { "false" }
            aria-label="Pause live prices"
            title="Pause live prices"
            on:click=move |_| live.pause_toggle()
        >
            {move || icon(if live.is_paused() { Icon::Play } else { Icon::Pause })}
        </button>
    }
    .erased()
}

/// What just happened to the account, said politely, and shown for a while.
fn news() -> AnyView {
    let live = Live::current();
    view! {
        <div class="news" role="status">
            {move || live.news().map(|news| view! { <a href=news.path>{news.text}</a> })}
        </div>
    }
    .erased()
}

/// The menu of themes: plain forms, so that it works without scripts.
fn theme_menu(chosen: Theme) -> AnyView {
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
    .erased()
}

/// Sign in and register, or the menu of the account with its balance.
fn account_menu(viewer: &Viewer, balance: Option<PageData<Amount>>) -> AnyView {
    let (Some(username), Some(balance)) = (viewer.username.clone(), balance) else {
        return view! {
            <a class="button quiet" href="/login">"Sign in"</a>
            <a class="button primary wide-only" href="/register">"Register"</a>
        }
        .erased();
    };
    view! {
        <details class="menu account-menu">
            <summary class="account-summary">
                {icon(Icon::Person)}
                <span class="account-figure">
                    <span class="hidden-word">"Available: "</span>
                    {balance.show(|| "…".into_any(), |read| available(read.ok()))}
                </span>
            </summary>
            <div class="menu-body">
                <p class="menu-title">{username}</p>
                <a href="/dashboard">"Dashboard"</a>
                <a href="/account">"Deposit and withdraw"</a>
                <a href="/recurring">"Recurring orders"</a>
                <a href="/alerts">"Price alerts"</a>
                <a href="/guards">"Guard rails"</a>
                <a href="/profile">"Profile"</a>
                <form method="post" action="/fn/logout">
                    <button>"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .erased()
}

/// Dollars available: of the page, then of the live account.
fn available(read: Option<Amount>) -> AnyView {
    let live = Live::current();
    (move || live.available().or(read).map_or_else(|| "Account".to_owned(), format::usd_cents)).into_any()
}

/// Says that the market is simulated.
fn banner(viewer: &Viewer) -> AnyView {
    if !viewer.is_simulated() {
        return ().into_any();
    }
    view! {
        <aside class="banner" aria-label="About this market">
            <p>
                <strong>"Simulated market."</strong>
                " Prices and money are not real. "
                <a href="/about/fills#simulated">"What that means"</a>
            </p>
        </aside>
    }
    .erased()
}

/// Links at the end of every page.
fn footer() -> AnyView {
    view! {
        <footer class="footer">
            <nav aria-label="Footer">
                <a href="/about/fills">"How an order is filled"</a>
                <a href="/docs">"API documentation"</a>
                <a href="/api/v1/openapi.json" rel="external">"OpenAPI"</a>
            </nav>
            <p>"CNOP. Prices in US dollars, times in UTC."</p>
        </footer>
    }
    .erased()
}

/// What the signed-in user can spend.
///
/// # Errors
/// `auth.required` when nobody is signed in; what the ledger refuses.
#[server(prefix = "/fn", endpoint = "balance/available")]
async fn available_balance() -> Result<Amount, AppError> {
    let caller = crate::context::signed_in()?;
    let balance =
        crate::context::services()?.ledger.balance(&caller).await.map_err(cnop_api::Problem::from)?;
    Ok(balance.available)
}
