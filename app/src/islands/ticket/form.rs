//! The ticket's form: side, type, fields, and the estimate of the order.

use cnop_domain::{AssetId, OrderType, Side};
use leptos::prelude::*;

use super::data::TicketData;
use super::fields::{groups, more_fields};
use super::live::Live;
use super::main_fields::main_fields;
use super::settings::{SKIP, repeat, settings};
use super::sheet::in_place;
use super::state::TicketState;
use super::summary::{details, of_estimate, totals, warning};
use super::words;
use crate::components::ui::{Announcement, ButtonSize, Disclosure, Look, Note, SheetFoot};
use crate::islands::browser::{click_soon, is_checked};
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
pub(super) fn form(data: StoredValue<TicketData>, state: TicketState, live: Live) -> impl IntoView + use<> {
    let Live { estimate, closed, reason, .. } = live;
    let (asset, is_visitor) = data.with_value(|data| (data.asset_id, data.is_visitor));
    let rules_text = data.with_value(|data| data.rules_text.clone());
    let warning = warning(estimate);
    let label = move || {
        if is_visitor {
            return format!("Sign in to {} {asset}", state.side.get());
        }
        of_estimate(estimate, |estimate| words::act(state.kind.get(), estimate)).unwrap_or_else(|| {
            format!("{} {asset}", if state.side.get() == Side::Buy { "Buy" } else { "Sell" })
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        // A visitor goes to the page of the confirmation, which asks them to sign in first.
        if is_visitor {
            return;
        }
        event.prevent_default();
        if !closed.with_untracked(String::is_empty) {
            return;
        }
        let fault = estimate.get_untracked().err();
        let is_plain = fault.is_none() && warning.with_untracked(String::is_empty);
        state.confirm(fault);
        if is_plain && is_checked(SKIP) {
            click_soon("#confirm [type=submit]");
        }
    };
    view! {
        <form
            class="ticket-form flex flex-col gap-3"
            method="get"
            action=format!("/trade/{asset}#confirm")
            novalidate=""
            on:submit=submit
            hidden=move || state.confirming.with(Option::is_some)
            data-fields=move || groups(state.kind.get(), state.side.get())
        >
            // Read without scripts, and of a visitor: otherwise the draft is sent.
            <input r#type="hidden" name="side" value=move || state.side.get().as_str() />
            <input r#type="hidden" name="type" value=move || state.kind.get().as_str() />
            <input r#type="hidden" name="review" value="1" />
            {repeat(data, state)}
            <Note><span translate="no">{move || words::meaning(state.kind.get(), state.side.get())}</span></Note>
            {main_fields(data, state, live)}
            <div class="ticket-more flex flex-col">
            {more_fields(data, state, live)}
            <Disclosure label="Order details">{details(data, state, estimate)}</Disclosure>
            {settings()}
            </div>
            <Note>{rules_text} " " <a href="/about/fills">"How orders are filled"</a></Note>
            <SheetFoot>
            // The price alone brings and takes these: they have their room, so that nothing moves.
            <div class="min-h-10">
                <Announcement role="status" text=reason />
                <Announcement role="status" text=warning />
            </div>
            {totals(data, state, estimate)}
            <button
                r#type="submit"
                translate="no"
                class=move || look_of(state.side.get()).class(ButtonSize::Wide)
                aria-disabled=move || if closed.with(String::is_empty) { "false" } else { "true" }
            >
                {label}
            </button>
            </SheetFoot>
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
    let links = [(Side::Buy, "Buy", "b"), (Side::Sell, "Sell", "s")]
        .into_iter()
        .map(|(this, label, key)| {
            let path = move || format!("/trade/{asset}?side={this}&type={}", state.kind.get().as_str());
            let current = move || (state.side.get() == this).then_some("true");
            view! {
                <a href=path on:click=in_place(state, path) aria-current=current class=side_class(this) data-key=key>{label}</a>
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
    let key = match kind {
        TicketKind::One(OrderType::Market) => Some("m"),
        TicketKind::One(OrderType::Limit) => Some("l"),
        _ => None,
    };
    view! {
        <a href=path on:click=in_place(state, path) class=class aria-current=current data-key=key>{words::name(kind)}</a>
    }
}
