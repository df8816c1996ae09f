//! The account: money in, money out, history.

mod actions;
mod history;
mod transfer;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_meta::Title;

use self::history::movements;
use self::transfer::{Deposit, Withdrawal};
use super::region::Region;
use super::{PageRequest, use_request};
use crate::components::ui::{Columns, PageHead, Stack};
use crate::components::{Outcome, StandingLinks};
use crate::error::AppError;
use crate::islands::AccountFigures;

pub(super) use self::actions::{history, kind_of};
pub(super) use self::history::MovementTable;

/// Balance, deposit and withdrawal side by side, and every movement of dollars.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    view! {
        <Title text="Account · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Account"</h1>
                <StandingLinks />
            </PageHead>
            <Region id="balance-region">{Suspend::new(balance(use_request()))}</Region>
            <Region id="movements-region" follows_account=true>{Suspend::new(movements(use_request()))}</Region>
        </Stack>
    }
}

/// Outcome of the last transfer, the balance, and the forms of the next one.
async fn balance(request: PageRequest) -> Result<impl IntoView, AppError> {
    let balance = request.services.ledger.balance(&request.caller).await.map_err(Problem::from)?;
    let result = match request.query("result") {
        "deposit" => Some("Deposit received."),
        "withdraw" => Some("Withdrawal completed."),
        _ => None,
    };
    Ok(view! {
        {result.map(|sentence| view! { <Outcome>{sentence}</Outcome> })}
        <AccountFigures amounts=(balance.available, balance.reserved) />
        <Columns even=true>
            <Deposit request=request.clone() left=balance.deposit_left_today />
            <Withdrawal request left=balance.withdraw_left_today available=balance.available />
        </Columns>
    })
}
