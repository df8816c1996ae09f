//! What the account itself has changed about the portfolio: money in and out, purchases and sales.

use cnop_api::Problem;
use leptos::prelude::*;

use super::super::account::history::table;
use crate::components::empty;
use crate::drawn::Asked;
use crate::erased::Erase;
use crate::functions::kind_of;

/// Changes shown.
const ROWS: usize = 10;

/// The newest changes. Fees are left out: each stands with its order.
///
/// # Errors
/// When they cannot be read.
pub(crate) async fn changes(asked: &Asked) -> Result<AnyView, Problem> {
    let history = crate::functions::history(&asked.services, &asked.caller, "", "").await?;
    let mut rows = history.rows.iter().filter(|row| kind_of(row) != "fee").take(ROWS).peekable();
    let body = if rows.peek().is_none() {
        empty(
            "Nothing has changed it yet",
            "Deposits, withdrawals, purchases and sales will be listed here.",
            None,
        )
    } else {
        table(rows)
    };
    Ok(view! {
        <section class="panel panel-flush" aria-labelledby="changes-title">
            <div class="panel-head">
                <h2 id="changes-title">"History"</h2>
                <a href="/account#history">"All movements"</a>
            </div>
            <p class="muted small panel-note">
                "Your last deposits, withdrawals and trades, without the fees. Between them the value moves with the prices alone."
            </p>
            {body}
        </section>
    }
    .erased())
}
