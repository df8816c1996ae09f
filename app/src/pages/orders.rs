//! All orders, with filters and pages in the address.

use cnop_api::trading::{OrderView, Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::private::show;
use crate::components::{empty, pager_older};
use crate::erased::Erase;
use crate::format;
use crate::forms::path_encode;
use crate::functions::OrdersRead;
use crate::remote::{PageData, ask};

/// Types of orders to choose from: on the wire and in words.
const TYPES: [(&str, &str); 3] =
    [("", "Buy and sell"), ("market_buy", "Market buy"), ("market_sell", "Market sell")];
/// States of orders to choose from.
const STATUSES: [(&str, &str); 2] = [("", "Any status"), ("completed", "Completed")];

/// What the list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    asset: String,
    order_type: String,
    status: String,
    cursor: String,
}

/// The account's orders, newest first.
#[component]
pub(crate) fn OrdersPage() -> impl IntoView {
    let query = use_query_map();
    let read = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    let asked = Memo::new(move |_| Asked {
        asset: read("asset").trim().to_owned(),
        order_type: read("type"),
        status: read("status"),
        cursor: read("cursor"),
    });
    let data: PageData<Page<OrderView>> = PageData::new(move || {
        let Asked { asset, order_type, status, cursor } = asked.get();
        ask!(OrdersRead { asset_id: asset, order_type: order_type, status: status, cursor: cursor })
    })
    .follow_account();
    view! {
        <Title text="Orders · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Orders"</h1>
                <a class="button primary" href="/trade">"New order"</a>
            </div>
            {filter(&asked.get_untracked())}
            <section class="panel panel-flush" aria-label="List of orders">
                {show(data, move |page| list(&page, &asked.get_untracked()))}
            </section>
        </div>
    }
}

/// A plain form: filters are addresses that can be kept and sent on.
fn filter(asked: &Asked) -> AnyView {
    let options = |choices: &'static [(&'static str, &'static str)], chosen: &str| {
        choices
            .iter()
            .map(|(value, label)| view! { <option value=*value selected=*value == chosen>{*label}</option> })
            .collect_view()
    };
    view! {
        <form class="filter" method="get" action="/orders" role="search" aria-label="Filter orders">
            <div class="field">
                <label for="orders-asset">"Asset"</label>
                <input id="orders-asset" name="asset" value=asked.asset.clone() autocomplete="off" spellcheck="false" />
            </div>
            <div class="field">
                <label for="orders-type">"Type"</label>
                <select id="orders-type" name="type">{options(&TYPES, &asked.order_type)}</select>
            </div>
            <div class="field">
                <label for="orders-status">"Status"</label>
                <select id="orders-status" name="status">{options(&STATUSES, &asked.status)}</select>
            </div>
            <button class="button" r#type="submit">"Filter"</button>
        </form>
    }
    .erased()
}

fn list(page: &Page<OrderView>, asked: &Asked) -> AnyView {
    let filters = [("asset", &asked.asset), ("type", &asked.order_type), ("status", &asked.status)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", path_encode(value)))
        .collect::<Vec<_>>()
        .join("&");
    let address = |cursor: &str| {
        let parts =
            [filters.as_str(), cursor].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        format!("/orders?{}", parts.join("&"))
    };
    let next = page.next_cursor.as_ref().filter(|_| page.has_more);
    let next = next.map(|cursor| address(&format!("cursor={}", path_encode(cursor))));
    let first = (!asked.cursor.is_empty()).then(|| address(""));
    if page.data.is_empty() {
        return if filters.is_empty() && first.is_none() {
            empty(
                "No orders yet",
                "Each order will be listed here with its fill and its fee.",
                Some(("/trade", "Place an order")),
            )
        } else {
            empty(
                "No order fits this filter",
                "Choose another asset, type or status.",
                Some(("/orders", "Show all orders")),
            )
        };
    }
    view! { {table(&page.data)} {pager_older("Pages of orders", first, next)} }.erased()
}

/// The words of an order's type.
pub(super) fn type_words(order: &OrderView) -> String {
    let kind = order.kind.replace('_', " ");
    let mut words = format!("{kind} {}", order.side);
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// The words of an order's status.
pub(super) fn status_words(status: &str) -> String {
    let mut words = status.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// Orders as a table; on a phone each row becomes two lines.
pub(super) fn table(orders: &[OrderView]) -> AnyView {
    let lines = orders
        .iter()
        .map(|order| {
            let side = if order.side == "sell" { "side-sell" } else { "side-buy" };
            view! {
                <tr>
                    <td class="when">
                        <a class="row-link" href=format!("/orders/{}", order.order_id)>{format::moment(order.created_at)}</a>
                    </td>
                    <td class="what"><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</td>
                    <td class="number" data-label="Quantity">{format::quantity(order.filled_quantity)}</td>
                    <td class="number" data-label="Avg. price">
                        {order.average_price.map_or_else(|| "—".to_owned(), format::price)}
                    </td>
                    <td class="number end worth">{format::amount_cents(order.total_amount)}</td>
                    <td class="number end" data-label="Fee, USD">{format::amount(order.fees)}</td>
                    <td class="state">{status_words(&order.status)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll">
            <table class="table stacked">
                <caption class="hidden-word">"Orders, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Order"</th>
                        <th scope="col" class="number">"Quantity"</th>
                        <th scope="col" class="number">"Average price"</th>
                        <th scope="col" class="number">"Value, USD"</th>
                        <th scope="col" class="number">"Fee, USD"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
    .erased()
}
