//! The second look at an order without scripts: what it would do now, and the button that does it.

use cnop_api::trading::OrderPreview;
use cnop_domain::Side;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::TradeData;
use super::ticket::TicketState;
use crate::components::failure;
use crate::erased::Erase;
use crate::format;

/// The preview and its confirmation, when the address asks for them.
pub(super) fn view(data: &TradeData, side: Memo<Side>, state: TicketState) -> AnyView {
    let query = use_query_map();
    let read = |name: &str| query.with_untracked(|query| query.get(name)).unwrap_or_default();
    match &data.preview {
        None => ().into_any(),
        Some(Err(error)) if state.form.problem.with_untracked(Option::is_none) => {
            view! { <div id="review">{failure(&error.0)}</div> }.erased()
        }
        Some(Err(_)) => ().into_any(),
        Some(Ok(preview)) => {
            let asset = data.ticket.asset_id.to_string();
            confirmation(preview, asset, side.get_untracked(), read("unit"), read("amount"), state)
        }
    }
}

fn confirmation(
    preview: &OrderPreview,
    asset: String,
    side: Side,
    unit: String,
    amount: String,
    state: TicketState,
) -> AnyView {
    if state.form.problem.with_untracked(Option::is_some) {
        // The ticket itself says what is wrong, at its field.
        return ().into_any();
    }
    if !preview.problems.is_empty() {
        let lines =
            preview.problems.iter().map(|problem| view! { <li>{problem.detail.clone()}</li> }).collect_view();
        return view! {
            <section class="notice bad" id="review" role="alert">
                <div>
                    <p class="notice-title">"This order would be refused"</p>
                    <ul>{lines}</ul>
                </div>
            </section>
        }
        .erased();
    }
    let act = super::ticket::act(side, preview.quantity, &asset, preview.notional);
    let warnings = preview
        .warnings
        .iter()
        .map(|warning| view! { <p class="warning small">{warning.clone()}</p> })
        .collect_view();
    let look = if side == Side::Buy { "button block buy" } else { "button block sell" };
    let total = if side == Side::Buy { "You pay" } else { "You receive" };
    let back = format!(
        "/trade/{asset}?side={side}&unit={unit}&amount={}#ticket",
        crate::forms::path_encode(&amount)
    );
    view! {
        <section class="panel form" id="review" aria-labelledby="review-title">
            <h2 id="review-title">"Check your order"</h2>
            <dl class="facts">
                <div><dt>"Price"</dt><dd>{format!("{}\u{a0}USD", format::price(preview.price))}</dd></div>
                <div><dt>"Value"</dt><dd>{format::usd(preview.notional)}</dd></div>
                <div><dt>"Fee"</dt><dd>{format::usd(preview.fee)}</dd></div>
                <div><dt>{total}</dt><dd>{format::usd(preview.total)}</dd></div>
                <div><dt>"Dollars after"</dt><dd>{format::usd(preview.balance_after)}</dd></div>
            </dl>
            {warnings}
            <p class="muted small">"It fills whole at the venue's price of that moment, which may differ a little."</p>
            <form method="post" action="/fn/order/place">
                <input r#type="hidden" name="asset_id" value=asset />
                <input r#type="hidden" name="side" value=side.as_str() />
                <input r#type="hidden" name="unit" value=unit />
                <input r#type="hidden" name="amount" value=amount />
                <input r#type="hidden" name="key" value=state.form.key.get_untracked() />
                <button r#type="submit" class=look>{act}</button>
            </form>
            <p><a href=back rel="external">"Change it"</a></p>
        </section>
    }
    .erased()
}
