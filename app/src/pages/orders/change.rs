//! The form that the address of the orders page asks for: a change of one order, or the cancel of all.

use cnop_api::Problem;
use cnop_api::trading::OrderView;
use cnop_domain::AssetId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::OrdersCancelAll;
use super::every_open::open_orders;
use super::flatten::flatten;
use super::order_actions::{ReplaceForm, is_open, order_result};
use super::table::type_words;
use crate::address::with_member;
use crate::components::StandingLinks;
use crate::components::ui::{
    Buttons, ChipLink, Chips, LinkButton, Look, Notice, Panel, PanelHead, PanelKind, Tone,
};
use crate::error::AppError;
use crate::forms::{ButtonForm, FormState, key_new};
use crate::pages::PageRequest;

/// Outcome of the last form, and the form that the address asks for.
pub(super) async fn change(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let list = request.address(&["change", "cancel_all", "flatten"]);
    let form = match (request.query("change"), request.query("cancel_all")) {
        ("", "") if request.query("flatten") == "1" => flatten(&request, &list).await?.into_any(),
        ("", "") => ().into_any(),
        ("", asset) => cancel_all(&request, asset, &list).await?.into_any(),
        (order_id, _) => change_one(&request, order_id, &list).await?.into_any(),
    };
    Ok(view! { {order_result(&request)} {form} <StandingLinks /> })
}

async fn change_one(request: &PageRequest, order_id: &str, list: &str) -> Result<AnyView, Problem> {
    let Ok(order_id) = order_id.parse() else { return Ok(closed(list).into_any()) };
    match request.services.orders.get(&request.caller, order_id).await.map_err(Problem::from) {
        // Its form is in the list, at the order.
        Ok(order) if is_open(&order) => Ok(().into_any()),
        Ok(_) => Ok(closed(list).into_any()),
        Err(problem) if problem.status() == 404 => Ok(closed(list).into_any()),
        Err(problem) => Err(problem),
    }
}

/// The form that changes an order, beneath its row. While it is there the list is not replaced by a newer one.
pub(super) fn change_row(
    request: &PageRequest,
    order: OrderView,
    list: &str,
    columns: u32,
) -> impl IntoView + use<> {
    let title = format!("Edit {} {}", type_words(&order).to_lowercase(), order.asset_id);
    let page = with_member(list, &format!("change={}", order.order_id));
    let form = FormState::new(request, "replace");
    view! {
        <tr class="order-change" data-editing>
            <td colspan=columns>
                <section aria-labelledby="order-change">
                    <PanelHead>
                        <h3 id="order-change">{title}</h3>
                        <a href=list.to_owned()>"Keep as it is"</a>
                    </PanelHead>
                    <ReplaceForm order form page back=list />
                </section>
            </td>
        </tr>
    }
}

/// In place of a form for an order that is closed by now.
fn closed(list: &str) -> impl IntoView + use<> {
    view! {
        <div class=Tone::Warning.class() role="status">
            <p>"This order is closed and cannot be edited. " <a href=list.to_owned()>"Back to your orders"</a></p>
        </div>
    }
}

async fn cancel_all(request: &PageRequest, asset: &str, list: &str) -> Result<AnyView, Problem> {
    let asset_id: Option<AssetId> = asset.parse().ok().filter(|_| asset != "all");
    let open = open_orders(request).await?;
    let count = open.iter().filter(|order| asset_id.is_none_or(|id| id == order.asset_id)).count();
    if count == 0 {
        return Ok(view! { <Notice tone=Tone::Warning role="status">"No open orders to cancel."</Notice> }
            .into_any());
    }
    let mut assets: Vec<_> = open.iter().map(|order| order.asset_id).collect();
    assets.sort_unstable();
    assets.dedup();
    let others = assets
        .iter()
        .filter(|id| Some(**id) != asset_id)
        .map(|id| {
            let path = with_member(list, &format!("cancel_all={id}"));
            view! { <ChipLink href=path>{format!("{id} only")}</ChipLink> }
        })
        .collect_view();
    let all = asset_id.is_some().then(|| {
        view! { <ChipLink href=with_member(list, "cancel_all=all")>"All assets"</ChipLink> }
    });
    let which = asset_id.map_or_else(String::new, |id| format!(" of {id}"));
    let label = if count == 1 {
        format!("Cancel 1 open order{which}")
    } else {
        format!("Cancel {count} open orders{which}")
    };
    let fields = vec![
        ("asset_id", asset_id.map(|id| id.to_string()).unwrap_or_default()),
        ("back", list.to_owned()),
        ("key", key_new(request.services.entropy())),
    ];
    Ok(view! {
        <Panel kind=PanelKind::Form labelled_by="cancel-all-title">
            <h2 id="cancel-all-title">{format!("{label}?")}</h2>
            <p>"Reserved funds are released, fills are kept, linked orders are canceled too."</p>
            <Chips label="Which orders">{all} {others}</Chips>
            <Buttons>
                <ButtonForm action=OrdersCancelAll::PATH fields id="cancel-all" look=Look::Sell>{label}</ButtonForm>
                <LinkButton href=list.to_owned()>"Back"</LinkButton>
            </Buttons>
        </Panel>
    }
    .into_any())
}
