//! The second look at an order before it is sent: in place with scripts, the page's own form without them.

use leptos::prelude::*;

use super::draft::estimate as estimated;
use super::state::TicketState;
use super::summary::facts;
use super::ticket::basis;
use super::words;
use crate::erased::{Erase, text};
use crate::format;
use crate::functions::{OrderForm, TicketData};
use crate::remote::urlencoded;

/// The confirmation. What was typed stays; the figures follow the price until it is sent.
pub(super) fn second_look(data: StoredValue<TicketData>, draft: OrderForm, state: TicketState) -> AnyView {
    let asset = data.with_value(|data| data.asset_id);
    let kind = draft.kind();
    let looked_at = StoredValue::new(draft);
    let estimate =
        Memo::new(move |_| looked_at.with_value(|draft| estimated(draft, &data.with_value(basis))));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let key = state.form.key.get_untracked();
        looked_at.with_value(|draft| {
            let mut fields = vec![("asset_id", asset.as_str()), ("key", key.as_str())];
            fields.extend(draft.fields());
            state.sending.send(urlencoded(&fields));
        });
    };
    let label = move || {
        if state.sending.pending().get() {
            return "Sending…".to_owned();
        }
        estimate.with(|estimate| match estimate {
            Ok(estimate) => words::act(kind, estimate),
            Err(_) => "Send anyway".to_owned(),
        })
    };
    let exits = move || {
        let price = |price| format!("{}\u{a0}USD", format::price(price));
        estimate.with(|estimate| match estimate {
            Ok(it) => match (it.take_profit.map(price), it.stop_loss.map(price)) {
                (None, None) => words::meaning(kind, it.terms.side),
                (Some(profit), Some(loss)) => {
                    format!(
                        "{} Sale at {profit}, or by a stop at {loss}.",
                        words::meaning(kind, it.terms.side)
                    )
                }
                (Some(one), None) | (None, Some(one)) => {
                    format!("{} Then its exit sells at {one}.", words::meaning(kind, it.terms.side))
                }
            },
            Err(problem) => problem.detail.clone(),
        })
    };
    let hidden = looked_at.with_value(|draft| {
        let input = |(name, value): (&'static str, &str)| {
            view! { <input r#type="hidden" name=name value=value.to_owned() /> }
        };
        draft.fields().map(input).into_iter().collect_view()
    });
    let back = looked_at.with_value(|draft| format!("/trade/{asset}?{}#ticket", urlencoded(&draft.fields())));
    let look = if looked_at.with_value(OrderForm::side) == cnop_domain::Side::Buy { "buy" } else { "sell" };
    let away = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        state.look_away();
    };
    view! {
        <form
            class="form confirm"
            id="confirm"
            tabindex="-1"
            aria-labelledby="confirm-title"
            method="post"
            action=state.sending.address()
            on:submit=send
        >
            <h3 id="confirm-title">"Check your order"</h3>
            <p>{text(Box::new(exits))}</p>
            {facts(data, state, estimate)}
            <input r#type="hidden" name="asset_id" value=asset.to_string() />
            <input r#type="hidden" name="key" value=state.form.key.get_untracked() />
            {hidden}
            <button r#type="submit" class=format!("button block {look}")>{text(Box::new(label))}</button>
            <a class="button block" href=back rel="external" on:click=away>"Change it"</a>
        </form>
    }
    .erased()
}
