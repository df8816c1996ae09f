//! Movements of dollars that have changed the portfolio: money in and out, purchases and sales.

use leptos::prelude::*;

use crate::components::Empty;
use crate::components::ui::{Panel, PanelHead, PanelKind};
use crate::error::AppError;
use crate::pages::PageRequest;
use crate::pages::account::{MovementTable, history, kind_of};

/// Number of changes shown.
const ROWS: usize = 10;

/// The newest changes. Fees are left out: each stands with its order.
pub(super) async fn changes(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let history = history(&request.services, &request.caller, "", "").await?;
    let rows: Vec<_> = history.rows.into_iter().filter(|row| kind_of(row) != "fee").take(ROWS).collect();
    let body = if rows.is_empty() {
        let text = "Deposits, withdrawals and trades appear here.";
        view! { <Empty title="No activity yet" text /> }.into_any()
    } else {
        view! { <MovementTable rows /> }.into_any()
    };
    Ok(view! {
        <Panel kind=PanelKind::Flush labelled_by="changes-title">
            <PanelHead>
                <h2 id="changes-title">"History"</h2>
                <a href="/account#history">"All transactions"</a>
            </PanelHead>
            {body}
        </Panel>
    })
}
