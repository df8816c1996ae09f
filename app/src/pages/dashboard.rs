//! The dashboard: the state of the account, its movers, and the next steps.

mod attention;
mod moved;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_meta::Title;

use self::attention::attention;
use self::moved::moved;
use super::orders::LastOrders;
use super::portfolio::Totals;
use super::region::Region;
use super::{PageRequest, use_request};
use crate::components::{Notice, StandingLinks};
use crate::error::AppError;

/// The first page after signing in.
#[component]
pub(crate) fn DashboardPage() -> impl IntoView {
    let is_new = use_request().query("result") == "register";
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
            <StandingLinks />
            <Show when=move || is_new>
                <Notice>"Your account is open and you are signed in. Deposit dollars to begin."</Notice>
            </Show>
            <Region id="totals-region" follows_account=true>{Suspend::new(totals(use_request()))}</Region>
            <div class="columns columns-even">
                <section class="panel panel-flush" aria-labelledby="moved-title">
                    <h2 id="moved-title">"What moved it"</h2>
                    <Region id="moved-region" follows_account=true>{Suspend::new(moved(use_request()))}</Region>
                </section>
                <section class="panel" aria-labelledby="attention-title">
                    <h2 id="attention-title">"Needs attention"</h2>
                    <Region id="attention-region" follows_account=true>{Suspend::new(attention(use_request()))}</Region>
                </section>
            </div>
            <section class="panel panel-flush" aria-labelledby="recent-title">
                <div class="panel-head">
                    <h2 id="recent-title">"Last orders"</h2>
                    <a href="/orders">"All orders"</a>
                </div>
                <Region id="last-region" follows_account=true><LastOrders /></Region>
            </section>
        </div>
    }
}

async fn totals(request: PageRequest) -> Result<impl IntoView, AppError> {
    let portfolio = request.services.portfolio.portfolio(&request.caller).await.map_err(Problem::from)?;
    Ok(view! { <Totals portfolio /> })
}
