//! The second look at an order before it is sent: in place with scripts, the page's own form without them.

use cnop_api::Problem;
use leptos::prelude::*;

use super::draft::Estimate;
use super::state::TicketState;
use super::summary::{facts, line, of_estimate};
use super::ticket::estimate_of;
use super::words;
use crate::erased::{Erase, text};
use crate::format;
use crate::functions::{Kind, OrderForm, TicketData};
use crate::remote::urlencoded;

/// The confirmation. What was typed stays; the figures follow the price until it is sent.
pub(super) fn second_look(data: StoredValue<TicketData>, draft: OrderForm, state: TicketState) -> AnyView {
    let asset = data.with_value(|data| data.asset_id);
    let kind = draft.kind();
    let looked_at = StoredValue::new(draft);
    let estimate = Memo::new(move |_| {
        looked_at
            .try_with_value(|draft| estimate_of(draft, data))
            .unwrap_or_else(|| Err(Problem::invalid(Vec::new())))
    });
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
        of_estimate(estimate, |estimate| words::act(kind, estimate))
            .unwrap_or_else(|| "Send anyway".to_owned())
    };
    let exits = move || {
        let read = |estimate: &Result<Estimate, Problem>| match estimate {
            Ok(it) => {
                let profit = it.take_profit.map(|price| format!("at {}\u{a0}USD", format::price(price)));
                let exits: Vec<String> =
                    profit.into_iter().chain(it.stop_loss.as_ref().map(words::loss)).collect();
                let meaning = words::meaning(kind, it.terms.side);
                // Of a pair the button says both.
                if exits.is_empty() || kind == Kind::Oco {
                    return meaning;
                }
                format!("{meaning} Then it is sold {}.", exits.join(", or "))
            }
            Err(problem) => problem.detail.clone(),
        };
        estimate.try_with(read).unwrap_or_default()
    };
    let day = looked_at.with_value(|draft| draft.expires_at.clone());
    let life = move || of_estimate(estimate, |it| words::life(&it.terms, &day)).unwrap_or_default();
    let mut more = vec![line(Box::new(|| "Good for".to_owned()), Box::new(life))];
    if looked_at.with_value(OrderForm::is_post_only) {
        let (label, text) = ("If it would fill at once", "Refused (post-only)");
        more.push(line(Box::new(move || label.to_owned()), Box::new(move || text.to_owned())));
    }
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
            <dl class="facts ticket-facts">{more}</dl>
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
