//! The table of assets. There are many rows and every visitor gets them, so a row has few nodes: cells are told
//! apart by one-letter classes (see `style/market.css`).

use leptos::prelude::*;

use super::{asset_icon, live_change, live_price, sparkline};
use crate::format;
use crate::market::MarketRow;

/// Where the headers lead: the order that a link asks for, and the order that is shown.
#[derive(Debug, Clone)]
pub(crate) struct SortLinks {
    /// Address with everything but the order, ending in `?` or `&`.
    pub(crate) base: String,
    /// The order that is shown.
    pub(crate) shown: String,
}

/// A column that can be sorted: its word, its class, its order and whether the first click asks for large first.
type Column = (&'static str, &'static str, &'static str, bool);

/// The columns.
const COLUMNS: [Column; 7] = [
    ("#", "rank", "rank", false),
    ("Asset", "name", "name", false),
    ("Price, USD", "n p", "price", true),
    ("24 h", "n c", "change", true),
    ("7 days", "s", "", false),
    ("Market cap", "n m", "", false),
    ("Volume 24 h", "n v", "volume", true),
];

/// The table; without links its headers are plain words.
pub(crate) fn market_table(rows: Vec<MarketRow>, links: Option<&SortLinks>) -> AnyView {
    let head = COLUMNS.into_iter().map(|column| header(column, links)).collect_view();
    let body = rows.into_iter().map(row).collect_view();
    view! {
        <table class=if links.is_some() { "market" } else { "market brief" }>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

/// One header.
fn header((word, class, key, large_first): Column, links: Option<&SortLinks>) -> AnyView {
    let Some(links) = links.filter(|_| !key.is_empty()) else {
        return view! { <th scope="col" class=class><span>{word}</span></th> }.into_any();
    };
    let descending = format!("-{key}");
    // By rank, the largest come first although the number rises.
    let state = if links.shown == key {
        Some("ascending")
    } else if links.shown == descending {
        Some("descending")
    } else {
        None
    };
    let next = match (state, large_first) {
        (Some("ascending"), _) | (None, true) => descending,
        _ => key.to_owned(),
    };
    let sign = match state {
        Some("ascending") => " ↑",
        Some(_) => " ↓",
        None => "",
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            <a href=format!("{}sort={next}", links.base)>{format!("{word}{sign}")}</a>
        </th>
    }
    .into_any()
}

/// One row; the whole of it is the link.
fn row(asset: MarketRow) -> AnyView {
    let image = asset.image();
    view! {
        <tr>
            <td class="rank">{asset.rank}</td>
            <td class="name">
                <a class="a" href=format!("/market/{}", asset.id.as_str())>
                    {asset_icon(image)}
                    <b>{asset.name}</b>
                    <i>{asset.id.as_str().to_owned()}</i>
                </a>
            </td>
            <td class="n p">{live_price(asset.id, asset.price)}</td>
            <td class="n c">{live_change(asset.id, asset.change)}</td>
            <td class="s">{sparkline(&asset.levels)}</td>
            <td class="n m">{format::compact(asset.cap)}</td>
            <td class="n v">{format::compact(asset.volume)}</td>
        </tr>
    }
    .into_any()
}
