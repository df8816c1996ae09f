//! The table of assets. It has many rows and every visitor loads it, so a row has few nodes, and cells have
//! one-letter classes (see `style/market.css`).

use std::fmt::Write;

use cnop_domain::{AssetId, Price};
use html_escape::{encode_quoted_attribute, encode_text};
use leptos::prelude::*;

use crate::chart::{levels_direction, levels_path};
use crate::format::{self, Trend};

/// Size of a row, to begin with.
const ROW_BYTES: usize = 700;

/// One row of the market.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MarketRow {
    /// Id of the asset.
    pub(crate) id: AssetId,
    /// Name of the asset.
    pub(crate) name: String,
    /// Rank by market capitalization.
    pub(crate) rank: u32,
    /// Last price of the asset.
    pub(crate) price: Price,
    /// Change of 24 hours, 0–100.
    pub(crate) change: f64,
    /// Amount in US dollars.
    pub(crate) cap: f64,
    /// Amount in US dollars.
    pub(crate) volume: f64,
    /// Seven days, as [`crate::chart::levels`].
    pub(crate) levels: String,
    /// Path of the icon.
    pub(crate) image: String,
}

/// Sort links of the headers: the order that a link requests, and the present order.
#[derive(Debug, Clone)]
pub(crate) struct SortLinks {
    /// Address with everything but the order, ending in `?` or `&`.
    pub(crate) base: String,
    /// The order that is shown.
    pub(crate) shown: String,
}

/// A column that can be sorted: its word, its class, its order and whether the first click asks for large first.
type Column = (&'static str, &'static str, &'static str, bool);

/// Columns of the table.
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
#[component]
pub(crate) fn MarketTable(
    /// Rows of this page.
    rows: Vec<MarketRow>,
    /// Links of the headers.
    #[prop(optional)]
    links: Option<SortLinks>,
) -> impl IntoView {
    let head = COLUMNS.into_iter().map(|column| header(column, links.as_ref())).collect_view();
    view! {
        <table class=if links.is_some() { "market" } else { "market brief" }>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody inner_html=rows_html(&rows)></tbody>
        </table>
    }
}

/// Header cell of a column.
fn header((word, class, key, large_first): Column, links: Option<&SortLinks>) -> impl IntoView + use<> {
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

/// The rows as HTML text; the whole of a row is its link. Fifty rows as a view are a thousand small allocations for
/// each page; as text they are one.
fn rows_html(rows: &[MarketRow]) -> String {
    let mut html = String::with_capacity(rows.len() * ROW_BYTES);
    for asset in rows {
        let id = asset.id.as_str();
        let spark = levels_path(&asset.levels);
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<tr><td class=\"rank\">{}</td><td class=\"name\"><a class=\"a\" href=\"/market/{id}\">\
             <img class=\"asset-icon\" src=\"{}\" alt=\"\" width=\"24\" height=\"24\" loading=\"lazy\"><b>{}</b><i>{id}</i></a></td>\
             <td class=\"n p\" data-live=\"last\" data-asset=\"{id}\">{}</td>\
             <td class=\"n c\"><span class=\"{}\" data-live=\"change\" data-asset=\"{id}\">{}</span></td><td class=\"s\"><svg class=\"spark {}\" viewBox=\"0 0 96 28\" \
             aria-hidden=\"true\"><path d=\"{spark}\"/></svg></td><td class=\"n m\">{}</td><td class=\"n v\">{}</td></tr>",
            asset.rank,
            encode_quoted_attribute(&asset.image),
            encode_text(&asset.name),
            format::price(asset.price),
            Trend::of_percentage(asset.change).delta_class(),
            encode_text(&format::percent(asset.change)),
            levels_direction(&asset.levels).class(),
            format::compact(asset.cap),
            format::compact(asset.volume),
        );
    }
    html
}
