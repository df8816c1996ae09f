//! Parts of the ticket: the unit, the shares, and what the order comes to.

use cnop_api::Problem;
use cnop_domain::Side;
use leptos::html::Input;
use leptos::prelude::*;

use super::draft::{Estimate, Unit};
use super::ticket::{TicketState, basis};
use crate::erased::Erase;
use crate::format;
use crate::functions::TicketData;

/// Shares of what is available that one tap fills in.
const SHARES: [u32; 4] = [25, 50, 75, 100];

/// Whether the amount counts coins or dollars.
pub(super) fn units(asset: &str, state: TicketState) -> AnyView {
    let choices = [(Unit::Asset, asset.to_owned()), (Unit::Usd, "USD".to_owned())]
        .into_iter()
        .map(|(unit, label)| {
            let id = format!("ticket-unit-{}", unit.as_str());
            let node = NodeRef::<Input>::new();
            // What was chosen before the bundle arrived counts.
            Effect::new(move |_| {
                if node.get().is_some_and(|input| input.checked()) {
                    state.unit.set(unit);
                }
            });
            // The ticket itself changes the unit where all coins are sold.
            Effect::new(move |before: Option<Unit>| {
                let now = state.unit.get();
                if before.is_some_and(|before| before != now)
                    && let Some(input) = node.get_untracked()
                {
                    input.set_checked(now == unit);
                }
                now
            });
            view! {
                <input
                    id=id.clone()
                    r#type="radio"
                    name="unit"
                    value=unit.as_str()
                    checked=state.unit.get_untracked() == unit
                    node_ref=node
                    on:change=move |_| state.unit.set(unit)
                />
                <label for=id>{label}</label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="units">
            <legend class="small muted">"Amount in"</legend>
            {choices}
        </fieldset>
    }
    .erased()
}

/// Shares of what is available; they need scripts, so they appear with them.
pub(super) fn shares(data: StoredValue<TicketData>, side: Memo<Side>, state: TicketState) -> AnyView {
    let buttons = SHARES
        .into_iter()
        .map(|share| {
            let fill = move |_| {
                // All of it is a number of coins: counted in dollars, a remainder would be left.
                if share == 100 && side.get_untracked() == Side::Sell {
                    state.unit.set(Unit::Asset);
                }
                let amount = untrack(|| data.with_value(basis).share(side.get(), state.unit.get(), share));
                state.form.problem.set(None);
                state.amount.set(amount);
            };
            view! { <button r#type="button" class="chip" on:click=fill>{format!("{share}\u{a0}%")}</button> }
        })
        .collect_view();
    view! { <div class="chips scripted" role="group" aria-label="Share of what is available">{buttons}</div> }
        .erased()
}

/// What the order comes to. Its lines are always there, so that nothing jumps while one types.
pub(super) fn summary(
    data: StoredValue<TicketData>,
    side: Memo<Side>,
    estimate: Memo<Result<Estimate, Problem>>,
) -> AnyView {
    let asset = data.with_value(|data| data.asset_id);
    let line = move |read: fn(&Estimate) -> String| {
        move || estimate.with(|estimate| estimate.as_ref().map_or_else(|_| "—".to_owned(), read))
    };
    let price = move || {
        let quote = data.with_value(basis).quote;
        format!("{}\u{a0}USD", format::price(quote.price_for(side.get())))
    };
    let get = move || {
        estimate.with(|estimate| match estimate {
            Ok(estimate) if estimate.side == Side::Buy => {
                format!("{}\u{a0}{asset}", format::quantity(estimate.quantity))
            }
            Ok(estimate) => format::usd(estimate.total),
            Err(_) => "—".to_owned(),
        })
    };
    let pay = move || {
        estimate.with(|estimate| match estimate {
            Ok(estimate) if estimate.side == Side::Buy => format::usd(estimate.total),
            Ok(estimate) => format!("{}\u{a0}{asset}", format::quantity(estimate.quantity)),
            Err(_) => "—".to_owned(),
        })
    };
    let coins_after = move || {
        estimate.with(|estimate| {
            estimate.as_ref().map_or_else(
                |_| "—".to_owned(),
                |estimate| format!("{}\u{a0}{asset}", format::quantity(estimate.coins_after)),
            )
        })
    };
    let taken = move || if side.get() == Side::Buy { "Price (ask)" } else { "Price (bid)" };
    let paid = move || if side.get() == Side::Buy { "You pay, fee included" } else { "You give" };
    let got = move || if side.get() == Side::Buy { "You get" } else { "You get, after the fee" };
    view! {
        <dl class="facts ticket-facts">
            <div><dt>{taken}</dt><dd>{price}</dd></div>
            <div><dt>"Fee"</dt><dd>{line(|estimate| format::usd(estimate.fee))}</dd></div>
            <div><dt>{paid}</dt><dd>{pay}</dd></div>
            <div><dt>{got}</dt><dd>{get}</dd></div>
            <div><dt>"Dollars after"</dt><dd>{line(|estimate| format::usd(estimate.cash_after))}</dd></div>
            <div><dt>{format!("{asset} after")}</dt><dd>{coins_after}</dd></div>
        </dl>
    }
    .erased()
}
