//! The dashboard: where things stand, what moved them, what to do next.

#[cfg(feature = "ssr")]
mod attention;

use cnop_api::portfolio::Holding;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::portfolio::{gain, totals};
use super::private::{done, show, show_more};
use crate::components::{change, empty, standing_links};
use crate::drawn::{Follow, drawn};
use crate::erased::Erase;
use crate::format::Direction;
use crate::functions::{PortfolioRead, PortfolioView};
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(super) use self::attention::attention as draw_attention;

/// Holdings that are named as movers.
const MOVERS: usize = 5;

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
                    {show_more(data, |view| moved(&view))}
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

fn moved(view: &PortfolioView) -> AnyView {
    let portfolio = &view.portfolio;
    if portfolio.assets.is_empty() {
        let (text, step) = if portfolio.cash.is_zero() {
            ("Your account is empty. Deposit dollars, then choose an asset.", ("/account", "Deposit dollars"))
        } else {
            ("You hold dollars only. What you buy will move your total here.", ("/market", "Choose an asset"))
        };
        return empty("Nothing moves yet", text, Some(step));
    }
    let mut movers: Vec<_> = portfolio.assets.iter().collect();
    movers.sort_by_key(|held| std::cmp::Reverse(held.day_change.units().unsigned_abs()));
    let rows = movers.into_iter().take(MOVERS).map(mover).collect_view();
    view! { <table class="table"><caption class="hidden-word">"Holdings by their effect on the total in 24 hours"</caption>
        <thead><tr><th scope="col">"Asset"</th><th scope="col" class="number">"24 h"</th><th scope="col" class="number">"Effect"</th></tr></thead>
        <tbody>{rows}</tbody></table> }
    .erased()
}

fn mover(held: &Holding) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=format!("/market/{}", held.asset_id)>{held.name.clone()}</a></th>
            <td class="number">{change(held.price_change_percentage_24h)}</td>
            <td class="number">
                <span class=Direction::of_cents(held.day_change).class()>{gain(held.day_change, None)}</span>
            </td>
        </tr>
    }
    .erased()
}
