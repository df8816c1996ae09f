//! Open orders, and their actions.

use cnop_api::Problem;
use cnop_api::trading::{OrderQuery, OrderView, StatusFilter};
use cnop_domain::{AssetId, GroupKind, Role};
use leptos::prelude::*;

use super::order_actions::{CancelButton, canceled_along, change_path, order_result};
use super::table::type_words;
use crate::address::with_member;
use crate::components::ui::{
    ButtonSize, Entries, Entry, EntryActions, EntryFigures, EntryText, LinkButton, Muted, Note, Panel,
    PanelHead, PanelKind, RowTitle, Small, SpokenOnly, TableCount,
};
use crate::components::{Empty, OrderBadge};
use crate::error::AppError;
use crate::pages::order::words::reserved;
use crate::pages::{PageRequest, use_request};
use crate::{format, labels};

/// As many open orders as an account may have would be three screens; the history has the others.
const OPEN_ROWS: u32 = 100;

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
    let orders = request.services.orders.list(&request.caller, query).await.map_err(Problem::from)?;
    let result = asset_id.map(|_| order_result(&request));
    if orders.data.is_empty() {
        return Ok(view! { {result} {asset_id.is_none().then(nothing_open)} }.into_any());
    }
    let page = request.address(&["change", "cancel_all"]);
    let rows =
        orders.data.iter().map(|order| row(&request, order, &orders.data, &page, scope)).collect_view();
    let heading = match scope {
        Scope::All => "Open orders".to_owned(),
        Scope::Asset(asset_id) => format!("Open {asset_id} orders"),
    };
    let cancel_all = match scope {
        Scope::All => with_member(&page, "cancel_all=all"),
        Scope::Asset(asset_id) => format!("/orders?cancel_all={asset_id}"),
    };
    let more = orders.has_more.then(|| {
        view! { <TableCount>"Newest 100 shown. " <a href="/orders?status=open#orders-history">"All open orders"</a></TableCount> }
    });
    Ok(view! {
        {result}
        <Panel kind=PanelKind::Flush labelled_by="orders-open">
            <PanelHead>
                <h2 id="orders-open">{heading} " " <Muted>{format!("({})", count(orders.data.len(), orders.has_more))}</Muted></h2>
                <a href=cancel_all>"Cancel all…"</a>
            </PanelHead>
            <Entries>{rows}</Entries>
            {more}
        </Panel>
    }
    .into_any())
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

fn count(shown: usize, has_more: bool) -> String {
    if has_more { format!("{shown}+") } else { shown.to_string() }
}

fn row(
    request: &PageRequest,
    order: &OrderView,
    open: &[OrderView],
    page: &str,
    scope: Scope,
) -> impl IntoView + use<> {
    let side = labels::side_class(order.side);
    // An order is changed in the list itself, or from elsewhere on its own page.
    let change = match scope {
        Scope::All => change_path(order, page),
        Scope::Asset(_) => format!("/orders/{}", order.order_id),
    };
    let group = order.group.as_ref().map(|group| {
        let word = group_words(group.kind, group.role);
        let others = group
            .others
            .iter()
            .map(|other| {
                let label = linked_label(open.iter().find(|order| order.order_id == *other));
                view! { " · " <a href=format!("/orders/{other}")>{label}</a> }
            })
            .collect_view();
        view! { <Note>{word} {others} ". " {canceled_along(group)}</Note> }
    });
    let quote = request.services.inventory.quotes(&[order.asset_id]).into_iter().next();
    let last = quote.map(|quote| format::price(quote.last));
    view! {
        <Entry>
            <EntryText>
                <RowTitle>
                    <a href=format!("/orders/{}", order.order_id)><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</a>
                </RowTitle>
                <Small><OrderBadge status=order.status /> <Muted>{format!(" since {}", format::moment(order.updated_at))}</Muted></Small>
                {group}
            </EntryText>
            <EntryFigures>
                {prices(order).into_iter().map(fact).collect_view()}
                {fact(("Filled", filled(order)))}
                {order.reserved.as_ref().map(|held| fact(("Reserved", reserved(held))))}
                {order.expires_at.map(|time| fact(("Expires", format::moment(time))))}
                {last.map(|last| fact(("Market, USD", last)))}
            </EntryFigures>
            <EntryActions>
                <LinkButton size=ButtonSize::Small href=change id=format!("change-{}", order.order_id)>
                    "Edit" <SpokenOnly>{format!(" {} order for {}", type_words(order), order.asset_id)}</SpokenOnly>
                </LinkButton>
                <CancelButton order=order.clone() back=page label="Cancel" />
            </EntryActions>
        </Entry>
    }
}

fn fact((label, value): (&'static str, String)) -> impl IntoView + use<> {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }
}

/// Limit, trigger, mark and distance, as far as the order has them.
fn prices(order: &OrderView) -> Vec<(&'static str, String)> {
    let trail = match (order.trail_bps, order.trail_amount) {
        (Some(bps), _) => Some(format::share(f64::from(bps) / 100.0)),
        (None, Some(amount)) => Some(format!("{} USD", format::price(amount))),
        (None, None) => None,
    };
    let shown = [
        ("Limit, USD", order.kind.has_limit().then(|| format::price(order.price))),
        ("Trigger, USD", order.trigger_price.or(order.stop_price).map(format::price)),
        ("Peak price, USD", order.mark_price.map(format::price)),
        ("Trail by", trail),
    ];
    shown.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn filled(order: &OrderView) -> String {
    format!(
        "{} of {} {}",
        format::quantity(order.filled_quantity),
        format::quantity(order.quantity),
        order.asset_id
    )
}

/// Role and price of a linked order: `TP 3,100.00`. One that is not listed keeps a plain name.
fn linked_label(other: Option<&OrderView>) -> String {
    let Some(order) = other else { return "linked order".to_owned() };
    let role = match order.group.as_ref().map(|group| group.role) {
        Some(Role::Entry) => "Entry",
        Some(Role::TakeProfit) => "TP",
        _ => "SL",
    };
    let limit = order.kind.has_limit().then_some(order.price);
    let price = order.trigger_price.or(order.stop_price).or(limit);
    price.map_or_else(|| role.to_owned(), |price| format!("{role} {}", format::price(price)))
}

const fn group_words(kind: GroupKind, role: Role) -> &'static str {
    match (kind, role) {
        (GroupKind::Oco, Role::TakeProfit) => "OCO · take-profit",
        (GroupKind::Oco, _) => "OCO · stop-loss",
        (_, Role::Entry) => "Entry",
        (_, Role::TakeProfit) => "Take-profit",
        (_, Role::StopLoss) => "Stop-loss",
    }
}
