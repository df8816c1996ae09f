//! Every address and its page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Redirect, Route, Router};
use leptos_router::{SsrMode, path};

use crate::context::provide_viewer;
use crate::erased::Erase;
use crate::live::Live;
use crate::pages;
use crate::shell::Frame;

/// The view of a route. All have one type, so that the router's code is there once and not for each page.
const fn page(view: fn() -> AnyView) -> fn() -> AnyView {
    view
}

/// The whole interface below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_viewer();
    Live::provide();

    // Every page is rendered whole before the first byte leaves: it must be complete without scripts, and its
    // status and redirects must still be open when its data has arrived.
    let whole = SsrMode::Async;
    view! {
        <Title text="CNOP" />
        <Router>
            <Frame>
                <FlatRoutes fallback=page(|| pages::NotFoundPage().into_any())>
                    <Route path=path!("/") view=page(|| pages::LandingPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/login") view=page(|| pages::LoginPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/register") view=page(|| pages::RegisterPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/dashboard") view=page(|| pages::DashboardPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/market") view=page(|| pages::MarketPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/market/:asset") view=page(|| pages::AssetPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/trade") view=page(|| view! { <Redirect path="/trade/BTC" /> }.erased()) ssr=whole.clone() />
                    <Route path=path!("/trade/:asset") view=page(|| pages::TradePage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/orders") view=page(pages::orders_page) ssr=whole.clone() />
                    <Route path=path!("/orders/:id") view=page(|| pages::OrderPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/recurring") view=page(pages::recurring_page) ssr=whole.clone() />
                    <Route path=path!("/alerts") view=page(pages::alerts_page) ssr=whole.clone() />
                    <Route path=path!("/guards") view=page(pages::guards_page) ssr=whole.clone() />
                    <Route path=path!("/portfolio") view=page(|| pages::PortfolioPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/account") view=page(|| pages::AccountPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/profile") view=page(pages::profile_page) ssr=whole.clone() />
                    <Route path=path!("/about/fills") view=page(|| pages::FillsPage().into_any()) ssr=whole.clone() />
                    <Route path=path!("/*rest") view=page(|| pages::NotFoundPage().into_any()) ssr=whole />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
