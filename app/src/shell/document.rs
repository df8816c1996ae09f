//! `<html>`, `<head>` and the response's headers.

use cnop_api::account_tag;
use http::{HeaderName, HeaderValue, header};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use super::{SiteFiles, reload, scripts};
use crate::context::caller;
use crate::routes::App;
use crate::theme::{self, Theme};

/// Colors of the browser's own bars, the canvas of each theme.
const BAR_COLOURS: [(&str, &str); 2] =
    [("(prefers-color-scheme: light)", "#f2f4f7"), ("(prefers-color-scheme: dark)", "#070a0f")];

/// A transition between pages that the browser skips is no error. Runs before the first frame of the page.
const TRANSITIONS: &str = r#"for(const it of["pageswap","pagereveal"])addEventListener(it,event=>event.viewTransition?.ready.catch(()=>{}))"#;

/// The document of every page. Sets the content security policy, and forbids keeping pages of signed-in users.
#[must_use]
pub fn shell(files: SiteFiles) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    set_headers(&nonce);
    let theme = theme::of_request();
    let script = scripts::page(&files);
    let css = files.css;
    // Nothing outside islands is hydrated, so the page carries no data for it.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let viewer = caller();
    let account = viewer.as_ref().map(|caller| account_tag(&caller.account_id).to_owned());
    let username = viewer.map(|caller| caller.username.clone());
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=theme.as_str()
            data-palette=theme::palette_of_request().as_str()
            data-account=account
            data-username=username
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta
                    name="description"
                    content="A trading venue for crypto assets: live prices, exact balances, every fill explained."
                />
                {theme_colours(theme)}
                <link rel="stylesheet" href=css />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <script nonce=nonce.clone() inner_html=TRANSITIONS />
                <script r#type="module" nonce=nonce inner_html=script />
                {reload::script()}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// `<meta name="theme-color">`: one of the chosen theme, or one for each preference.
fn theme_colours(theme: Theme) -> impl IntoView {
    let [(_, light), (_, dark)] = BAR_COLOURS;
    match theme {
        Theme::Light => view! { <meta name="theme-color" content=light /> }.into_any(),
        Theme::Dark => view! { <meta name="theme-color" content=dark /> }.into_any(),
        Theme::System => BAR_COLOURS
            .into_iter()
            .map(|(media, colour)| view! { <meta name="theme-color" content=colour /> }.attr("media", media))
            .collect_view()
            .into_any(),
    }
}

/// Headers that belong to the page: its policy, and whether it may be kept.
fn set_headers(nonce: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'{}; base-uri 'none'; \
         object-src 'none'; form-action 'self'; frame-ancestors 'none'",
        reload::SOURCES
    );
    let kept = if caller().is_some() { "private, no-store" } else { "no-cache" };
    let headers: [(HeaderName, &str); 3] =
        [(header::CONTENT_SECURITY_POLICY, &policy), (header::CACHE_CONTROL, kept), (header::VARY, "Cookie")];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.insert_header(name, value);
        }
    }
}
