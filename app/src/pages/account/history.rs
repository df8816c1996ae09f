//! Every movement of dollars, newest first.

use cnop_api::Problem;
use cnop_api::money::Transaction;
use leptos::prelude::*;

use crate::components::{empty, pager_older};
use crate::drawn::Asked;
use crate::erased::Erase;
use crate::format;
use crate::forms::path_encode;
use crate::functions::{AccountHistory, kind_of};

/// Filters: the type on the wire and its words.
const KINDS: [(&str, &str); 6] = [
    ("", "All"),
    ("deposit", "Deposits"),
    ("withdraw", "Withdrawals"),
    ("order_payment", "Purchases"),
    ("order_sale", "Sales"),
    ("fee", "Fees"),
];

/// The history with its filter and its pages, both in the address.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn history(asked: &Asked) -> Result<AnyView, Problem> {
    let (kind, cursor) = (asked.get("kind"), asked.get("cursor"));
    let page = crate::functions::history(&asked.services, &asked.caller, kind, cursor).await?;
    let filters = KINDS
        .into_iter()
        .map(|(value, label)| {
            let path = if value.is_empty() {
                "/account#history".to_owned()
            } else {
                format!("/account?kind={value}#history")
            };
            view! { <a class="chip" href=path aria-current=(kind == value).then_some("true")>{label}</a> }
        })
        .collect_view();
    Ok(view! {
        <section class="panel panel-flush" id="history" aria-labelledby="history-title">
            <div class="panel-head">
                <h2 id="history-title">"History"</h2>
                <nav class="chips" aria-label="Kind of movement">{filters}</nav>
            </div>
            {rows(&page, kind, !cursor.is_empty())}
        </section>
    }
    .erased())
}

fn rows(page: &AccountHistory, kind: &str, later: bool) -> AnyView {
    let filter = if kind.is_empty() { String::new() } else { format!("kind={kind}&") };
    let next = page
        .next_cursor
        .as_ref()
        .map(|cursor| format!("/account?{filter}cursor={}#history", path_encode(cursor)));
    let first = later.then(|| format!("/account?{}#history", filter.trim_end_matches('&')));
    if page.rows.is_empty() {
        let nothing = if kind.is_empty() && !later {
            empty(
                "No movements yet",
                "Deposits, withdrawals, purchases, sales and fees will be listed here.",
                None,
            )
        } else {
            empty("Nothing of this kind here", "Choose another kind, or look at older movements.", None)
        };
        return view! { {nothing} {pager_older("Pages of the history", first, next)} }.erased();
    }
    view! {
        {table(page.rows.iter())}
        <p class="muted small rows-count">{format!("{} movements in all", page.total_count)}</p>
        {pager_older("Pages of the history", first, next)}
    }
    .erased()
}

/// Movements as a table.
pub(in crate::pages) fn table<'a>(rows: impl Iterator<Item = &'a Transaction>) -> AnyView {
    let lines = rows.map(line).collect_view();
    view! {
        <table class="table rows">
            <caption class="hidden-word">"Movements of dollars, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Time"</th>
                    <th scope="col">"What"</th>
                    <th scope="col" class="number">"Amount in USD"</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .erased()
}

fn line(row: &Transaction) -> AnyView {
    let direction = format::Direction::of_amount(row.amount);
    let sign = if row.amount.is_negative() { "" } else { "+" };
    let what = match kind_of(row) {
        "deposit" => "Deposit",
        "withdraw" => "Withdrawal",
        "order_payment" => "Purchase",
        "order_sale" => "Sale",
        _ => "Fee",
    };
    let story = row.reference_id.as_ref().filter(|id| id.starts_with("ord_")).map(|id| {
        view! { " " <a href=format!("/orders/{id}")>"Order"</a> }
    });
    view! {
        <tr>
            <td class="muted">{format::moment(row.created_at)}</td>
            <td>
                <span class="row-title">{what}</span>
                <span class="row-detail muted small">{row.description.clone()} {story}</span>
            </td>
            <td class=format!("number {}", direction.class())>{format!("{sign}{}", format::amount(row.amount))}</td>
        </tr>
    }
    .erased()
}
