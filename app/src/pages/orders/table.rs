//! Orders as a table, and their words.

use cnop_api::trading::OrderView;
use leptos::prelude::*;

use crate::{format, labels};

/// The words of an order's type: `Stop-limit sell`.
pub(super) fn type_words(order: &OrderView) -> String {
    format!("{} {}", labels::order_type(order.kind), order.side)
}

/// What is filled, and of how much unless that is all.
fn filled(order: &OrderView) -> String {
    let filled = format::quantity(order.filled_quantity);
    if order.filled_quantity == order.quantity {
        return filled;
    }
    format!("{filled} of {}", format::quantity(order.quantity))
}

/// Orders as a table; on a phone each row becomes two lines.
#[component]
pub(super) fn OrderTable(
    /// The orders.
    orders: Vec<OrderView>,
) -> impl IntoView {
    let lines = orders.iter().map(row).collect_view();
    view! {
        <div class="scroll">
            <table class="table stacked">
                <caption class="hidden-word">"Orders, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Order"</th>
                        <th scope="col" class="number">"Filled"</th>
                        <th scope="col" class="number">"Average price, USD"</th>
                        <th scope="col" class="number">"Value, USD"</th>
                        <th scope="col" class="number">"Fee, USD"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

fn row(order: &OrderView) -> impl IntoView + use<> {
    let side = labels::side_class(order.side);
    view! {
        <tr>
            <td class="when">
                <a class="row-link" href=format!("/orders/{}", order.order_id)>{format::moment(order.created_at)}</a>
            </td>
            <td class="what"><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</td>
            <td class="number" data-label="Filled">{filled(order)}</td>
            <td class="number" data-label="Avg. price, USD">
                {order.average_price.map_or_else(|| "—".to_owned(), format::price)}
            </td>
            <td class="number end worth">{format::amount_cents(order.total_amount)}</td>
            <td class="number end" data-label="Fee, USD">{format::amount(order.fees)}</td>
            <td class="state">{labels::status(order.status)}</td>
        </tr>
    }
}
