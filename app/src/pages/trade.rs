//! Trading one asset: chart, ticket, and what came of the orders before.

mod draft;
mod result;
mod review;
mod ticket;

use cnop_api::trading::OrderView;
use cnop_domain::{AssetId, Price, Side};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::result::result;
use self::review::Review;
use self::ticket::TicketState;
use super::private::{PageData, show};
use crate::chart::{Range, price_chart};
use crate::components::{asset_icon, empty, live_change, live_price};
use crate::error::AppError;
use crate::format;
use crate::forms::FormState;
use crate::functions::{TicketData, order, order_preview, ticket};
use crate::live::Live;
use crate::market::{ChartData, market_chart};

/// Chart, ticket and orders of one asset.
#[component]
pub(crate) fn TradePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let read = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    let asset = Memo::new(move |_| params.with(|params| params.get("asset")).unwrap_or_default().to_ascii_uppercase());
    let side = Memo::new(move |_| Side::from_text(&read("side")).unwrap_or(Side::Buy));
    let span = Memo::new(move |_| Range::from_text(&read("range")).unwrap_or_default());
    let data: PageData<TicketData> = Resource::new_blocking(move || asset.get(), ticket);
    super::private::follow_account(data);
    let chart: Resource<Result<ChartData, AppError>> = Resource::new_blocking(
        move || (asset.get(), span.get()),
        |(asset, span)| market_chart(asset, span.as_str().to_owned()),
    );
    let done = Memo::new(move |_| read("done"));
    let placed: Resource<Option<OrderView>> = Resource::new_blocking(
        move || done.get(),
        |id| async move { if id.is_empty() { None } else { order(id).await.ok() } },
    );
    let review = Review {
        asked: Memo::new(move |_| (read("review") == "1").then(|| (read("unit"), read("amount")))),
    };
    let preview = Resource::new_blocking(
        move || (asset.get(), side.get(), review.asked.get()),
        |(asset, side, asked)| async move {
            match asked {
                Some((unit, amount)) => Some(order_preview(asset, side.as_str().to_owned(), unit, amount).await),
                None => None,
            }
        },
    );
    let state = TicketState::new(FormState::new("ticket"), side, &read("unit"), &read("amount"));
    view! {
        <Title text="Trade · CNOP" />
        {show(data, move |data| page(data, side, span, chart, state, review, preview, placed))}
    }
}

/// The price in the title of the window: the tab tells it.
fn title(asset: AssetId, last: Price) -> AnyView {
    let live = Live::current();
    let text = move || {
        format!("{asset} {} · Trade · CNOP", format::price(live.price(&asset).unwrap_or(last)))
    };
    view! { <Title text=text /> }.into_any()
}

#[allow(clippy::too_many_arguments, reason = "the page's own parts, handed from its body to its view")]
fn page(
    data: TicketData,
    side: Memo<Side>,
    span: Memo<Range>,
    chart: Resource<Result<ChartData, AppError>>,
    state: TicketState,
    review: Review,
    preview: review::Preview,
    placed: Resource<Option<OrderView>>,
) -> AnyView {
    let (id, name, last, day) = (data.asset_id, data.name.clone(), data.quote.last, data.change_24h);
    let orders = data.orders.data.clone();
    let beneath = holding(&data);
    view! {
        {title(id, last)}
        <div class="trade stack">
            <header class="page-head trade-head">
                <h1 class="asset-cell">
                    {asset_icon(data.image.clone())} <span>{name} " " <span class="muted">{id.to_string()}</span></span>
                </h1>
                <p class="trade-price">
                    <span class="mid-figure">{live_price(id, last)}</span>
                    <span class="muted">"\u{a0}USD"</span> " " {live_change(id, day)}
                    <span class="muted small">" 24 h"</span>
                </p>
            </header>
            <div class="trade-room">
                <section class="trade-chart" aria-label="Price chart">
                    {spans(id, side, span)}
                    {move || Suspend::new(async move {
                        match chart.await {
                            Ok(data) => price_chart(id, data),
                            Err(error) => crate::components::failure(&error.0),
                        }
                    })}
                </section>
                <div class="trade-ticket">
                    {move || Suspend::new(async move { placed.await.map(|order| result(&order)) })}
                    {review.view(&data, side, state, preview)}
                    {ticket::view(data, side, state, review)}
                </div>
            </div>
            {beneath}
            <section class="panel panel-flush" aria-labelledby="trade-orders">
                <div class="panel-head">
                    <h2 id="trade-orders">{format!("Your last orders of {id}")}</h2>
                    <a href=format!("/orders?asset={id}")>"All of them"</a>
                </div>
                {if orders.is_empty() {
                    empty("No orders of this asset yet", "Each order will be listed here with its fill and its fee.", None)
                } else {
                    super::orders::table(&orders)
                }}
            </section>
            <nav class="trade-bar" aria-label="Order ticket">
                <a class="button buy" href=format!("/trade/{id}?side=buy#ticket")>"Buy"</a>
                <a class="button sell" href=format!("/trade/{id}?side=sell#ticket")>"Sell"</a>
            </nav>
        </div>
    }
    .into_any()
}

/// The spans of the chart: links, so that they work without scripts.
fn spans(asset: AssetId, side: Memo<Side>, chosen: Memo<Range>) -> AnyView {
    let links = Range::ALL
        .into_iter()
        .map(|span| {
            let path = move || format!("/trade/{asset}?side={}&range={}", side.get(), span.as_str());
            let current = move || (chosen.get() == span).then_some("true");
            view! { <a href=path aria-current=current aria-label=span.label()>{span.as_str()}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Span of the chart">{links}</nav> }.into_any()
}

/// What the account holds of this asset, and of dollars.
fn holding(data: &TicketData) -> AnyView {
    let live = Live::current();
    let (asset, coins, cash, last) = (data.asset_id, data.holding, data.available, data.quote.last);
    let held = move || live.account().map_or(coins, |account| {
        account.holding(&asset).map_or(cnop_domain::Quantity::ZERO, |held| held.available)
    });
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
