//! Every movement of dollars, newest first.

use cnop_api::money::Transaction;
use leptos::prelude::*;

use super::actions::{AccountHistory, history, kind_of};
use crate::address::encoded;
use crate::components::ui::{
    ChipLink, Chips, HiddenCaption, NumberHead, Panel, PanelHead, PanelKind, Table, TableCount, TableKind,
};
use crate::components::{Empty, OlderPager};
use crate::error::AppError;
use crate::format;
use crate::pages::PageRequest;

/// Filters: the type on the wire and its words.
const KINDS: [(&str, &str); 6] = [
    ("", "All"),
    ("deposit", "Deposits"),
    ("withdraw", "Withdrawals"),
    ("order_payment", "Buys"),
    ("order_sale", "Sells"),
    ("fee", "Fees"),
];

/// The history with its filter and its pages, both in the address.
pub(super) async fn movements(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let (kind, cursor) = (request.query("kind"), request.query("cursor"));
    let page = history(&request.services, &request.caller, kind, cursor).await?;
    let filters = KINDS
        .into_iter()
        .map(|(value, label)| {
            let path = if value.is_empty() {
                "/account#history".to_owned()
            } else {
                format!("/account?kind={value}#history")
            };
            view! { <ChipLink href=path current={kind == value}>{label}</ChipLink> }
        })
        .collect_view();
    Ok(view! {
        <Panel kind=PanelKind::Flush id="history" labelled_by="history-title">
            <PanelHead>
                <h2 id="history-title">"History"</h2>
                <Chips label="Transaction type">{filters}</Chips>
            </PanelHead>
            {rows(page, kind, !cursor.is_empty())}
        </Panel>
    })
}

fn rows(page: AccountHistory, kind: &str, is_later: bool) -> impl IntoView + use<> {
    let filter = if kind.is_empty() { String::new() } else { format!("kind={kind}&") };
    let older = page
        .next_cursor
        .as_ref()
        .map(|cursor| format!("/account?{filter}cursor={}#history", encoded(cursor)));
    let newest = is_later.then(|| format!("/account?{}#history", filter.trim_end_matches('&')));
    let list = if !page.rows.is_empty() {
        let noun = if page.total_count == 1 { "transaction" } else { "transactions" };
        let count = format!("{} {noun}", page.total_count);
        view! { <MovementTable rows=page.rows /> <TableCount>{count}</TableCount> }.into_any()
    } else if kind.is_empty() && !is_later && older.is_none() {
        let text = "Deposits, withdrawals, trades and fees appear here.";
        view! { <Empty title="No transactions yet" text /> }.into_any()
    } else {
        let text = "Choose another type, or go to older transactions.";
        view! { <Empty title="No transactions of this type" text /> }.into_any()
    };
    view! { {list} <OlderPager label="Pages of the history" newest older /> }
}

/// Movements as a table.
#[component]
pub(in crate::pages) fn MovementTable(
    /// Movements of this page.
    rows: Vec<Transaction>,
) -> impl IntoView {
    let lines = rows.iter().map(line).collect_view();
    view! {
        <Table kind=TableKind::Rows>
            <HiddenCaption>"Transactions, newest first"</HiddenCaption>
            <thead>
                <tr>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Type"</th>
                    <NumberHead>"Amount, USD"</NumberHead>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </Table>
    }
}

fn line(row: &Transaction) -> impl IntoView + use<> {
    let sign = if row.amount.is_negative() { "" } else { "+" };
    let what = match kind_of(row) {
        "deposit" => "Deposit",
        "withdraw" => "Withdrawal",
        "order_payment" => "Buy",
        "order_sale" => "Sell",
        _ => "Fee",
    };
    let story = row.reference_id.as_ref().filter(|id| id.starts_with("ord_")).map(|id| {
        view! { " " <a href=format!("/orders/{id}")>"Order"</a> }
    });
    view! {
        <tr>
            <td class="text-muted">{format::short_time_element(row.created_at)}</td>
            <td>
                <span class="font-[550]">{what}</span>
                <span class="block [&_a]:underline text-muted text-13">{format::numbers(&row.description)} {story}</span>
            </td>
            // Money that moves is neither gain nor loss: its sign says the way.
            <td class="number" title=format::usd(row.amount)>{format!("{sign}{}", format::money(row.amount))}</td>
        </tr>
    }
}
