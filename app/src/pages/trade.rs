//! Trading one asset: chart, ticket, and what came of the orders before.

mod confirm;
mod draft;
mod fields;
#[cfg(feature = "ssr")]
mod result;
mod sheet;
mod state;
mod summary;
mod ticket;
mod words;

use cnop_domain::{AssetId, Price, Side};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::sheet::Sheet;
use self::state::TicketState;
use super::private::{show_more, show_page};
use crate::chart::{Range, price_chart};
use crate::components::{asset_icon, live_change, live_price, open_orders};
use crate::drawn::{Follow, drawn_about};
use crate::erased::Erase;
use crate::format;
use crate::forms::path_encode;
use crate::functions::{Kind, OrderForm, TicketData, TradeData, TradeRead};
use crate::live::Live;
use crate::market::{ChartData, MarketChart};
use crate::remote::{PageData, Question, ask, urlencoded};

#[cfg(feature = "ssr")]
pub(crate) use self::result::{result, rules_text, told as told_of_order};

/// Which of them the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    asset: String,
    placed: String,
    /// The order that is to be looked at a second time.
    review: Option<OrderForm>,
}

impl Asked {
    fn question(self) -> Question<TradeData> {
        let review = if self.review.is_some() { "1" } else { "" };
        let order = self.review.unwrap_or_default();
        let mut fields =
            vec![("asset_id", self.asset.as_str()), ("placed", &self.placed), ("review", review)];
        fields.extend(order.fields().into_iter().filter(|(_, value)| !value.is_empty()));
        let query = urlencoded(&fields);
        let request =
            TradeRead { asset_id: self.asset, placed: self.placed, review: review.to_owned(), order };
        Question::new(request, &query)
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
    let kind = Memo::new(move |_| Kind::from_text(&read("type")));
    let asked = Memo::new(move |_| Asked {
        asset: asset.get(),
        placed: read("done"),
        review: (read("review") == "1").then(|| in_address(&read)),
    });
    let data: PageData<TradeData> = PageData::new(move || asked.get().question()).follow_account();
    let chart: PageData<ChartData> = PageData::new(move || {
        ask!(MarketChart { asset: asset.get(), range: span.get().as_str().to_owned() })
    });
    let sheet = Sheet::new(asset, Memo::new(move |_| sheet::is_asked(&read)));
    let state = untrack(|| TicketState::new(side, kind, &read));
    sheet.watch(state);
    view! {
        <Title text="Trade · CNOP" />
        <div class="trade">
            {show_page(data, ("/market", "Go to the market"), |data| head(&data.ticket))}
            <section class="trade-chart" aria-label="Price chart">
                {spans(asset, state, span, sheet)}
                {show_more(chart, move |chart| drawn(asset, chart))}
            </section>
            {sheet.scrim()}
            <div class="trade-ticket" class:open=move || sheet.is_open()>
                {show_more(data, move |data| ticket_part(&data, state, sheet))}
            </div>
            <div class="trade-more stack">
                {position(asset)}
                {open_orders(asset)}
                {last_orders(asset)}
            </div>
            {sheet.bar()}
        </div>
    }
}

/// The order in the address.
fn in_address(read: &impl Fn(&str) -> String) -> OrderForm {
    OrderForm {
        side: read("side"),
        kind: read("type"),
        unit: read("unit"),
        amount: read("amount"),
        price: read("price"),
        stop_price: read("stop_price"),
        trail: read("trail"),
        trail_unit: read("trail_unit"),
        time_in_force: read("time_in_force"),
        expires_at: read("expires_at"),
        post_only: read("post_only"),
        take_profit: read("take_profit"),
        stop_loss_type: read("stop_loss_type"),
        stop_loss: read("stop_loss"),
        stop_loss_price: read("stop_loss_price"),
        stop_loss_trail: read("stop_loss_trail"),
        stop_loss_unit: read("stop_loss_unit"),
    }
}

/// The ticket, below what came of the order before.
fn ticket_part(data: &TradeData, state: TicketState, sheet: Sheet) -> AnyView {
    view! {
        {sheet.head(&data.ticket)}
        {(!data.placed.is_empty()).then(|| view! { <div inner_html=data.placed.clone()></div> })}
        {ticket::view(data.ticket.clone(), state, data.refusal.clone())}
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

/// What is held of the asset and of dollars, the way to close it, and what else can be asked of the venue.
fn position(asset: Memo<String>) -> AnyView {
    let about = move || {
        let asset = path_encode(&asset.get());
        format!("asset={asset}&at=%2Ftrade%2F{asset}")
    };
    drawn_about("position/close", Box::new(about), Follow::Account)
}

/// The newest orders of this asset, whatever became of them.
fn last_orders(asset: Memo<String>) -> AnyView {
    let about = move || format!("asset={}", path_encode(&asset.get()));
    view! {
        <section class="panel panel-flush" aria-labelledby="trade-orders">
            <div class="panel-head">
                <h2 id="trade-orders">{move || format!("Your last orders of {}", asset.get())}</h2>
                <a href=move || format!("/orders?asset={}", path_encode(&asset.get()))>"All of them"</a>
            </div>
            {drawn_about("orders/last", Box::new(about), Follow::Account)}
        </section>
    }
    .erased()
}

/// The spans of the chart: links, so that they work without scripts.
fn spans(asset: Memo<String>, state: TicketState, chosen: Memo<Range>, sheet: Sheet) -> AnyView {
    let links = Range::ALL
        .into_iter()
        .map(|span| {
            // A side in the address opens the sheet of a phone: it stays as it is.
            let path = move || {
                let side = if sheet.is_open() { format!("side={}&", state.side.get()) } else { String::new() };
                let kind = state.kind.get().as_str();
                format!("/trade/{}?{side}type={kind}&range={}", asset.get(), span.as_str())
            };
            let current = move || (chosen.get() == span).then_some("true");
            view! { <a href=path aria-current=current aria-label=format!("{}, {}", span.as_str(), span.label()) data-noscroll="true">{span.as_str()}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Span of the chart">{links}</nav> }.erased()
}
