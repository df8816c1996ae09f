//! The forms of deposits and withdrawals.

use cnop_domain::Amount;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions;
use crate::components::ui::{Chip, ChipGroup, Form, Note, Panel, PanelHead};
use crate::format;
use crate::forms::{FormState, Hidden, Submit, TextInput};
use crate::islands::FillAvailable;
use crate::pages::PageRequest;

/// Amounts that one tap fills in.
const QUICK: [&str; 4] = ["100", "500", "1000", "5000"];

/// The form of a deposit.
#[component]
pub(super) fn Deposit(
    /// The request for the page.
    request: PageRequest,
    /// Rest of the daily limit.
    left: Amount,
) -> impl IntoView {
    let chip = |amount: &'static str| {
        let label = amount.parse().map_or_else(|_| amount.to_owned(), format::usd);
        view! { <Chip fills="deposit-amount" value=amount>{label}</Chip> }
    };
    view! {
        <Transfer request name="deposit" title="Deposit" action=actions::Deposit::PATH left>
            {QUICK.map(chip).into_iter().collect_view()}
        </Transfer>
    }
}

/// The form of a withdrawal.
#[component]
pub(super) fn Withdrawal(
    /// The request for the page.
    request: PageRequest,
    /// Rest of the daily limit.
    left: Amount,
    /// Dollars available to spend.
    available: Amount,
) -> impl IntoView {
    view! {
        <Transfer request name="withdraw" title="Withdraw" action=actions::Withdraw::PATH left>
            <FillAvailable field="withdraw-amount".to_owned() available />
        </Transfer>
    }
}

/// One of the two forms. Its children are buttons that fill the amount in; they need scripts, so they appear with them.
#[component]
fn Transfer(
    request: PageRequest,
    name: &'static str,
    title: &'static str,
    action: &'static str,
    left: Amount,
    children: Children,
) -> impl IntoView {
    let form = FormState::new(&request, name);
    let heading = format!("{name}-title");
    let labelled_by = heading.clone();
    view! {
        <Panel labelled_by=labelled_by>
            <PanelHead>
                <h2 id=heading>{title}</h2>
                <Note>{format!("Left today: {}. Resets at {}.", format::usd(left), format::venue_midnight())}</Note>
            </PanelHead>
            <Form action=action unchecked=true>
                {form.summary()}
                <Hidden name="key" value=form.key.clone() />
                {form.text(&TextInput::MONEY)}
                <ChipGroup>{children()}</ChipGroup>
                <Submit label=title pending="Sending…" />
            </Form>
        </Panel>
    }
}
