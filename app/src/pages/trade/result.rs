//! What came of an order, with its fill explained.

use cnop_api::trading::OrderView;
use leptos::prelude::*;

use super::super::order::explained;
use crate::components::{Icon, icon};
use crate::erased::Erase;
use crate::format;

/// The order in one sentence, how it was filled, and where its story is.
pub(super) fn result(order: &OrderView) -> AnyView {
    let sale = order.side == "sell";
    let sentence = format!(
        "{} {} {} for {}, fee {}.",
        if sale { "Sold" } else { "Bought" },
        format::quantity(order.filled_quantity),
        order.asset_id,
        format::usd(order.total_amount),
        format::usd(order.fees),
    );
    let settled = if sale {
        order
            .total_amount
            .checked_sub(order.fees)
            .map(|received| format!("You received {}.", format::usd(received)))
    } else {
        order
            .total_amount
            .checked_add(order.fees)
            .map(|paid| format!("You paid {} in all.", format::usd(paid)))
    };
    let fills = order.fills.iter().map(|fill| explained(order, fill)).collect_view();
    view! {
        <section class="notice good result" id="result" role="status" tabindex="-1">
            {icon(Icon::Done)}
            <div>
                <p class="notice-title">{sentence}</p>
                <p>{settled.ok()}</p>
                <ul class="story">{fills}</ul>
                <p class="small">
                    <a href=format!("/orders/{}", order.order_id)>"The order's story"</a> " · "
                    <a href="/portfolio">"Portfolio"</a>
                </p>
            </div>
        </section>
    }
    .erased()
}
