//! The table of assets. There are many rows and every visitor gets them, so a row has few nodes: cells are told
//! apart by one-letter classes (see `style/market.css`).

use std::fmt::Write;

use cnop_domain::AssetId;
use leptos::html;
use leptos::prelude::*;

use super::figures::change_class;
use crate::chart::{levels_direction, levels_path};
use crate::erased::Erase;
use crate::format;
use crate::live::Live;
use crate::market::MarketRow;

/// Size of a row, to begin with.
const ROW_BYTES: usize = 700;

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
pub(crate) fn market_table(rows: &[MarketRow], links: Option<&SortLinks>) -> AnyView {
    let head = COLUMNS.into_iter().map(|column| header(column, links)).collect_view();
    let body = NodeRef::new();
    for asset in rows {
        keep_live(body, asset.id);
    }
    view! {
        <table class=if links.is_some() { "market" } else { "market brief" }>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody node_ref=body inner_html=rows_html(rows)></tbody>
        </table>
    }
    .erased()
}

/// One header.
fn header((word, class, key, large_first): Column, links: Option<&SortLinks>) -> AnyView {
    let Some(links) = links.filter(|_| !key.is_empty()) else {
        return view! { <th scope="col" class=class><span>{word}</span></th> }.erased();
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
    .erased()
}

/// The rows as HTML text; the whole of a row is its link. A view of fifty rows is a thousand small allocations on the
/// server and as many steps of hydration in the browser: the text is one, and only the live cells are touched later.
fn rows_html(rows: &[MarketRow]) -> String {
    let mut html = String::with_capacity(rows.len() * ROW_BYTES);
    for asset in rows {
        let id = asset.id.as_str();
        let spark = levels_path(&asset.levels);
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<tr data-a=\"{id}\"><td class=\"rank\">{}</td><td class=\"name\"><a class=\"a\" href=\"/market/{id}\">\
             <img class=\"asset-icon\" src=\"{}\" alt=\"\" width=\"24\" height=\"24\" loading=\"lazy\"><b>{}</b><i>{id}</i></a></td>\
             <td class=\"n p\">{}</td><td class=\"n c {}\">{}</td><td class=\"s\"><svg class=\"spark {}\" viewBox=\"0 0 96 28\" \
             aria-hidden=\"true\"><path d=\"{spark}\"/></svg></td><td class=\"n m\">{}</td><td class=\"n v\">{}</td></tr>",
            asset.rank,
            escaped(&asset.image()),
            escaped(&asset.name),
            format::price(asset.price),
            change_class(asset.change),
            format::percent(asset.change).replace('<', "&lt;"),
            levels_direction(&asset.levels).class(),
            format::compact(asset.cap),
            format::compact(asset.volume),
        );
    }
    html
}

/// A text as HTML content or as the value of a quoted attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writes live prices into the row of one asset, for as long as the table stands.
fn keep_live(body: NodeRef<html::Tbody>, asset: AssetId) {
    let live = Live::current();
    Effect::new(move |_| {
        let Some(tick) = live.tick(&asset) else { return };
        let cell = |class: &str| {
            let selector = format!("[data-a=\"{asset}\"] .{class}");
            body.get_untracked().and_then(|body| body.query_selector(&selector).ok().flatten())
        };
        if let Some(price) = cell("p") {
            price.set_text_content(Some(&format::price(tick.last)));
        }
        if let Some(change) = cell("c") {
            change.set_class_name(&format!("n c {}", change_class(tick.change_percentage_24h)));
            change.set_text_content(Some(&format::percent(tick.change_percentage_24h)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_wherever_it_stands() {
        assert_eq!(escaped("<b>\"R&D\"</b>"), "&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt;");
    }
}
