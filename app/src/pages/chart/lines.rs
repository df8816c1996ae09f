//! The viewer's own trading on the chart: average cost, open orders, alerts and fills.
//!
//! Each line is an entry of a list: a link without scripts, a line on the chart with them. An order's line is moved by
//! the form of its entry, which the chart fills in while the line is dragged.

use cnop_api::Problem;
use cnop_api::trading::{AlertStatus, OrderQuery, OrderView};
use cnop_domain::{Amount, AssetId, OrderType, Position, Price, Side};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::address::{PageAddress, urlencoded};
use crate::context;
use crate::error::AppError;
use crate::forms::{FormState, Hidden, key_new};
use crate::pages::orders::{OrderReplace, change_path, is_open, type_words};
use crate::{format, labels};

/// Orders that are looked through for open ones and fills.
const ORDERS: u32 = 100;
/// µs in a second.
const SECOND: i64 = 1_000_000;

/// A price of an order that a line stands for.
struct OrderLine<'a> {
    order: &'a OrderView,
    /// Field of the order's change.
    field: &'static str,
    word: &'static str,
    price: Price,
    /// True if the account may move it: a trailing stop moves by itself.
    can_move: bool,
}

/// The lines of an asset; nothing for visitors.
pub(super) async fn lines(asset: AssetId, moves: bool) -> Result<impl IntoView, AppError> {
    let Some(caller) = context::caller() else { return Ok(().into_any()) };
    let (services, address) = (context::services()?, PageAddress::current());
    let query = OrderQuery { asset_id: Some(asset), limit: ORDERS, ..OrderQuery::default() };
    let orders = services.orders.list(&caller, query).await.map_err(Problem::from)?.data;
    let alerts = services.alerts.list(&caller).await.map_err(Problem::from)?;
    let account = services.ledger.account_snapshot(&caller.account_id).await.map_err(Problem::from)?;
    let held = account.holdings.iter().find(|holding| holding.asset_id == asset);
    let cost = held.map(|held| {
        let price = Position { quantity: held.quantity, cost: held.cost_basis, realised: Amount::ZERO }.average_cost();
        view! { <li class="chip" data-line="cost" data-price=price.to_string()>{format!("Avg. cost {}", format::price_f64(price.to_f64_lossy()))}</li> }
    });
    let page = address.address(&["result"]);
    let open = orders.iter().filter(|order| is_open(order)).flat_map(order_lines);
    let key = || key_new(services.entropy());
    let open: Vec<_> = open.map(|line| order_line(&line, &page, moves.then(key))).collect();
    let waiting =
        alerts.iter().filter(|alert| alert.asset_id == asset && alert.status == AlertStatus::Waiting);
    let alerts: Vec<_> = waiting
        .map(|alert| {
            let text = format!("Alert {}", format::price(alert.price));
            view! { <li data-line="alert" data-price=alert.price.to_string()><a class="chip" href="/alerts">{text}</a></li> }
        })
        .collect();
    let fills = orders.iter().filter_map(fill).collect_view();
    let problem = FormState::new(&address, "replace").summary();
    let is_empty = cost.is_none() && open.is_empty() && alerts.is_empty();
    let list = (!is_empty).then(|| {
        view! { <ul class="chart-lines" aria-label="Your lines on the chart">{cost} {open} {alerts}</ul> }
    });
    Ok(view! { {moves.then_some(problem)} {list} <div hidden>{fills}</div> }.into_any())
}

/// The prices of an order: its limit, its trigger, or both.
fn order_lines(order: &OrderView) -> Vec<OrderLine<'_>> {
    let is_trailing = order.trail_bps.is_some() || order.trail_amount.is_some();
    let trigger = order.trigger_price.or(order.stop_price).filter(|_| order.triggered_at.is_none());
    let trigger = trigger.map(|price| OrderLine {
        order,
        field: "stop_price",
        word: "stop",
        price,
        can_move: !is_trailing,
    });
    let limit = order.kind.has_limit().then_some(OrderLine {
        order,
        field: "price",
        word: if order.kind == OrderType::Limit { "" } else { "limit" },
        price: order.price,
        can_move: true,
    });
    trigger.into_iter().chain(limit).collect()
}

/// The entry of an order's price; with a key it can be moved.
fn order_line(line: &OrderLine<'_>, page: &str, key: Option<String>) -> AnyView {
    let OrderLine { order, field, word, price, can_move } = *line;
    let (price_text, id) = (price.to_string(), order.order_id.to_string());
    let quantity = format!("{} {}", format::quantity(order.remaining_quantity), order.asset_id);
    let is_one_of_two = order.kind.has_limit() && !word.is_empty();
    let name = if is_one_of_two { format!("{} · {word}", type_words(order)) } else { type_words(order) };
    let form = key.filter(|_| can_move).map(|key| {
        view! {
            <form class="chart-move" method="post" action=OrderReplace::PATH hidden>
                <Hidden name="order_id" value=id.clone() />
                <Hidden name="version" value=order.version.to_string() />
                <Hidden name="key" value=key />
                <Hidden name="back" value=page />
                <Hidden name="page" value=page />
                <Hidden name="shown" value=urlencoded(&[(field, &price_text)]) />
                <span class="whitespace-nowrap">{format!("{name} {quantity}")}</span>
                <span class="flex items-center gap-1">
                    <button type="button" class="chart-tool" data-step="-1" aria-label="Lower the price">"−"</button>
                    <input class="input" name=field value=price_text.clone() inputmode="decimal" autocomplete="off" aria-label="New price, USD" />
                    <button type="button" class="chart-tool" data-step="1" aria-label="Raise the price">"+"</button>
                </span>
                <button class="button" data-pending="Moving…">"Move to " <b data-target>{format::price(price)}</b></button>
                <button type="button" class="button" data-close>"Keep"</button>
            </form>
        }
    });
    view! {
        <li
            data-line=if word == "stop" { "stop" } else { "order" }
            data-side=order.side.as_str()
            data-price=price_text
            data-label=format!("{} {quantity}", short_word(order, word))
        >
            <a class="chip" href=change_path(order, "/orders")>
                <span class=labels::side_class(order.side)>{name}</span> {format!(" {}", format::price(price))}
            </a>
            {form}
        </li>
    }
    .into_any()
}

/// The word beside a line: there is little room.
fn short_word(order: &OrderView, word: &str) -> String {
    let side = if order.side == Side::Buy { "Buy" } else { "Sell" };
    if word.is_empty() { side.to_owned() } else { format!("{side} {word}") }
}

/// The mark of an order that has filled, wholly or in part.
fn fill(order: &OrderView) -> Option<impl IntoView + use<>> {
    let (price, time) = (order.average_price?, order.fills.last()?.filled_at?);
    let text = format!("{} {}", format::quantity(order.filled_quantity), order.asset_id);
    Some(
        view! { <i data-fill=order.side.as_str() data-price=price.to_string() data-time=time.0 / SECOND data-label=text></i> },
    )
}
