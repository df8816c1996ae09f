//! The table of assets. It has many rows and every visitor loads it, so a row has few nodes, and cells have
//! one-letter classes (see `style/market.css`).

use std::fmt::Write;

use cnop_domain::{AssetId, Price};
use html_escape::{encode_quoted_attribute, encode_text};
use leptos::prelude::*;

use crate::chart::{levels_direction, levels_path};
use crate::format::{self, Trend};

/// Id of the form that the stars of the rows belong to.
pub(crate) const STAR_FORM: &str = "star";
/// Size of a row, to begin with.
const ROW_BYTES: usize = 900;

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
    /// Change of seven days, 0–100.
    pub(crate) week: Option<f64>,
    /// Change of thirty days, 0–100.
    pub(crate) month: Option<f64>,
    /// True if the reader has starred it.
    pub(crate) is_favorite: bool,
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

/// A column of the table.
struct Column {
    /// Word of the header.
    word: &'static str,
    /// Classes of the header: the column's letter, and its width.
    class: &'static str,
    /// Order that the header asks for; empty for none.
    order: &'static str,
    /// True if the first click sorts by large values first.
    is_large_first: bool,
    /// True if the short table has it too.
    is_brief: bool,
}

/// Columns of the table. Their widths are fixed: live figures never move a column.
const COLUMNS: [Column; 9] = [
    column("#", "rank w-20", "rank", false, false),
    column("Asset", "name", "name", false, true),
    column("Price, USD", "n p w-[12%] in-[.brief]:w-[24%]", "price", true, true),
    column("24 h", "n c w-28 in-[.brief]:w-26", "change", true, true),
    column("7 d", "n w7 w-24", "", false, false),
    column("30 d", "n w30 w-24", "", false, false),
    column("7 days", "s w-36", "", false, true),
    column("Market cap", "n m w-[10%]", "", false, false),
    column("Volume 24 h", "n v w-[10%]", "volume", true, false),
];

const fn column(
    word: &'static str,
    class: &'static str,
    order: &'static str,
    is_large_first: bool,
    is_brief: bool,
) -> Column {
    Column { word, class, order, is_large_first, is_brief }
}

/// The table; without links its headers are plain words.
#[component]
pub(crate) fn MarketTable(
    /// Rows of this page.
    rows: Vec<MarketRow>,
    /// Links of the headers.
    #[prop(optional)]
    links: Option<SortLinks>,
) -> impl IntoView {
    let is_brief = links.is_none();
    let shown = COLUMNS.iter().filter(|column| column.is_brief || !is_brief);
    let head = shown.map(|column| header(column, links.as_ref())).collect_view();
    view! {
        <table class=if is_brief { "market brief" } else { "market" }>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody inner_html=rows_html(&rows, is_brief)></tbody>
        </table>
    }
}

/// Header cell of a column.
fn header(column: &Column, links: Option<&SortLinks>) -> impl IntoView + use<> {
    let Column { word, class, order: key, is_large_first, .. } = *column;
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
    let next = match (state, is_large_first) {
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

/// Cells of the changes over seven and thirty days.
fn changes_html(asset: &MarketRow) -> String {
    let cell = |class: &str, change: Option<f64>| {
        let trend = change.map_or(Trend::Flat, Trend::of_percentage);
        let text = change.map_or_else(|| "—".to_owned(), format::percent);
        format!("<td class=\"n {class} {}\">{}</td>", trend.class(), encode_text(&text))
    };
    format!("{}{}", cell("w7", asset.week), cell("w30", asset.month))
}

/// The rows as HTML text; the whole of a row is its link. Fifty rows as a view are a thousand small allocations for
/// each page; as text they are one.
fn rows_html(rows: &[MarketRow], is_brief: bool) -> String {
    let mut html = String::with_capacity(rows.len() * ROW_BYTES);
    // Writing to a string cannot fail.
    for asset in rows {
        let id = asset.id.as_str();
        let spark = levels_path(&asset.levels);
        html.push_str("<tr>");
        if !is_brief {
            // The star belongs to the form of the page, so that a row needs no form of its own.
            let _ = write!(
                html,
                "<td class=\"rank\"><button class=\"star\" id=\"star-{id}\" form=\"{STAR_FORM}\" name=\"asset\" value=\"{id}\" \
                 aria-pressed=\"{}\" aria-label=\"Favorite: {}\">★</button>{}</td>",
                asset.is_favorite,
                encode_quoted_attribute(&asset.name),
                asset.rank,
            );
        }
        let _ = write!(
            html,
            "<td class=\"name\"><a class=\"a\" href=\"/market/{id}\">\
             <img src=\"{}\" alt=\"\" width=\"24\" height=\"24\" loading=\"lazy\"><b>{}</b><i>{id}</i></a></td>\
             <td translate=no class=\"n p\" data-live=\"last\" data-asset=\"{id}\">{}</td>\
             <td class=\"n c\"><span translate=no class=\"{}\" data-live=\"change\" data-asset=\"{id}\">{}</span></td>\
             {}<td class=\"s\"><svg class=\"spark {}\" viewBox=\"0 0 96 28\" aria-hidden=\"true\"><path d=\"{spark}\"/></svg></td>",
            encode_quoted_attribute(&asset.image),
            encode_text(&asset.name),
            format::price(asset.price),
            Trend::of_percentage(asset.change).delta_class(),
            encode_text(&format::percent(asset.change)),
            if is_brief { String::new() } else { changes_html(asset) },
            levels_direction(&asset.levels).class(),
        );
        if !is_brief {
            let (cap, volume) = (format::compact(asset.cap), format::compact(asset.volume));
            let _ = write!(html, "<td class=\"n m\">{cap}</td><td class=\"n v\">{volume}</td>");
        }
        html.push_str("</tr>");
    }
    html
}
