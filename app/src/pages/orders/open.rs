//! Open orders as a dense table, and what can be done with many of them.

mod row;
mod sorting;

use cnop_api::Problem;
use cnop_api::trading::{OrderQuery, OrderView, StatusFilter};
use cnop_domain::{AssetId, Price};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use self::row::row;
use self::sorting::{OpenRow, SortColumn, Sorting, arranged};
use super::many::OrdersCancelPicked;
use super::order_actions::{is_open, order_result};
use crate::address::with_member;
use crate::components::Empty;
use crate::components::ui::{
    Button, ButtonSize, HiddenCaption, Muted, Panel, PanelHead, PanelKind, Scroll, SpokenOnly, TableCount,
};
use crate::error::AppError;
use crate::forms::{Hidden, key_new};
use crate::pages::{PageRequest, use_request};

/// As many open orders as an account may have would be three screens; the history has the others.
const OPEN_ROWS: u32 = 100;

/// Headings of the table: word, column that it sorts by, and true for figures.
const HEADINGS: [(&str, Option<SortColumn>, bool); 7] = [
    ("Order", Some(SortColumn::Order), false),
    ("Price, USD", Some(SortColumn::Price), true),
    ("Away", Some(SortColumn::Away), true),
    ("Filled", Some(SortColumn::Filled), true),
    ("Reserved", None, true),
    ("Status", None, false),
    ("Placed", Some(SortColumn::Placed), false),
];

/// Scope of the list of open orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All, on the orders page.
    All,
    /// Those of one asset, on its trading page.
    Asset(AssetId),
}

/// The open orders of one asset, for its trading page; nothing without one.
#[component]
pub(in crate::pages) fn OpenOrders(
    /// Id of the asset.
    asset: AssetId,
) -> impl IntoView {
    Suspend::new(open(use_request(), Scope::Asset(asset)))
}

/// Open orders. Of one asset they bring the outcome of the last form, and nothing when none is open.
pub(super) async fn open(request: PageRequest, scope: Scope) -> Result<impl IntoView + use<>, AppError> {
    let asset_id = match scope {
        Scope::All => None,
        Scope::Asset(asset_id) => Some(asset_id),
    };
    let query =
        OrderQuery { asset_id, status: Some(StatusFilter::Open), limit: OPEN_ROWS, ..OrderQuery::default() };
    let list = request.services.orders.list(&request.caller, query).await.map_err(Problem::from)?;
    let result = asset_id.map(|_| order_result(&request));
    let mut orders = list.data;
    orders.extend(changed_beyond(&request, &orders).await);
    if orders.is_empty() {
        return Ok(view! { {result} {asset_id.is_none().then(nothing_open)} }.into_any());
    }
    let count = if list.has_more { format!("{}+", orders.len()) } else { orders.len().to_string() };
    let page = request.address(&["change", "cancel_all", "flatten"]);
    let sorting = Sorting::from_text(request.query("sort"));
    let rows = arranged(open_rows(&request, orders), sorting);
    let rows = rows.iter().map(|it| row(&request, it, &page)).collect_view();
    let heading = asset_id.map_or_else(|| "Open orders".to_owned(), |id| format!("Open {id} orders"));
    let cancel_all = match scope {
        Scope::All => with_member(&page, "cancel_all=all"),
        Scope::Asset(asset_id) => format!("/orders?cancel_all={asset_id}"),
    };
    let flatten = asset_id.is_none().then(|| {
        view! { <a href=with_member(&page, "flatten=1")>"Flatten all…"</a> }
    });
    let more = list.has_more.then(|| {
        view! { <TableCount>"Newest 100 shown. " <a href="/orders?status=open#orders-history">"All open orders"</a></TableCount> }
    });
    let heads = HEADINGS.map(|heading| head(heading, sorting, &request)).collect_view();
    Ok(view! {
        {result}
        <Panel kind=PanelKind::Flush labelled_by="orders-open">
            <PanelHead>
                <h2 id="orders-open">{heading} " " <Muted>{format!("({count})")}</Muted></h2>
                <span class="flex flex-wrap items-center gap-x-4 gap-y-1 text-14">{picked(&request, &page)} <a href=cancel_all>"Cancel all…"</a> {flatten}</span>
            </PanelHead>
            <Scroll>
                <table class="data-table stacked orders">
                    <HiddenCaption>"Open orders"</HiddenCaption>
                    <thead><tr>{heads} <th scope="col"><SpokenOnly>"Actions"</SpokenOnly></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
            {more}
        </Panel>
    }
    .into_any())
}

/// The order that the address asks to change, if it is open and not among the newest.
async fn changed_beyond(request: &PageRequest, shown: &[OrderView]) -> Option<OrderView> {
    let order_id = request.query("change").parse().ok()?;
    if shown.iter().any(|order| order.order_id == order_id) {
        return None;
    }
    request.services.orders.get(&request.caller, order_id).await.ok().filter(is_open)
}

/// The orders with the distance of each from its market.
fn open_rows(request: &PageRequest, orders: Vec<OrderView>) -> Vec<OpenRow> {
    let mut assets: Vec<AssetId> = orders.iter().map(|order| order.asset_id).collect();
    assets.sort_unstable();
    assets.dedup();
    let quotes = request.services.inventory.quotes(&assets);
    let last = |asset_id: AssetId| -> Option<Price> {
        quotes.iter().find(|quote| quote.asset_id == asset_id).map(|quote| quote.last)
    };
    orders
        .into_iter()
        .map(|order| {
            let last = last(order.asset_id);
            OpenRow::new(order, last)
        })
        .collect()
}

/// A heading, which sorts by its column.
fn head(
    (word, column, is_figure): (&'static str, Option<SortColumn>, bool),
    sorting: Sorting,
    request: &PageRequest,
) -> impl IntoView + use<> {
    let is_shown = column == Some(sorting.column);
    let state = is_shown.then_some(if sorting.is_falling { "descending" } else { "ascending" });
    let arrow = match (is_shown, sorting.is_falling) {
        (false, _) => "",
        (true, true) => " ↓",
        (true, false) => " ↑",
    };
    let address = request.address(&["sort", "change", "cancel_all", "flatten"]);
    let label = match column {
        Some(column) => {
            let href = with_member(&address, &format!("sort={}", sorting.next(column)));
            view! { <a href=href>{format!("{word}{arrow}")}</a> }.into_any()
        }
        None => word.into_any(),
    };
    view! { <th scope="col" class=is_figure.then_some("number") aria-sort=state>{label}</th> }
}

/// The form of the boxes that are ticked in the rows.
fn picked(request: &PageRequest, page: &str) -> impl IntoView + use<> {
    view! {
        <form id="orders-picked" method="post" action=OrdersCancelPicked::PATH>
            <Hidden name="key" value=key_new(request.services.entropy()) />
            <Hidden name="back" value=page />
            <Button size=ButtonSize::Small>"Cancel selected"</Button>
        </form>
    }
}

fn nothing_open() -> impl IntoView {
    let text = "Limit and stop orders appear here until they fill.";
    view! {
        <Panel kind=PanelKind::Flush labelled_by="orders-open">
            <h2 id="orders-open">"Open orders"</h2>
            <Empty title="No open orders" text step=("/trade", "Place an order") />
        </Panel>
    }
}
