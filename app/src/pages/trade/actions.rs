//! Actions of the trading page: placing orders.

use cnop_api::Problem;
use cnop_domain::{AssetId, OrderId};
use leptos::prelude::*;

use crate::context;
use crate::error::AppError;
use crate::forms::{Form, idempotency_key, respond};
use crate::islands::TICKET_FORM;
use crate::order_form::{OrderForm, Placement, at_fields};

/// Places what the ticket asks for: an order, one with its exits, or two that exclude each other.
///
/// # Errors
/// Refusals of the trading rules, insufficient funds, or a price that is too old.
#[server(prefix = "/fn", endpoint = "order/place")]
pub(crate) async fn order_place(
    #[server(default)] asset_id: String,
    #[server(default)] key: String,
    #[server(flatten)] order: OrderForm,
) -> Result<(), AppError> {
    let kept = order.fields().map(|(name, value)| (name, value.to_owned())).into_iter().collect();
    let page = page(&asset_id, &order);
    let form = Form { name: TICKET_FORM, page: format!("{page}&form={TICKET_FORM}"), key: key.clone(), kept };
    let outcome = place(&asset_id, &order, &key).await;
    respond(outcome, form, |placed| match placed {
        Some(order_id) => format!("{page}&placed={order_id}#form-result"),
        None => page,
    })
}

/// Places the order or the group; the order that it is about.
async fn place(asset_id: &str, order: &OrderForm, key: &str) -> Result<Option<OrderId>, Problem> {
    let caller = context::signed_in()?;
    let request = order.request(asset_id, &context::reader_zone())?;
    let key = idempotency_key(key)?;
    let services = context::services()?;
    let refused = |error: cnop_services::Error| at_fields(error.into());
    match request {
        Placement::Group(group) => {
            let group = services.orders.place_group(&caller, *group, key).await.map_err(refused)?;
            Ok(group.orders.into_iter().next().map(|order| order.order_id))
        }
        Placement::One(order) => {
            let order = services.orders.place(&caller, *order, key).await.map_err(refused)?;
            Ok(Some(order.order_id))
        }
    }
}

/// The ticket's page; the form only chooses among known values.
fn page(asset_id: &str, order: &OrderForm) -> String {
    let (side, kind) = (order.side(), order.kind().as_str());
    asset_id.parse::<AssetId>().map_or_else(
        |_| "/trade/BTC".to_owned(),
        |asset_id| format!("/trade/{asset_id}?side={side}&type={kind}"),
    )
}
