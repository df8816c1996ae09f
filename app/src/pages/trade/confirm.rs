//! The second look at an order, in place, before it is sent.

use cnop_domain::Side;
use leptos::prelude::*;

use super::draft::Draft;
use super::ticket::{TicketState, act, basis};
use crate::erased::Erase;
use crate::format;
use crate::functions::TicketData;
use crate::remote::urlencoded;

/// The confirmation in place. What was typed stays; the figures follow the price until it is sent.
pub(super) fn second_look(data: StoredValue<TicketData>, draft: Draft, state: TicketState) -> AnyView {
    let asset = data.with_value(|data| data.asset_id);
    let side = draft.side;
    let looked_at = StoredValue::new(draft.clone());
    let estimate = Memo::new(move |_| looked_at.with_value(|draft| draft.estimate(&data.with_value(basis))));
    let send = move |_| {
        state.sending.send(urlencoded(&[
            ("asset_id", asset.as_str()),
            ("side", side.as_str()),
            ("unit", draft.unit.as_str()),
            ("amount", draft.amount.trim()),
            ("key", &state.form.key.get_untracked()),
        ]));
    };
    let label = move || {
        if state.sending.pending().get() {
            return "Sending…".to_owned();
        }
        estimate.with(|estimate| match estimate {
            Ok(estimate) => act(side, estimate.quantity, asset.as_str(), estimate.notional),
            Err(_) => "Send anyway".to_owned(),
        })
    };
    let sentence = move || {
        estimate.with(|estimate| match estimate {
            Ok(estimate) => format!(
                "At about {} USD each, fee {}. {} {} in all. It fills whole at the venue's price of that moment.",
                format::price(estimate.price),
                format::usd(estimate.fee),
                if side == Side::Buy { "You pay" } else { "You receive" },
                format::usd(estimate.total),
            ),
            Err(problem) => problem.detail.clone(),
        })
    };
    let look = if side == Side::Buy { "button block buy" } else { "button block sell" };
    view! {
        <div class="form confirm" id="confirm" tabindex="-1" role="group" aria-labelledby="confirm-title">
            <h3 id="confirm-title">"Check your order"</h3>
            <p>{sentence}</p>
            <button r#type="button" class=look on:click=send>{label}</button>
            <button r#type="button" class="button block" on:click=move |_| state.look_away()>"Change it"</button>
        </div>
    }
    .erased()
}
