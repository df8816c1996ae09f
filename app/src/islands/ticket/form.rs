//! The ticket's form: side, type, fields, and the estimate of the order.

use cnop_domain::{AssetId, OrderType, Side};
use leptos::prelude::*;

use super::data::TicketData;
use super::fields::{groups, main_fields, more_fields};
use super::sheet::in_place;
use super::state::TicketState;
use super::summary::{Estimated, facts, of_estimate};
use super::words;
use crate::components::ui::{ButtonSize, Look, Note, SHEET_FORM};
use crate::order_form::TicketKind;

/// Kinds that one sees at once.
const FIRST: [TicketKind; 3] =
    [TicketKind::One(OrderType::Market), TicketKind::One(OrderType::Limit), TicketKind::One(OrderType::Stop)];
/// Kinds that are folded away.
const MORE: [TicketKind; 5] = [
    TicketKind::One(OrderType::StopLimit),
    TicketKind::One(OrderType::TakeProfit),
    TicketKind::One(OrderType::TakeProfitLimit),
    TicketKind::One(OrderType::TrailingStop),
    TicketKind::Oco,
];

/// The form. Without scripts it leads to the page of the confirmation; with them the confirmation opens in place.
pub(super) fn form(
    data: StoredValue<TicketData>,
    state: TicketState,
    estimate: Estimated,
    closed: Memo<String>,
) -> impl IntoView + use<> {
    let asset = data.with_value(|data| data.asset_id);
    let label = move || {
        of_estimate(estimate, |estimate| words::act(state.kind.get(), estimate)).unwrap_or_else(|| {
            format!("{} {asset}", if state.side.get() == Side::Buy { "Buy" } else { "Sell" })
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if closed.with_untracked(String::is_empty) {
            state.confirm(estimate.get_untracked().err());
        }
    };
    let (side, kind) = (state.side.get_untracked().as_str(), state.kind.get_untracked().as_str());
    view! {
        <form
            class=format!("ticket-form {SHEET_FORM}")
            method="get"
            action=format!("/trade/{asset}#confirm")
            novalidate=""
            on:submit=submit
            hidden=move || state.confirming.with(Option::is_some)
            data-fields=move || groups(state.kind.get(), state.side.get())
        >
            // Read without scripts alone: with them the draft is sent.
            <input r#type="hidden" name="side" value=side />
            <input r#type="hidden" name="type" value=kind />
            <input r#type="hidden" name="review" value="1" />
            <Note><span translate="no">{move || words::meaning(state.kind.get(), state.side.get())}</span></Note>
            {main_fields(data, state)}
            {more_fields(state)}
            {facts(data, state, estimate)}
            <button
                r#type="submit"
                translate="no"
                class=move || look_of(state.side.get()).class(ButtonSize::Wide)
                aria-disabled=move || if closed.with(String::is_empty) { "false" } else { "true" }
            >
                {label}
            </button>
        </form>
    }
}

/// The look of a button that places an order of this side.
pub(super) const fn look_of(side: Side) -> Look {
    match side {
        Side::Buy => Look::Buy,
        Side::Sell => Look::Sell,
    }
}

/// Classes of the tab of a side, in its color while it is chosen.
const fn side_class(side: Side) -> &'static str {
    match side {
        Side::Buy => "not-aria-[current]:text-text aria-[current]:bg-up aria-[current]:text-on-up",
        Side::Sell => "not-aria-[current]:text-text aria-[current]:bg-down aria-[current]:text-on-down",
    }
}

/// Buy and Sell: links, so that they work without scripts and the side is in the address.
pub(super) fn sides(asset: AssetId, state: TicketState) -> impl IntoView + use<> {
    let links = [(Side::Buy, "Buy"), (Side::Sell, "Sell")]
        .into_iter()
        .map(|(this, label)| {
            let path = move || format!("/trade/{asset}?side={this}&type={}", state.kind.get().as_str());
            let current = move || (state.side.get() == this).then_some("true");
            view! {
                <a href=path on:click=in_place(state, path) aria-current=current class=side_class(this)>{label}</a>
            }
        })
        .collect_view();
    view! { <nav class="tabs flex" aria-label="Side">{links}</nav> }
}

/// The kinds of order: links too, the three that most people need first.
pub(super) fn kinds(asset: AssetId, state: TicketState) -> impl IntoView + use<> {
    let links = |kinds: &[TicketKind], class: &'static str| {
        kinds.iter().map(|kind| kind_link(asset, *kind, class, state)).collect_view()
    };
    let first = links(&FIRST, "");
    let more = links(&MORE, "chip");
    let open =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || !FIRST.contains(&state.kind.get()));
    view! {
        <nav class="flex flex-col gap-2 [&>.tabs]:flex" aria-label="Order type">
            <p class="hidden noscript:block text-muted text-13">"Pick side and type first; changing them clears the form."</p>
            <div class="tabs">{first}</div>
            <details class="more" open=open>
                <summary>"More order types"</summary>
                <div class="flex flex-wrap gap-1.5">{more}</div>
            </details>
        </nav>
    }
}

fn kind_link(
    asset: AssetId,
    kind: TicketKind,
    class: &'static str,
    state: TicketState,
) -> impl IntoView + use<> {
    let path = move || format!("/trade/{asset}?side={}&type={}", state.side.get(), kind.as_str());
    let current = move || (state.kind.get() == kind).then_some("true");
    view! {
        <a href=path on:click=in_place(state, path) class=class aria-current=current>{words::name(kind)}</a>
    }
}
