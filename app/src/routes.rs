//! Every address and its page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Redirect, Route, Router};
use leptos_router::{SsrMode, path};

use crate::context::provide_viewer;
use crate::error::AppError;
use crate::frame::Frame;
use crate::pages::{self, PageRequest, refusal};

/// The view of a page for signed-in traders. Visitors are sent to sign in.
fn private<V: IntoView + 'static>(page: fn() -> V) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || match PageRequest::signed_in() {
        Ok(request) => {
            provide_context(request);
            page().into_any()
        }
        Err(problem) => refusal(&AppError(problem)).into_any(),
    }
}

/// The whole interface below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_viewer();

    // A page is rendered whole before its first byte leaves: it is complete without scripts, and its status and
    // redirects are still open when its data has arrived.
    let whole = SsrMode::Async;
    view! {
        <Title text="CNOP" />
        <Router>
            <Frame>
                <FlatRoutes fallback=pages::NotFoundPage>
                    <Route path=path!("/") view=pages::LandingPage ssr=whole.clone() />
                    <Route path=path!("/login") view=pages::LoginPage ssr=whole.clone() />
                    <Route path=path!("/register") view=pages::RegisterPage ssr=whole.clone() />
                    <Route path=path!("/market") view=pages::MarketPage ssr=whole.clone() />
                    <Route path=path!("/market/:asset") view=pages::AssetPage ssr=whole.clone() />
                    <Route path=path!("/about/fills") view=pages::FillsPage ssr=whole.clone() />
                    <Route path=path!("/design") view=pages::DesignPage ssr=whole.clone() />
                    <Route path=path!("/trade") view=|| view! { <Redirect path="/trade/BTC" /> } ssr=whole.clone() />
                    <Route path=path!("/trade/:asset") view=pages::TradePage ssr=whole.clone() />
                    <Route path=path!("/dashboard") view=private(pages::DashboardPage) ssr=whole.clone() />
                    <Route path=path!("/portfolio") view=private(pages::PortfolioPage) ssr=whole.clone() />
                    <Route path=path!("/orders") view=private(pages::OrdersPage) ssr=whole.clone() />
                    <Route path=path!("/orders/:id") view=private(pages::OrderPage) ssr=whole.clone() />
                    <Route path=path!("/recurring") view=private(pages::RecurringPage) ssr=whole.clone() />
                    <Route path=path!("/alerts") view=private(pages::AlertsPage) ssr=whole.clone() />
                    <Route path=path!("/notifications") view=private(pages::NotificationsPage) ssr=whole.clone() />
                    <Route path=path!("/guards") view=private(pages::GuardsPage) ssr=whole.clone() />
                    <Route path=path!("/account") view=private(pages::AccountPage) ssr=whole.clone() />
                    <Route path=path!("/profile") view=private(pages::ProfilePage) ssr=whole.clone() />
                    <Route path=path!("/*rest") view=pages::NotFoundPage ssr=whole />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
