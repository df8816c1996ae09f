//! Trading one asset: chart, ticket, and what came of the orders before.

mod confirm;
mod draft;
mod fields;
mod result;
mod review;
mod sheet;
mod ticket;

use cnop_domain::{AssetId, Price, Side};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::result::result;
use self::sheet::Sheet;
use self::ticket::TicketState;
use super::private::{show_more, show_page};
use crate::chart::{Range, price_chart};
use crate::components::{asset_icon, empty, live_change, live_price};
use crate::erased::Erase;
use crate::format;
use crate::forms::FormState;
use crate::functions::{TicketData, TradeData, TradeRead};
use crate::live::Live;
use crate::market::{ChartData, MarketChart};
use crate::remote::{PageData, Question, ask};

/// Which of them the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    asset: String,
    placed: String,
    preview: Option<(Side, String, String)>,
}

impl Asked {
    fn question(self) -> Question<TradeData> {
        let (side, unit, amount) = self
            .preview
            .map(|(side, unit, amount)| (side.as_str().to_owned(), unit, amount))
            .unwrap_or_default();
        ask!(TradeRead { asset_id: self.asset, placed: self.placed, side: side, unit: unit, amount: amount })
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
    let data: PageData<TradeData> = PageData::new(move || asked.get().question()).follow_account();
    let chart: PageData<ChartData> = PageData::new(move || {
        ask!(MarketChart { asset: asset.get(), range: span.get().as_str().to_owned() })
    });
    let sheet = Sheet::new(asset, Memo::new(move |_| sheet::is_asked(&read)));
    let state = untrack(|| TicketState::new(FormState::new("ticket"), side, &read("unit"), &read("amount")));
    sheet.watch(state);
    view! {
        <Title text="Trade · CNOP" />
        <div class="trade">
            {show_page(data, ("/market", "Go to the market"), |data| head(&data.ticket))}
            <section class="trade-chart" aria-label="Price chart">
                {spans(asset, side, span, sheet)}
                {show_more(chart, move |chart| drawn(asset, chart))}
            </section>
            {sheet.scrim()}
            <div class="trade-ticket" class:open=move || sheet.is_open()>
                {show_more(data, move |data| ticket_part(&data, side, state, sheet))}
            </div>
            <div class="trade-more">{show_more(data, |data| beneath(&data.ticket))}</div>
            {sheet.bar()}
        </div>
    }
}

/// The ticket, below what came of the order before and the second look at the one to come.
fn ticket_part(data: &TradeData, side: Memo<Side>, state: TicketState, sheet: Sheet) -> AnyView {
    // First the ticket: it finds what is wrong with the order in the address, and then there is nothing to confirm.
    let ticket = ticket::view(data.ticket.clone(), side, state, data.preview.is_some());
    view! {
        {sheet.head(&data.ticket)}
        {data.placed.as_ref().map(result)}
        {review::view(data, side, state)}
        {ticket}
    }
    .erased()
}

fn drawn(asset: Memo<String>, chart: ChartData) -> AnyView {
    asset.get_untracked().parse().map_or_else(|_| ().into_any(), |asset| price_chart(asset, chart))
}

/// The price in the title of the window: the tab tells it.
fn title(asset: AssetId, last: Price) -> AnyView {
    let live = Live::current();
    let text =
        move || format!("{asset} {} · Trade · CNOP", format::price(live.price(&asset).unwrap_or(last)));
    view! { <Title text=text /> }.erased()
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
    .erased()
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
    .erased()
}

/// The spans of the chart: links, so that they work without scripts.
fn spans(asset: Memo<String>, side: Memo<Side>, chosen: Memo<Range>, sheet: Sheet) -> AnyView {
    let links = Range::ALL
        .into_iter()
        .map(|span| {
            // A side in the address opens the sheet of a phone: it stays as it is.
            let path = move || {
                let side = if sheet.is_open() { format!("side={}&", side.get()) } else { String::new() };
                format!("/trade/{}?{side}range={}", asset.get(), span.as_str())
            };
            let current = move || (chosen.get() == span).then_some("true");
            view! { <a href=path aria-current=current aria-label=format!("{}, {}", span.as_str(), span.label()) data-noscroll="true">{span.as_str()}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Span of the chart">{links}</nav> }.erased()
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
    .erased()
}
