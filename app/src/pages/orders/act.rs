//! What is being done about orders: what came of the last form, a change, or a second look.

use cnop_api::Problem;
use cnop_api::trading::{OrderQuery, OrderView, StatusFilter};
use cnop_domain::AssetId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::table::type_words;
use crate::components::{is_open, replace_form, standing_links, told};
use crate::drawn::{Asked, DrawnForm, button_form, hidden, key_hidden, with_member};
use crate::erased::Erase;
use crate::functions::OrdersCancelAll;

/// Open orders that are read at once.
const READ_AT_ONCE: u32 = 100;

/// What came of the form that was sent last, and the form that the address asks for.
///
/// # Errors
/// When the orders cannot be read.
pub(crate) async fn act(asked: &Asked) -> Result<AnyView, Problem> {
    let list = asked.address("/orders", &["change", "cancel_all"]);
    let form = match (asked.get("change"), asked.get("cancel_all")) {
        ("", "") => ().into_any(),
        ("", asset) => second_look(asked, asset, &list).await?,
        (order_id, _) => change(asked, order_id, &list).await?,
    };
    Ok(view! { <div class="told-place" id="told-place">{told(asked)}</div> {form} {standing_links()} }
        .into_any())
}

async fn change(asked: &Asked, order_id: &str, list: &str) -> Result<AnyView, Problem> {
    let Ok(order_id) = order_id.parse() else { return Ok(gone(list)) };
    let order = match asked.services.orders.get(&asked.caller, &order_id).await.map_err(Problem::from) {
        Ok(order) if is_open(&order) => order,
        Ok(_) => return Ok(gone(list)),
        Err(problem) if problem.status() == 404 => return Ok(gone(list)),
        Err(problem) => return Err(problem),
    };
    let form = DrawnForm::new(asked, "replace");
    let page = with_member(list, &format!("change={order_id}"));
    Ok(change_panel(&order, &form, &page, list))
}

fn change_panel(order: &OrderView, form: &DrawnForm, page: &str, list: &str) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="order-change">
            <div class="panel-head">
                <h2 id="order-change">{format!("Change the {} of {}", type_words(order).to_lowercase(), order.asset_id)}</h2>
                <a href=list.to_owned()>"Leave it as it is"</a>
            </div>
            {replace_form(order, form, page, list)}
        </section>
    }
    .erased()
}

/// In place of a form for an order that is closed by now.
fn gone(list: &str) -> AnyView {
    view! {
        <div class="notice warn" role="status">
            <p>"This order is not open any more, so it cannot be changed. " <a href=list.to_owned()>"Back to your orders"</a></p>
        </div>
    }
    .erased()
}

/// Every open order of the account: at most as many as it may have.
async fn open_orders(asked: &Asked) -> Result<Vec<OrderView>, Problem> {
    let mut open = Vec::new();
    let mut cursor = None;
    loop {
        let query = OrderQuery {
            status: Some(StatusFilter::Open),
            limit: READ_AT_ONCE,
            cursor,
            ..OrderQuery::default()
        };
        let page = asked.services.orders.list(&asked.caller, query).await.map_err(Problem::from)?;
        open.extend(page.data);
        cursor = page.next_cursor.filter(|_| page.has_more);
        if cursor.is_none() {
            return Ok(open);
        }
    }
}

async fn second_look(asked: &Asked, asset: &str, list: &str) -> Result<AnyView, Problem> {
    let asset_id: Option<AssetId> = asset.parse().ok().filter(|_| asset != "all");
    let open = open_orders(asked).await?;
    let count = open.iter().filter(|order| asset_id.is_none_or(|id| id == order.asset_id)).count();
    if count == 0 {
        return Ok(
            view! { <p class="notice warn" role="status">"There is no open order to cancel."</p> }.erased()
        );
    }
    let mut assets: Vec<_> = open.iter().map(|order| order.asset_id).collect();
    assets.sort_unstable();
    assets.dedup();
    let others = assets
        .iter()
        .filter(|id| Some(**id) != asset_id)
        .map(|id| {
            let path = with_member(list, &format!("cancel_all={id}"));
            view! { <a class="chip" href=path>{format!("Only {id}")}</a> }
        })
        .collect_view();
    let all = asset_id.is_some().then(|| {
        view! { <a class="chip" href=with_member(list, "cancel_all=all")>"Of all assets"</a> }
    });
    let which = asset_id.map_or_else(String::new, |id| format!(" of {id}"));
    let label = if count == 1 {
        format!("Cancel 1 open order{which}")
    } else {
        format!("Cancel {count} open orders{which}")
    };
    let fields = vec![
        hidden("asset_id", asset_id.map(|id| id.to_string()).unwrap_or_default()),
        hidden("back", list),
        key_hidden(asked),
    ];
    let button =
        button_form(OrdersCancelAll::PATH, fields, "cancel-all".to_owned(), "sell", label.into_any());
    Ok(view! {
        <section class="panel form" aria-labelledby="cancel-all-title">
            <h2 id="cancel-all-title">"Cancel all of them?"</h2>
            <p>"What these orders hold back becomes available again. What is filled stays filled. Exits go with their purchases, and both orders of a pair. This cannot be taken back: an order that is placed again goes to the end of the queue."</p>
            <nav class="chips" aria-label="Which orders">{all} {others}</nav>
            <div class="buttons">{button} <a class="button" href=list.to_owned()>"Keep them"</a></div>
        </section>
    }
    .erased())
}
