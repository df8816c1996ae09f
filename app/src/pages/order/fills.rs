//! The fills of an order, each computed again.

use cnop_api::Problem;
use cnop_api::trading::OrderView;
use leptos::prelude::*;

use super::proof::{FillProof, proof};
use crate::components::Pager;
use crate::components::ui::{Disclosure, Note, Panel, RowTitle, Timeline};
use crate::islands::{FillCheck, VerifiedBy};
use crate::pages::PageRequest;

/// Fills on one page.
const ROWS: usize = 20;

/// A page of the fills; nothing before the first one.
pub(super) async fn fills(
    request: &PageRequest,
    order: &OrderView,
) -> Result<impl IntoView + use<>, Problem> {
    if order.fills.is_empty() {
        return Ok(None);
    }
    let pages = order.fills.len().div_ceil(ROWS).max(1);
    let page = request.query("fills").parse().unwrap_or(1).clamp(1, pages);
    let mut lines = Vec::new();
    for fill in order.fills.iter().skip((page - 1) * ROWS).take(ROWS) {
        let explained = request.services.orders.explain(&request.caller, order.order_id, fill.number).await;
        lines.push(line(proof(order, explained.map_err(Problem::from)?)));
    }
    let path = |page: usize| format!("/orders/{}?fills={page}#fills", order.order_id);
    let before = (page > 1).then(|| path(page - 1));
    let after = (page < pages).then(|| path(page + 1));
    Ok(Some(view! {
        <Panel id="fills" labelled_by="fills-title">
            <h2 id="fills-title">"Fills"</h2>
            <Note>
                "Recomputed by " <VerifiedBy /> " from the quote of each fill and the published rules. "
                <a href="/about/fills">"How orders are filled"</a>
            </Note>
            <Timeline>{lines}</Timeline>
            <Pager label="Pages of fills" before after />
        </Panel>
    }))
}

fn line(fill: FillProof) -> impl IntoView + use<> {
    let rules = fill.rules.into_iter().map(|rule| view! { <li>{rule}</li> }).collect_view();
    let mismatch = fill.inputs.verify().err();
    view! {
        <li>
            <RowTitle>{fill.title} " " <FillCheck inputs=fill.inputs mismatch /></RowTitle>
            <Note>{fill.detail}</Note>
            <Disclosure label="Explain">
                <ol class="pl-5 list-decimal text-13">{rules}</ol>
            </Disclosure>
        </li>
    }
}
