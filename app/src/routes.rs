//! Every address and its page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Redirect, Route, Router};
use leptos_router::{SsrMode, path};

use crate::context::provide_viewer;
use crate::live::Live;
use crate::pages;
use crate::shell::Frame;

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
                <FlatRoutes fallback=pages::NotFoundPage>
                    <Route path=path!("/") view=pages::LandingPage ssr=whole.clone() />
                    <Route path=path!("/login") view=pages::LoginPage ssr=whole.clone() />
                    <Route path=path!("/register") view=pages::RegisterPage ssr=whole.clone() />
                    <Route path=path!("/dashboard") view=pages::DashboardPage ssr=whole.clone() />
                    <Route path=path!("/market") view=pages::MarketPage ssr=whole.clone() />
                    <Route path=path!("/market/:asset") view=pages::AssetPage ssr=whole.clone() />
                    <Route path=path!("/trade") view=|| view! { <Redirect path="/trade/BTC" /> } ssr=whole.clone() />
                    <Route path=path!("/trade/:asset") view=pages::TradePage ssr=whole.clone() />
                    <Route path=path!("/orders") view=pages::OrdersPage ssr=whole.clone() />
                    <Route path=path!("/orders/:id") view=pages::OrderPage ssr=whole.clone() />
                    <Route path=path!("/portfolio") view=pages::PortfolioPage ssr=whole.clone() />
                    <Route path=path!("/account") view=pages::AccountPage ssr=whole.clone() />
                    <Route path=path!("/profile") view=pages::ProfilePage ssr=whole.clone() />
                    <Route path=path!("/about/fills") view=pages::FillsPage ssr=whole.clone() />
                    <Route path=path!("/*rest") view=pages::NotFoundPage ssr=whole />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
