//! Trading one asset: chart, ticket, and what came of the orders before.

mod confirm;
mod draft;
mod fields;
mod result;
mod review;
mod ticket;

use cnop_api::trading::{OrderPreview, OrderView};
use cnop_domain::{AssetId, Price, Side};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use self::result::result;
use self::ticket::TicketState;
use super::private::{PageData, follow_account, show, show_more};
use crate::chart::{Range, price_chart};
use crate::components::{asset_icon, empty, live_change, live_price};
use crate::error::AppError;
use crate::format;
use crate::forms::FormState;
use crate::functions::{TicketData, order, order_preview, ticket};
use crate::live::Live;
use crate::market::{ChartData, market_chart};

/// Everything around the ticket, read together.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct TradeData {
    ticket: TicketData,
    /// What the order in the address would do; asked for without scripts.
    preview: Option<Result<OrderPreview, AppError>>,
    /// The order that the address says was placed; so told without scripts.
    placed: Option<OrderView>,
}

/// Which of them the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    asset: String,
    placed: String,
    preview: Option<(Side, String, String)>,
}

impl Asked {
    async fn read(self) -> Result<TradeData, AppError> {
        let ticket = ticket(self.asset.clone()).await?;
        let preview = match self.preview {
            Some((side, unit, amount)) => {
                Some(order_preview(self.asset, side.as_str().to_owned(), unit, amount).await)
            }
            None => None,
        };
        let placed = if self.placed.is_empty() { None } else { order(self.placed).await.ok() };
        Ok(TradeData { ticket, preview, placed })
    }
}

/// Chart, ticket and orders of one asset.
#[component]
pub(crate) fn TradePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let read = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    let asset = Memo::new(move |_| {
        params.with(|params| params.get("asset")).unwrap_or_default().to_ascii_uppercase()
    });
    let side = Memo::new(move |_| Side::from_text(&read("side")).unwrap_or(Side::Buy));
    let span = Memo::new(move |_| Range::from_text(&read("range")).unwrap_or_default());
    let review = Memo::new(move |_| (read("review") == "1").then(|| (read("unit"), read("amount"))));
    let asked = Memo::new(move |_| Asked {
        asset: asset.get(),
        placed: read("done"),
        preview: review.get().map(|(unit, amount)| (side.get(), unit, amount)),
    });
    let data: PageData<TradeData> = Resource::new_blocking(move || asked.get(), Asked::read);
    follow_account(data);
    let chart: PageData<ChartData> = Resource::new_blocking(
        move || (asset.get(), span.get()),
        |(asset, span)| market_chart(asset, span.as_str().to_owned()),
    );
    let state = untrack(|| TicketState::new(FormState::new("ticket"), side, &read("unit"), &read("amount")));
    view! {
        <Title text="Trade · CNOP" />
        <div class="trade">
            {show(data, |data| head(&data.ticket))}
            <section class="trade-chart" aria-label="Price chart">
                {spans(asset, side, span)}
                {show_more(chart, move |chart| drawn(asset, chart))}
            </section>
            <div class="trade-ticket">
                {show_more(data, move |data| ticket_part(&data, side, state))}
            </div>
            <div class="trade-more">{show_more(data, |data| beneath(&data.ticket))}</div>
            {bar(asset, state)}
        </div>
    }
}

/// The ticket, below what came of the order before and the second look at the one to come.
fn ticket_part(data: &TradeData, side: Memo<Side>, state: TicketState) -> AnyView {
    // First the ticket: it finds what is wrong with the order in the address, and then there is nothing to confirm.
    let ticket = ticket::view(data.ticket.clone(), side, state, data.preview.is_some());
    view! {
        {data.placed.as_ref().map(result)}
        {review::view(data, side, state)}
        {ticket}
    }
    .into_any()
}

fn drawn(asset: Memo<String>, chart: ChartData) -> AnyView {
    asset.get_untracked().parse().map_or_else(|_| ().into_any(), |asset| price_chart(asset, chart))
}

/// The price in the title of the window: the tab tells it.
fn title(asset: AssetId, last: Price) -> AnyView {
    let live = Live::current();
    let text =
        move || format!("{asset} {} · Trade · CNOP", format::price(live.price(&asset).unwrap_or(last)));
    view! { <Title text=text /> }.into_any()
}

/// Name and price.
fn head(data: &TicketData) -> AnyView {
    let (asset, last) = (data.asset_id, data.quote.last);
    view! {
        {title(asset, last)}
        <header class="page-head trade-head">
            <h1 class="asset-cell">
                {asset_icon(data.image.clone())}
                <span>{data.name.clone()} " " <span class="muted">{asset.to_string()}</span></span>
            </h1>
            <p class="trade-price">
                <span class="mid-figure">{live_price(asset, last)}</span> <span class="muted">"\u{a0}USD"</span> " "
                {live_change(asset, data.change_24h)} <span class="muted small">" 24 h"</span>
            </p>
        </header>
    }
    .into_any()
}

/// What the account has, and its last orders of this asset.
fn beneath(data: &TicketData) -> AnyView {
    let asset = data.asset_id;
    let orders = &data.orders.data;
    view! {
        <div class="stack">
            {holding(data)}
            <section class="panel panel-flush" aria-labelledby="trade-orders">
                <div class="panel-head">
                    <h2 id="trade-orders">{format!("Your last orders of {asset}")}</h2>
                    <a href=format!("/orders?asset={asset}")>"All of them"</a>
                </div>
                {if orders.is_empty() {
                    empty(
                        "No orders of this asset yet",
                        "Each order will be listed here with its fill and its fee.",
                        None,
                    )
                } else {
                    super::orders::table(orders)
                }}
            </section>
        </div>
    }
    .into_any()
}

/// On a phone the ticket is below the chart: two buttons lead to it from everywhere.
fn bar(asset: Memo<String>, state: TicketState) -> AnyView {
    let path = move |side: &str| format!("/trade/{}?side={side}#ticket", asset.get());
    view! {
        <nav
            class="trade-bar"
            class:hidden-form=move || state.confirming.with(Option::is_some)
            aria-label="Order ticket"
        >
            <a class="button buy" href=move || path("buy")>"Buy"</a>
            <a class="button sell" href=move || path("sell")>"Sell"</a>
        </nav>
    }
    .into_any()
}

/// The spans of the chart: links, so that they work without scripts.
fn spans(asset: Memo<String>, side: Memo<Side>, chosen: Memo<Range>) -> AnyView {
    let links = Range::ALL
        .into_iter()
        .map(|span| {
            let path = move || format!("/trade/{}?side={}&range={}", asset.get(), side.get(), span.as_str());
            let current = move || (chosen.get() == span).then_some("true");
            view! { <a href=path aria-current=current aria-label=format!("{}, {}", span.as_str(), span.label())>{span.as_str()}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Span of the chart">{links}</nav> }.into_any()
}

/// What the account holds of this asset, and of dollars.
fn holding(data: &TicketData) -> AnyView {
    let live = Live::current();
    let (asset, coins, cash, last) = (data.asset_id, data.holding, data.available, data.quote.last);
    let held = move || {
        live.account().map_or(coins, |account| {
            account.holding(&asset).map_or(cnop_domain::Quantity::ZERO, |held| held.available)
        })
    };
    let value = move || live.price(&asset).unwrap_or(last).value_of(held());
    view! {
        <section class="panel" aria-labelledby="trade-holding">
            <h2 id="trade-holding">"What you have"</h2>
            <dl class="facts facts-2">
                <div><dt>"Dollars available"</dt><dd>{move || format::usd(live.available().unwrap_or(cash))}</dd></div>
                <div>
                    <dt>{format!("{asset} available")}</dt>
                    <dd>
                        {move || format::quantity(held())} " " <span class="muted">{move || format!("({})", format::usd_cents(value()))}</span>
                    </dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}
