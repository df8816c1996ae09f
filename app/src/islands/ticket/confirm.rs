//! The confirmation of an order before it is sent.

use cnop_api::Problem;
use cnop_domain::{OrderType, Side};
use leptos::prelude::*;

use super::data::TicketData;
use super::draft::{End, Estimate};
use super::form::look_of;
use super::live::{Estimated, estimate_of};
use super::state::TicketState;
use super::summary::{Read, details, line, of_estimate, totals, warning};
use super::words;
use crate::address::urlencoded;
use crate::components::ui::{Announcement, ButtonSize, Facts, FactsKind, LinkButton, SheetFoot};
use crate::format;
use crate::order_form::{OrderForm, TicketKind};

/// Address that places orders.
const PLACE: &str = "/fn/order/place";

/// The confirmation, a plain form. Its figures follow the price until it is sent.
pub(super) fn confirmation(
    data: StoredValue<TicketData>,
    draft: OrderForm,
    state: TicketState,
) -> impl IntoView {
    let asset = data.with_value(|data| data.asset_id);
    let kind = draft.kind();
    let reviewed = StoredValue::new(draft);
    let estimate = Memo::new(move |_| reviewed.with_value(|draft| estimate_of(draft, data)));
    let label = move || {
        of_estimate(estimate, |estimate| words::act(kind, estimate))
            .unwrap_or_else(|| "Place order anyway".to_owned())
    };
    let exits = move || {
        let read = |estimate: &Result<Estimate, Problem>| match estimate {
            Ok(it) => {
                let profit =
                    it.take_profit.map(|price| format!("take-profit at {}\u{a0}USD", format::price(price)));
                let exits: Vec<String> =
                    profit.into_iter().chain(it.stop_loss.as_ref().map(words::loss)).collect();
                let meaning = words::meaning(kind, it.terms.side);
                // Of a pair the button says both.
                if exits.is_empty() || kind == TicketKind::Oco {
                    return meaning;
                }
                format!("{meaning} Exits: {}.", exits.join(", "))
            }
            Err(problem) => problem.detail.clone(),
        };
        estimate.with(read)
    };
    let zone = data.with_value(|data| data.zone);
    let life = move || of_estimate(estimate, |it| words::life(&it.terms, &zone)).unwrap_or_default();
    let mut more = Vec::new();
    // A market order has only one time in force.
    if kind != TicketKind::One(OrderType::Market) {
        more.push(line(Box::new(|| "Time in force".to_owned()), Box::new(life)));
    }
    if reviewed.with_value(OrderForm::is_post_only) {
        let (label, text) = ("Post-only", "Rejected if it would fill immediately");
        more.push(line(Box::new(move || label.to_owned()), Box::new(move || text.to_owned())));
    }
    let (has_profit, has_loss) = reviewed.with_value(|draft| {
        let is_pair = kind == TicketKind::Oco;
        (is_pair || draft.exit(&draft.take_profit).is_some(), is_pair || draft.has_loss())
    });
    let is_purchase = reviewed.with_value(|draft| draft.side() == Side::Buy);
    let [profit_name, loss_name] =
        if kind == TicketKind::Oco && is_purchase { ["Limit", "Stop"] } else { ["Take-profit", "Stop-loss"] };
    if has_profit {
        more.push(line(
            end_label(estimate, |it| it.profit_end, profit_name),
            end_value(estimate, |it| it.profit_end),
        ));
    }
    if has_loss {
        more.push(line(
            end_label(estimate, |it| it.loss_end, loss_name),
            end_value(estimate, |it| it.loss_end),
        ));
    }
    if has_profit && has_loss {
        let ratio = move || of_estimate(estimate, words::reward_to_risk).flatten();
        more.push(line(
            Box::new(|| "Reward to risk".to_owned()),
            Box::new(move || ratio().unwrap_or_else(|| "—".to_owned())),
        ));
    }
    let hidden = reviewed.with_value(|draft| {
        let input = |(name, value): (&'static str, &str)| {
            view! { <input r#type="hidden" name=name value=value.to_owned() /> }
        };
        draft.fields().map(input).into_iter().collect_view()
    });
    let back = reviewed.with_value(|draft| format!("/trade/{asset}?{}#ticket", urlencoded(&draft.fields())));
    let look = look_of(reviewed.with_value(OrderForm::side));
    let edit = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        state.edit();
    };
    view! {
        <form
            class="flex flex-col gap-3 focus:outline-offset-4"
            id="confirm"
            tabindex="-1"
            aria-labelledby="confirm-title"
            translate="no"
            method="post"
            action=PLACE
        >
            <h3 id="confirm-title">"Confirm order"</h3>
            <p class="text-14">{exits}</p>
            <Facts kind=FactsKind::Dense>{more}</Facts>
            {details(data, state, estimate)}
            <input r#type="hidden" name="asset_id" value=asset.to_string() />
            <input r#type="hidden" name="key" value=state.key.get_value() />
            {hidden}
            <SheetFoot>
                <Announcement role="status" text=warning(estimate) />
                {totals(data, state, estimate)}
                <button r#type="submit" data-pending="Sending…" class=look.class(ButtonSize::Wide)>{label}</button>
                <LinkButton size=ButtonSize::Wide href=back on:click=edit>"Edit"</LinkButton>
            </SheetFoot>
        </form>
    }
}

/// Name and price of an end.
fn end_label(estimate: Estimated, end: fn(&Estimate) -> Option<End>, name: &'static str) -> Read {
    Box::new(move || {
        let read = |it: &Estimate| end(it).map(|end| format!("{name} {}", format::price(end.price)));
        of_estimate(estimate, read).flatten().unwrap_or_else(|| name.to_owned())
    })
}

fn end_value(estimate: Estimated, end: fn(&Estimate) -> Option<End>) -> Read {
    let shown = move || of_estimate(estimate, |it| end(it).map(|end| words::end(&end))).flatten();
    Box::new(move || shown().unwrap_or_else(|| "—".to_owned()))
}
