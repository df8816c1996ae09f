//! The dashboard: where things stand, what moved them, what to do next.

#[cfg(feature = "ssr")]
mod attention;
#[cfg(feature = "ssr")]
mod moved;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::portfolio::totals;
use super::private::{done, show};
use crate::components::standing_links;
use crate::drawn::{Follow, drawn};
use crate::functions::{PortfolioRead, PortfolioView};
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(super) use self::{attention::attention as draw_attention, moved::moved as draw_moved};

/// The first page after signing in.
#[component]
pub(crate) fn DashboardPage() -> impl IntoView {
    let data: PageData<PortfolioView> = PageData::new(|| ask!(PortfolioRead {})).follow_account();
    let query = use_query_map();
    let welcome = move || {
        query
            .with(|query| query.get("done"))
            .filter(|done| done == "register")
            .map(|_| "Your account is open and you are signed in. Deposit dollars to begin.".to_owned())
    };
    view! {
        <Title text="Dashboard · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Dashboard"</h1>
                <div class="buttons">
                    <a class="button primary" href="/trade">"Trade"</a>
                    <a class="button" href="/account#deposit-title">"Deposit"</a>
                    <a class="button" href="/account#withdraw-title">"Withdraw"</a>
                </div>
            </div>
            {standing_links()}
            {done(welcome)}
            {show(data, |view| totals(&view.portfolio))}
            <div class="columns columns-even">
                <section class="panel panel-flush" aria-labelledby="moved-title">
                    <h2 id="moved-title">"What moved it"</h2>
                    {drawn("dashboard/moved", Follow::Account)}
                </section>
                <section class="panel" aria-labelledby="attention-title">
                    <h2 id="attention-title">"Needs attention"</h2>
                    {drawn("dashboard/attention", Follow::Account)}
                </section>
            </div>
            <section class="panel panel-flush" aria-labelledby="recent-title">
                <div class="panel-head">
                    <h2 id="recent-title">"Last orders"</h2>
                    <a href="/orders">"All orders"</a>
                </div>
                {drawn("orders/last", Follow::Account)}
            </section>
        </div>
    }
}
