//! The list of assets beside the chart, with its search: the way to another asset.

use std::fmt::Write;

use cnop_api::Problem;
use cnop_api::market::{Asset, AssetQuery};
use cnop_domain::AssetId;
use html_escape::{encode_quoted_attribute, encode_text};
use leptos::prelude::*;

use crate::components::ui::{LinkButton, Look};
use crate::format::{self, Trend};
use crate::pages::request::PublicRequest;

/// Most assets of the list.
const ASSETS_MAX: u32 = 250;
/// Assets that are listed without a search, with live figures.
const LISTED: usize = 30;
/// Size of a row, to begin with.
const ROW_BYTES: usize = 420;

/// The list. On a wide window it is a column; elsewhere a link to `#pairs` opens it over the page.
pub(super) fn watch(visit: &PublicRequest, current: AssetId) -> Result<impl IntoView + use<>, Problem> {
    let find = visit.query("find").to_owned();
    let query = AssetQuery { limit: ASSETS_MAX, ..AssetQuery::default() };
    let assets = visit.services.inventory.assets(&query)?.data;
    let rows = rows(&assets, current, &find);
    let is_finding = !find.is_empty();
    let none = if rows.is_empty() { "No matches." } else { "" };
    Ok(view! {
        <aside class="watch" id="pairs" aria-label="Assets" data-finding=is_finding.then_some("")>
            <form class="watch-search" role="search" method="get" action=format!("/trade/{current}#pairs") data-whole="">
                <label class="sr-only" for="pair-search">"Search assets"</label>
                <input
                    class="input desk:min-h-9 desk:text-14"
                    id="pair-search"
                    name="find"
                    r#type="search"
                    value=find
                    placeholder="Search, /"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                />
                <div class="desk:hidden"><LinkButton look=Look::Quiet href="#main">"Close"</LinkButton></div>
            </form>
            <ul id="pair-list" inner_html=rows></ul>
            <p class="watch-none" id="pair-none" role="status">{none}</p>
        </aside>
    })
}

/// The rows as HTML text. Those after the first are found by a search alone.
fn rows(assets: &[Asset], current: AssetId, find: &str) -> String {
    let wanted = find.to_lowercase();
    let mut html = String::with_capacity(LISTED * ROW_BYTES);
    for (index, asset) in assets.iter().enumerate() {
        let id = asset.asset_id;
        let names = format!("{id} {}", asset.name).to_lowercase();
        if !names.contains(&wanted) {
            continue;
        }
        let is_current = id == current;
        let is_listed = index < LISTED || is_current || !wanted.is_empty();
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<li data-find=\"{}\"{}><a href=\"/trade/{id}\"{}><img src=\"{}\" alt=\"\" width=\"20\" height=\"20\" \
             loading=\"lazy\"><b>{id}</b><i>{}</i>",
            encode_quoted_attribute(&names),
            if is_listed { "" } else { " class=\"rest\"" },
            if is_current { " aria-current=\"page\"" } else { "" },
            encode_quoted_attribute(&asset.image),
            encode_text(&asset.name),
        );
        if is_listed {
            let _ = write!(
                html,
                "<span translate=no class=\"n\" data-live=\"last\" data-asset=\"{id}\">{}</span>\
                 <span class=\"n\"><span translate=no class=\"{}\" data-live=\"change\" data-asset=\"{id}\">{}</span></span>",
                format::price(asset.price),
                Trend::of_percentage(asset.price_change_percentage_24h).delta_class(),
                encode_text(&format::percent(asset.price_change_percentage_24h)),
            );
        }
        html.push_str("</a></li>");
    }
    html
}
