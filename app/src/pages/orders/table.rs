//! Orders as a table, and their words.

use cnop_api::trading::OrderView;
use leptos::prelude::*;

use crate::components::OrderBadge;
use crate::components::ui::{HiddenCaption, NumberCell, NumberHead, Scroll, Table, TableKind, WorthCell};
use crate::{format, labels};

/// The words of an order's type: `Stop-limit sell`.
pub(in crate::pages) fn type_words(order: &OrderView) -> String {
    format!("{} {}", labels::order_type(order.kind), order.side)
}

/// Filled quantity, with the total unless it is filled completely.
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
    /// Orders of the table.
    orders: Vec<OrderView>,
) -> impl IntoView {
    let lines = orders.iter().map(row).collect_view();
    view! {
        <Scroll>
            <Table kind=TableKind::Stacked>
                <HiddenCaption>"Orders, newest first"</HiddenCaption>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Order"</th>
                        <NumberHead>"Filled"</NumberHead>
                        <NumberHead>"Average price, USD"</NumberHead>
                        <NumberHead>"Value, USD"</NumberHead>
                        <NumberHead>"Fee, USD"</NumberHead>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </Table>
        </Scroll>
    }
}

fn row(order: &OrderView) -> impl IntoView + use<> {
    let side = labels::side_class(order.side);
    view! {
        <tr>
            <td class="when">
                <a class="row-link" href=format!("/orders/{}", order.order_id)>{format::short_time_element(order.created_at)}</a>
            </td>
            <td class="what"><span class=side>{type_words(order)}</span> {format!(" {}", order.asset_id)}</td>
            <NumberCell label="Filled">{filled(order)}</NumberCell>
            <NumberCell label="Avg. price, USD">
                {order.average_price.map_or_else(|| "—".to_owned(), format::price)}
            </NumberCell>
            <WorthCell>{format::amount_cents(order.total_amount)}</WorthCell>
            <NumberCell end=true label="Fee, USD">{format::amount(order.fees)}</NumberCell>
            <td class="state"><OrderBadge status=order.status /></td>
        </tr>
    }
}
