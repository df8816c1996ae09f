//! One order: its terms, its fills with their verification, and its actions.

mod fills;
pub(super) mod outcome;
mod proof;
mod story;
pub(super) mod words;

use cnop_api::trading::OrderView;
use cnop_api::{Code, Problem};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::fills::fills;
use self::story::story;
use super::orders::{CancelButton, ReplaceForm, canceled_along, is_open, order_result};
use super::region::{MainPart, Region};
use super::{PageRequest, use_request};
use crate::components::ui::{Note, Panel, PanelKind, Stack};
use crate::error::AppError;
use crate::forms::FormState;

pub(super) use self::proof::{detail as fill_detail, title as fill_title};

/// One order of the account.
#[component]
pub(crate) fn OrderPage() -> impl IntoView {
    view! {
        <Title text="Order · CNOP" />
        <Stack>
            <div class="region" id="order-region" data-swap="any" data-follow="account">
                <MainPart way_on=("/orders", "All orders")>{Suspend::new(order(use_request(), order_id()))}</MainPart>
            </div>
            <Region id="actions-region" follows_account=true>{Suspend::new(actions(use_request(), order_id()))}</Region>
        </Stack>
    }
}

fn order_id() -> String {
    use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default()
}

async fn read(request: &PageRequest, id: &str) -> Result<OrderView, Problem> {
    let missing = |_| Problem::new(Code::OrderNotFound, "There is no such order in your account.");
    let id = id.parse().map_err(missing)?;
    request.services.orders.get(&request.caller, id).await.map_err(Problem::from)
}

async fn order(request: PageRequest, id: String) -> Result<impl IntoView, AppError> {
    let order = read(&request, &id).await?;
    let others = others(&request, &order).await;
    let fills = fills(&request, &order).await?;
    Ok(view! { <Stack>{story(&order, &others)} {fills}</Stack> })
}

/// The other orders of an order's group. One that cannot be read now is left out: its link stays in the order.
pub(super) async fn others(request: &PageRequest, order: &OrderView) -> Vec<OrderView> {
    let mut others = Vec::new();
    for order_id in order.group.iter().flat_map(|group| &group.others) {
        if let Ok(other) = request.services.orders.get(&request.caller, *order_id).await {
            others.push(other);
        }
    }
    others
}

/// Cancel and change of the order; the outcome alone once it is closed.
async fn actions(request: PageRequest, id: String) -> Result<impl IntoView, AppError> {
    let order = match read(&request, &id).await {
        Ok(order) => order,
        // The page itself says that there is none.
        Err(problem) if problem.status() == 404 => return Ok(().into_any()),
        Err(problem) => return Err(problem.into()),
    };
    let result = order_result(&request);
    if !is_open(&order) {
        return Ok(result.into_any());
    }
    let here = request.address(&[]);
    let form = FormState::new(&request, "replace");
    let is_refused = form.problem().is_some();
    Ok(view! {
        {result}
        <Panel kind=PanelKind::Form labelled_by="order-actions">
            <h2 id="order-actions">"Actions"</h2>
            {order.group.as_ref().map(|group| view! { <Note>{canceled_along(group)}</Note> })}
            <CancelButton order=order.clone() back=here.clone() label="Cancel order" />
            <details class="[&[open]>form]:mt-3" open=is_refused>
                <summary class="button">"Edit order"</summary>
                <ReplaceForm order form page=here.clone() back=here />
            </details>
        </Panel>
    }
    .into_any())
}
