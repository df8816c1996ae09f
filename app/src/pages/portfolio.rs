//! The portfolio: what is held, what it cost, what it is worth now.

#[cfg(feature = "ssr")]
mod changes;
#[cfg(feature = "ssr")]
mod close;
#[cfg(feature = "ssr")]
mod donut;
#[cfg(feature = "ssr")]
mod findings;
mod holdings;

use cnop_api::portfolio::Portfolio;
use cnop_domain::Amount;
use leptos::prelude::*;
use leptos_meta::Title;

use self::holdings::holdings;
#[cfg(feature = "ssr")]
pub(super) use self::{
    changes::changes as draw_changes, close::close as draw_close, findings::insights as draw_insights,
    findings::line as findings_line,
};
use super::private::show;
use crate::components::empty;
use crate::drawn::{Follow, drawn};
use crate::erased::Erase;
use crate::format::{self, Direction};
use crate::functions::{PortfolioRead, PortfolioView};
use crate::live::Live;
use crate::remote::{PageData, ask};

/// Total, holdings, allocation, and what can be said about them.
#[component]
pub(crate) fn PortfolioPage() -> impl IntoView {
    let data: PageData<PortfolioView> = PageData::new(|| ask!(PortfolioRead {})).follow_account();
    view! {
        <Title text="Portfolio · CNOP" />
        <div class="stack">
            <h1>"Portfolio"</h1>
            {drawn("position/close", Follow::Nothing)}
            {show(data, |view| page(&view))}
            {drawn("portfolio/insights", Follow::Account)}
            {drawn("portfolio/changes", Follow::Account)}
        </div>
    }
}

fn page(view: &PortfolioView) -> AnyView {
    let portfolio = &view.portfolio;
    if portfolio.assets.is_empty() {
        let step = if portfolio.cash.is_zero() {
            ("/account", "Deposit dollars")
        } else {
            ("/market", "Choose an asset")
        };
        return view! {
            {totals(portfolio)}
            <section class="panel">
                {empty("No holdings yet", "What you buy will be listed here with its cost, its value and its profit.", Some(step))}
            </section>
        }
        .erased();
    }
    view! {
        {totals(portfolio)}
        {holdings(portfolio, &view.icons)}
    }
    .erased()
}

/// Value of everything now: of the page, then with live prices.
pub(super) fn live_total(
    portfolio: &Portfolio,
) -> impl Fn() -> Amount + Clone + Send + Sync + 'static + use<> {
    let live = Live::current();
    let (cash, page_total) = (portfolio.cash, portfolio.total_value);
    let held: Vec<_> =
        portfolio.assets.iter().map(|held| (held.asset_id, held.quantity, held.market_value)).collect();
    move || {
        held.iter()
            .try_fold(cash, |sum, (asset, quantity, value)| {
                let value = live.price(asset).map_or(*value, |price| price.value_of(*quantity));
                sum.checked_add(value)
            })
            .unwrap_or(page_total)
    }
}

/// What the present holdings have gained over the last day: with live prices, by what their value has moved since
/// the page was made.
pub(super) fn live_day_change(
    portfolio: &Portfolio,
) -> impl Fn() -> Amount + Clone + Send + Sync + 'static + use<> {
    let total = live_total(portfolio);
    let (at_first, change) = (portfolio.total_value, portfolio.day_change);
    move || total().checked_sub(at_first).and_then(|moved| change.checked_add(moved)).unwrap_or(change)
}

/// `▲ +12.30 USD (+1.20 %)`, in the colour of its direction.
pub(super) fn gain(amount: Amount, ratio: Option<f64>) -> String {
    gain_text(amount, &format::usd_signed(amount), ratio)
}

/// `▲ +12.30 (+1.20 %)`, for a column that says its unit.
pub(super) fn gain_figure(amount: Amount, ratio: Option<f64>) -> String {
    gain_text(amount, &format::amount_signed(amount), ratio)
}

fn gain_text(amount: Amount, figure: &str, ratio: Option<f64>) -> String {
    let ratio = ratio.map(|ratio| format!(" ({})", format::percent(ratio * 100.0))).unwrap_or_default();
    match Direction::of_cents(amount) {
        Direction::Flat => format!("{figure}{ratio}"),
        direction => format!("{}\u{a0}{figure}{ratio}", direction.arrow()),
    }
}

/// A share of a whole; none of nothing.
pub(super) fn ratio(part: Amount, whole: Amount) -> Option<f64> {
    (whole > Amount::ZERO).then(|| part.to_f64_lossy() / whole.to_f64_lossy())
}

/// The page's large figures.
pub(super) fn totals(portfolio: &Portfolio) -> AnyView {
    let total = live_total(portfolio);
    let change = live_day_change(portfolio);
    let held_before = {
        let (total, change, cash) = (total.clone(), change.clone(), portfolio.cash);
        // Value of the holdings a day ago: now, without the cash and without the change.
        move || total().checked_sub(cash).and_then(|held| held.checked_sub(change())).unwrap_or(Amount::ZERO)
    };
    let day = {
        let change = change.clone();
        move || gain(change(), ratio(change(), held_before()))
    };
    let unrealised = {
        let (total, cash, cost, page) =
            (total.clone(), portfolio.cash, portfolio.cost_basis, portfolio.unrealised_profit);
        move || total().checked_sub(cash).and_then(|held| held.checked_sub(cost)).unwrap_or(page)
    };
    let (unrealised_class, cost) = (unrealised.clone(), portfolio.cost_basis);
    let realised = portfolio.realised_profit;
    let has_holdings = !portfolio.assets.is_empty();
    view! {
        <dl class="figures">
            <div>
                <dt>"Total value"</dt>
                <dd class="big-figure">{move || format::usd_cents(total())}</dd>
                <dd class="small">
                    {has_holdings
                        .then(|| {
                            view! {
                                <span class=move || Direction::of_cents(change()).class()>{day}</span>
                                <span class="muted">" in 24 hours"</span>
                            }
                        })}
                </dd>
            </div>
            <div><dt>"Cash"</dt><dd class="mid-figure">{format::usd_cents(portfolio.cash)}</dd></div>
            <div>
                <dt>"Unrealised"</dt>
                <dd class="mid-figure">
                    <span class=move || Direction::of_cents(unrealised_class()).class()>
                        {move || gain(unrealised(), ratio(unrealised(), cost))}
                    </span>
                </dd>
            </div>
            <div>
                <dt>"Realised"</dt>
                <dd class="mid-figure">
                    <span class=Direction::of_cents(realised).class()>{gain(realised, None)}</span>
                </dd>
            </div>
        </dl>
    }
    .erased()
}
