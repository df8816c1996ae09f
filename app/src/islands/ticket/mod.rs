//! The order ticket: what it would come to as one types, and its confirmation.
//!
//! It is a plain form like any other: the confirmation posts it, and the answer is the page itself with the result, or
//! with the refusal at its field.

mod confirm;
mod draft;
mod fields;
mod form;
mod sheet;
mod state;
mod summary;
mod words;

use cnop_api::Problem;
use cnop_api::market::QuoteView;
use cnop_domain::{AccountLimits, Amount, AssetId, Quantity, TradingRules};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use self::confirm::confirmation;
use self::form::{closed, estimate_of, form, kinds, paused, sides};
use self::state::TicketState;
use crate::components::ui::Note;
use crate::forms::{FORM_RESULT, ProblemSummary};
use crate::order_form::OrderForm;

pub(crate) use self::state::FORM;
#[cfg(feature = "ssr")]
pub(crate) use self::state::opens_sheet;

/// The venue and the account, as far as the ticket needs them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketData {
    /// Id of the asset.
    pub(crate) asset_id: AssetId,
    /// True if it can be traded now.
    pub(crate) is_tradable: bool,
    /// Trading rules of the asset.
    pub(crate) rules: TradingRules,
    /// Those that matter while typing, in words.
    pub(crate) rules_text: String,
    /// The quote of the time of rendering.
    pub(crate) quote: QuoteView,
    /// Dollars available to spend.
    pub(crate) available: Amount,
    /// Coins available to sell.
    pub(crate) holding: Quantity,
    /// Fee of an order, in basis points of its notional.
    pub(crate) fee_bps: u32,
    /// Largest notional of one order.
    pub(crate) order_notional_max: Amount,
    /// Oldest price that an order is filled at, in ms.
    pub(crate) price_max_age_ms: u64,
    /// The bounds of the account besides its money.
    pub(crate) limits: AccountLimits,
}

/// State of the ticket at the time of rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketStart {
    /// The fields: of the address, or of the form that was refused.
    pub(crate) order: OrderForm,
    /// Idempotency key of the next order.
    pub(crate) key: String,
    /// Refusal of the order.
    pub(crate) problem: Option<Problem>,
    /// True if the confirmation is open.
    pub(crate) is_confirming: bool,
    /// True if the sheet of a phone is open.
    pub(crate) is_open: bool,
}

/// The refusal of an order by the estimate of this page, if any.
#[cfg(feature = "ssr")]
pub(crate) fn refusal(order: &OrderForm, data: &TicketData) -> Option<Problem> {
    draft::estimate(order, &form::basis(data)).err()
}

/// The ticket of one asset. Its children are the notices at its head.
#[island]
pub(crate) fn Ticket(
    /// The venue and the account.
    data: TicketData,
    /// State to begin with.
    start: TicketStart,
    /// Notices, rendered by the server.
    children: Children,
) -> impl IntoView {
    let state = TicketState::new(start);
    sheet::watch(state);
    let asset = data.asset_id;
    let head = sheet::head(&data, state);
    let rules_text = data.rules_text.clone();
    let data = StoredValue::new(data);
    let estimate = Memo::new(move |_| estimate_of(&state.draft(), data));
    let closed = Memo::new(move |_| data.with_value(closed));
    let paused = Memo::new(move |_| data.with_value(paused));
    view! {
        {sheet::scrim(asset, state)}
        <div class="trade-ticket" class:open=move || state.open.get()>
            {head}
            <section class="panel ticket" id="ticket" aria-labelledby="ticket-title">
                <h2 id="ticket-title" class="hidden-word">"Order ticket"</h2>
                {children()}
                {sides(asset, state)}
                {kinds(asset, state)}
                <p class="notice warn closed" class:blank=move || closed.with(String::is_empty) role="status">
                    {move || closed.get()}
                </p>
                <p class="warning small" class:blank=move || paused.with(String::is_empty)>{move || paused.get()}</p>
                <ProblemSummary id=FORM_RESULT form=FORM problem=state.problem />
                {form(data, state, estimate, closed)}
                {move || state.confirming.get().map(|draft| confirmation(data, draft, state))}
                <Note>{rules_text} " " <a href="/about/fills">"How orders are filled"</a></Note>
            </section>
        </div>
        {sheet::bar(asset, state)}
    }
}
