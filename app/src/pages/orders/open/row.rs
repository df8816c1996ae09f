//! One row of the open orders.

use cnop_api::trading::OrderView;
use cnop_domain::{Amount, GroupKind, Role};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::super::actions::OrderCancel;
use super::super::change::change_row;
use super::super::order_actions::{cancel_fields, change_path};
use super::super::table::type_words;
use super::sorting::{GroupPosition, OpenRow};
use crate::components::ui::{ICON_BUTTON, Muted, NumberCell, SpokenOnly};
use crate::components::{Icon, LiveAway, OrderBadge, icon};
use crate::forms::Hidden;
use crate::pages::PageRequest;
use crate::pages::order::words::reserved;
use crate::{format, labels};

/// Columns of the table.
pub(super) const COLUMNS: u32 = 8;

/// The row of an order, and the form that changes it where the address asks for it.
pub(super) fn row(request: &PageRequest, row: &OpenRow, page: &str) -> impl IntoView + use<> {
    let OpenRow { order, price, away, place } = row;
    let id = order.order_id.to_string();
    let side = labels::side_class(order.side);
    let class = match place {
        GroupPosition::Alone => "",
        GroupPosition::First => "joined first",
        GroupPosition::Later => "joined",
    };
    let role = order.group.as_ref().map(|group| {
        let word = role_words(group.kind, group.role);
        view! { <span class="badge role">{word}</span> }
    });
    let away = away.zip(*price).map(|(percentage, price)| {
        view! { <LiveAway asset=order.asset_id price percentage /> }
    });
    let form = (request.query("change") == id).then(|| change_row(request, order.clone(), page, COLUMNS));
    view! {
        <tr class=class id=format!("order-{id}")>
            <td class="what">
                <label class="pick"><input type="checkbox" name="orders[]" value=id.clone() form="orders-picked" aria-label=format!("Select {} {}", type_words(order), order.asset_id) /></label>
                <a href=format!("/orders/{id}")><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</a>
                {role}
            </td>
            <NumberCell label="Price, USD">{detail(order)} {price.map_or_else(|| "—".to_owned(), format::price)}</NumberCell>
            <NumberCell label="Away">{away}</NumberCell>
            <NumberCell label="Filled">
                <span class="whitespace-nowrap">{filled(order)}</span>
                <meter class="fill-bar" min="0" max="1" value=row.share().to_string() aria-hidden="true"></meter>
            </NumberCell>
            <NumberCell label="Reserved">{held(order)}</NumberCell>
            <td class="state"><OrderBadge status=order.status /> {ends(order)}</td>
            <td class="when">{format::short_time_element(order.created_at)}</td>
            <td class="acts">
                <a class=ICON_BUTTON href=change_path(order, page) id=format!("change-{id}") title="Edit">
                    {icon(Icon::Edit)} <SpokenOnly>{format!("Edit {} order for {}", type_words(order), order.asset_id)}</SpokenOnly>
                </a>
                {cancel(order, page)}
            </td>
        </tr>
        {form}
    }
}

/// One tap cancels: the answer offers to take it back.
fn cancel(order: &OrderView, page: &str) -> impl IntoView + use<> {
    let fields = cancel_fields(order, page);
    let fields = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    let what = format!("Cancel {} order for {}", type_words(order), order.asset_id);
    view! {
        <form method="post" action=OrderCancel::PATH>
            {fields}
            <button class=ICON_BUTTON id=format!("cancel-{}", order.order_id) title="Cancel">{icon(Icon::Close)} <SpokenOnly>{what}</SpokenOnly></button>
        </form>
    }
}

/// The second price of an order that has two, or the distance of one that trails.
fn detail(order: &OrderView) -> Option<impl IntoView + use<>> {
    let trail = match (order.trail_bps, order.trail_amount) {
        (Some(bps), _) => Some(format!("trails {}", format::share(f64::from(bps) / 100.0))),
        (None, Some(amount)) => Some(format!("trails {}", format::price(amount))),
        (None, None) => None,
    };
    let waits = order.triggered_at.is_none() && order.stop_price.is_some();
    let limit = (waits && order.kind.has_limit()).then(|| format!("limit {}", format::price(order.price)));
    trail.or(limit).map(|text| view! { <Muted>{text}"\u{a0} "</Muted> })
}

/// The reserve in few letters; the order's page has it exactly. The orders of a pair share one.
fn held(order: &OrderView) -> String {
    let Some(held) = &order.reserved else {
        return if order.group.is_some() { "shared" } else { "—" }.to_owned();
    };
    match held.amount.parse::<Amount>() {
        Ok(amount) if held.currency == "USD" => format::usd_money(amount),
        _ => reserved(held),
    }
}

/// The end of an order that has one.
fn ends(order: &OrderView) -> Option<impl IntoView + use<>> {
    let time = order.expires_at?;
    Some(view! { <Muted>{format!("until {}", format::moment(time))}</Muted> })
}

fn filled(order: &OrderView) -> String {
    let (filled, whole) = (format::quantity(order.filled_quantity), format::quantity(order.quantity));
    format!("{filled} of {whole} {}", order.asset_id)
}

const fn role_words(kind: GroupKind, role: Role) -> &'static str {
    match (kind, role) {
        (GroupKind::Oco, Role::TakeProfit) => "OCO · TP",
        (GroupKind::Oco, _) => "OCO · SL",
        (_, Role::Entry) => "Entry",
        (_, Role::TakeProfit) => "TP",
        (_, Role::StopLoss) => "SL",
    }
}
