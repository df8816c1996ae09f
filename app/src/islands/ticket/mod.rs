//! The order ticket: what it would come to as one types, and its confirmation.
//!
//! It is a plain form like any other: the confirmation posts it, and the answer is the page itself with the result, or
//! with the refusal at its field.

mod confirm;
mod data;
mod draft;
mod exits;
mod fields;
mod form;
mod live;
mod main_fields;
mod settings;
mod sheet;
mod shown_problem;
mod state;
mod summary;
mod words;

#[cfg(feature = "ssr")]
use cnop_api::Problem;
use leptos::prelude::*;

use self::confirm::confirmation;
use self::form::{form, kinds, sides};
use self::live::{Live, basis, paused};
use self::state::TicketState;
use crate::components::ui::{Announcement, Panel, PanelKind, Sheet};
use crate::forms::{FORM_RESULT, ProblemSummary};
use crate::islands::browser::push_address;
use crate::islands::{Packed, Store};
#[cfg(feature = "ssr")]
use crate::order_form::OrderForm;
use crate::order_form::TicketKind;

pub(crate) use self::data::{TicketData, TicketStart};
pub(crate) use self::state::FORM;
#[cfg(feature = "ssr")]
pub(crate) use self::state::opens_sheet;

/// The refusal of an order by the estimate of this page, if any.
#[cfg(feature = "ssr")]
pub(crate) fn refusal(order: &OrderForm, data: &TicketData) -> Option<Problem> {
    draft::estimate(order, &live::basis(data)).err()
}

/// The ticket of one asset. Its children are the notices at its head.
#[island]
pub(crate) fn Ticket(
    /// The venue and the account.
    #[prop(into)]
    data: Packed<TicketData>,
    /// State to begin with.
    #[prop(into)]
    start: Packed<TicketStart>,
    /// Notices, rendered by the server.
    children: Children,
) -> impl IntoView {
    let (Packed(data), Packed(start)) = (data, start);
    let state = TicketState::new(start);
    sheet::watch(state);
    let asset = data.asset_id;
    let head = sheet::head(&data, state);
    let data = StoredValue::new(data);
    let live = Live::follow(state, data);
    state.watch_input();
    watch_prices(state, data);
    let paused = Memo::new(move |_| data.with_value(paused));
    view! {
        {sheet::scrim(asset, state)}
        <Sheet open=state.open>
            {head}
            <Panel kind=PanelKind::Form id="ticket" labelled_by="ticket-title">
                <h2 id="ticket-title" class="sr-only">"Order ticket"</h2>
                {children()}
                {sides(asset, state)}
                {kinds(asset, state)}
                <Announcement framed=true role="status" text=live.closed />
                <Announcement text=paused />
                <ProblemSummary id=FORM_RESULT form=FORM problem=state.problem />
                {form(data, state, live)}
                {move || state.confirming.get().map(|draft| confirmation(data, draft, state))}
            </Panel>
        </Sheet>
        {sheet::bar(asset, state)}
    }
}

/// Fills in limit prices: the last price where the field is empty, and prices that are taken from the quote.
fn watch_prices(state: TicketState, data: StoredValue<TicketData>) {
    let (store, asset) = (Store::current(), data.with_value(|data| data.asset_id));
    Effect::new(move |_| {
        let has_limit = matches!(state.kind.get(), TicketKind::One(order_type) if order_type.has_limit());
        if has_limit && state.price.with_untracked(String::is_empty) {
            state.price.set(untrack(|| data.with_value(basis)).quote.last.to_string());
        }
    });
    Effect::new(move |before: Option<()>| {
        let taken = store.price_taken(asset);
        if let (Some(()), Some(price)) = (before, taken) {
            state.take_price(price);
            // On a phone the sheet opens, as its address says.
            let (side, kind) = (state.side.get_untracked(), state.kind.get_untracked().as_str());
            push_address(&format!("/trade/{asset}?side={side}&type={kind}"));
            state.follow_address();
        }
    });
}
