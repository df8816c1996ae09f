//! One order with its whole story.

use cnop_api::trading::{FillView, OrderView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::orders::{status_words, type_words};
use super::private::show_page;
use crate::erased::Erase;
use crate::format;
use crate::functions::OrderRead;
use crate::remote::{PageData, ask};

/// One order of the account.
#[component]
pub(crate) fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let data: PageData<OrderView> = PageData::new(move || ask!(OrderRead { order_id: id.get() }));
    view! {
        <Title text="Order · CNOP" />
        {show_page(data, ("/orders", "All orders"), |order| story(&order))}
    }
}

fn story(order: &OrderView) -> AnyView {
    let unit = format!("\u{a0}{}", order.asset_id);
    let ordered = order.quote_quantity.map_or_else(
        || format!("{}{unit}", format::quantity(order.quantity)),
        |value| format!("{} worth of {}", format::usd(value), order.asset_id),
    );
    let fills = order.fills.iter().map(|fill| explained(order, fill)).collect_view();
    view! {
        <div class="stack">
            <div>
                <p class="way-back"><a href="/orders">"All orders"</a></p>
                <h1>{format!("{} {}", type_words(order), order.asset_id)}</h1>
                <p class="muted">{status_words(&order.status)} " · " {format::moment(order.created_at)}</p>
            </div>
            <div class="columns columns-even">
                <section class="panel" aria-labelledby="order-what">
                    <h2 id="order-what">"What was done"</h2>
                    <dl class="facts">
                        {fact("Ordered", ordered)}
                        {fact("Filled", format!("{}{unit}", format::quantity(order.filled_quantity)))}
                        {order.average_price.map(|price| fact("Average price", format!("{}\u{a0}USD", format::price(price))))}
                        {fact("Value", format::usd(order.total_amount))}
                        {fact("Fee", format::usd(order.fees))}
                        {settled(order)}
                        {order.realised_profit.map(|profit| fact("Realised after the fee", format::usd_signed(profit)))}
                        <div><dt>"Order id"</dt><dd><code class="order-id">{order.order_id.to_string()}</code></dd></div>
                        {order.client_order_id.clone().map(|id| fact("Your id", id))}
                    </dl>
                </section>
                <section class="panel" aria-labelledby="order-story">
                    <h2 id="order-story">"Its story"</h2>
                    <ol class="story">
                        <li>
                            <p class="row-title">"Accepted"</p>
                            <p class="muted small">{format::moment(order.created_at)}</p>
                        </li>
                        {fills}
                        <li>
                            <p class="row-title">{status_words(&order.status)}</p>
                            <p class="muted small">{format::moment(order.updated_at)}</p>
                        </li>
                    </ol>
                    <p class="small"><a href="/about/fills">"How an order is filled"</a></p>
                </section>
            </div>
        </div>
    }
    .erased()
}

pub(super) fn fact(label: &'static str, value: String) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.erased()
}

/// What left or entered the balance in all.
fn settled(order: &OrderView) -> AnyView {
    if order.side == "sell" {
        let received = order.total_amount.checked_sub(order.fees).unwrap_or(order.total_amount);
        fact("Received", format::usd(received))
    } else {
        let paid = order.total_amount.checked_add(order.fees).unwrap_or(order.total_amount);
        fact("Paid", format::usd(paid))
    }
}

/// One fill in words, with the quote that it used.
pub(super) fn explained(order: &OrderView, fill: &FillView) -> AnyView {
    let taken = if order.side == "sell" { "bid" } else { "ask" };
    let source = if fill.quote_source == "coingecko" { "CoinGecko" } else { "the market simulator" };
    view! {
        <li>
            <p class="row-title">
                {format!(
                    "Filled {} {} at {} USD",
                    format::quantity(fill.quantity),
                    order.asset_id,
                    format::price(fill.price),
                )}
            </p>
            <p class="muted small">
                {format!(
                    "At the {taken} of quote {} (bid {}, ask {}), made ",
                    fill.quote_seq,
                    format::price(fill.quote_bid),
                    format::price(fill.quote_ask),
                )}
                <span class="nowrap">{format::moment(fill.quote_time)}</span>
                {format!(
                    " by {source}. Value {}, fee {}. Fill model {}.",
                    format::usd(fill.notional),
                    format::usd(fill.fee),
                    fill.fill_model,
                )}
            </p>
        </li>
    }
    .erased()
}
