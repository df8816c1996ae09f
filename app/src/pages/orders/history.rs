//! Every order, newest first, with filters and pages in the address.

use cnop_api::trading::{OrderQuery, OrderView, Page, StatusFilter};
use cnop_api::{FieldError, Problem, Timestamp};
use cnop_domain::{AssetId, OrderStatus, OrderType, Side};
use leptos::prelude::*;

use super::table::OrderTable;
use crate::address::{encoded, with_member};
use crate::components::ui::{
    Button, Field, Filter, LinkButton, Look, Panel, PanelHead, PanelKind, Select, options,
};
use crate::components::{Empty, Failure, OlderPager};
use crate::context::reader_zone;
use crate::error::AppError;
use crate::labels;
use crate::pages::{PageRequest, use_request};
use crate::zone::ReaderZone;

/// Orders in one page.
const ROWS: u32 = 25;
/// Orders on the dashboard and beneath the ticket.
const LAST_ROWS: u32 = 5;

/// Members of the address that are filters.
const FILTERS: [&str; 6] = ["asset", "status", "type", "side", "from", "to"];

/// The history as the address asks for it. A filter that cannot be read is refused in place of the list.
pub(super) async fn history(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let list = match query(&request) {
        Ok(query) => {
            match request.services.orders.list(&request.caller, query).await.map_err(Problem::from) {
                Ok(page) => rows(page, &request).into_any(),
                Err(problem) if problem.status() < 500 => view! { <Failure problem /> }.into_any(),
                Err(problem) => return Err(problem.into()),
            }
        }
        Err(error) => view! { <Failure problem=Problem::invalid(vec![error]) /> }.into_any(),
    };
    Ok(view! {
        <Panel kind=PanelKind::Flush id="orders-history" labelled_by="orders-history-title">
            <PanelHead><h2 id="orders-history-title">"History"</h2></PanelHead>
            {filter(&request)}
            {list}
        </Panel>
    })
}

/// The newest orders, all or of one asset.
#[component]
pub(in crate::pages) fn LastOrders(
    /// The asset; none for all.
    #[prop(optional)]
    asset: Option<AssetId>,
) -> impl IntoView {
    Suspend::new(last(use_request(), asset))
}

async fn last(request: PageRequest, asset_id: Option<AssetId>) -> Result<impl IntoView, AppError> {
    let query = OrderQuery { asset_id, limit: LAST_ROWS, ..OrderQuery::default() };
    let page = request.services.orders.list(&request.caller, query).await.map_err(Problem::from)?;
    if page.data.is_empty() {
        let text = "Your newest orders appear here with fill and fee.";
        let step = asset_id.is_none().then_some(("/market", "Choose an asset"));
        return Ok(view! { <Empty title="No orders yet" text step /> }.into_any());
    }
    Ok(view! { <OrderTable orders=page.data /> }.into_any())
}

fn query(request: &PageRequest) -> Result<OrderQuery, FieldError> {
    let given = |name: &str| Some(request.query(name)).filter(|text| !text.is_empty());
    let asset_id = match given("asset") {
        Some(text) => Some(text.parse().map_err(|_| {
            FieldError::parameter("asset", "known_asset", "No such asset. Leave empty for all.")
        })?),
        None => None,
    };
    let zone = reader_zone();
    let day = |name: &str, moment: fn(&ReaderZone, &str) -> Option<Timestamp>| match given(name) {
        Some(text) => moment(&zone, text)
            .map(Some)
            .ok_or_else(|| FieldError::parameter(name, "date", "Enter a date such as 2026-11-21.")),
        None => Ok(None),
    };
    Ok(OrderQuery {
        asset_id,
        kind: one_of("type", given("type"), OrderType::from_text)?,
        side: one_of("side", given("side"), Side::from_text)?,
        status: one_of("status", given("status"), StatusFilter::from_text)?,
        since: day("from", ReaderZone::day_start)?,
        until: day("to", ReaderZone::day_end)?,
        limit: ROWS,
        cursor: given("cursor").map(str::to_owned),
        ..OrderQuery::default()
    })
}

/// A filter with a closed set of values.
fn one_of<T>(
    name: &str,
    given: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    let unknown =
        |text: &str| FieldError::parameter(name, "one_of", format!("There is no such {name}.")).given(text);
    given.map(|text| read(text).ok_or_else(|| unknown(text))).transpose()
}

/// Choices of a filter: the first one is no filter.
fn choices<const N: usize>(
    any: &'static str,
    words: [(&'static str, &'static str); N],
) -> Vec<(&'static str, &'static str)> {
    std::iter::once(("", any)).chain(words).collect()
}

/// A plain form: filters are addresses that can be kept and sent on.
fn filter(request: &PageRequest) -> impl IntoView + use<> {
    let text = |id: &'static str, name: &'static str, label: &'static str, kind: &'static str| {
        let value = request.query(name).to_owned();
        view! {
            <Field id label>
                <input id=id name=name r#type=kind value=value autocomplete="off" spellcheck="false" />
            </Field>
        }
    };
    let select = |id: &'static str,
                  name: &'static str,
                  label: &'static str,
                  choices: Vec<(&'static str, &'static str)>| {
        let chosen = request.query(name).to_owned();
        view! {
            <Field id label>
                <Select id name>{options(&choices, &chosen)}</Select>
            </Field>
        }
    };
    let mut statuses = choices("All statuses", [("open", "All open"), ("closed", "All closed")]);
    statuses.extend(OrderStatus::ALL.map(|status| (status.as_str(), labels::status(status))));
    let types = choices("All types", OrderType::ALL.map(|kind| (kind.as_str(), labels::order_type(kind))));
    let sides = choices("All sides", Side::ALL.map(|side| (side.as_str(), labels::side(side))));
    let is_filtered = FILTERS.iter().any(|name| !request.query(name).is_empty());
    view! {
        <Filter action="/orders" label="Filter order history">
            {text("orders-asset", "asset", "Asset", "text")}
            {select("orders-status", "status", "Status", statuses)}
            {select("orders-type", "type", "Type", types)}
            {select("orders-side", "side", "Side", sides)}
            {text("orders-from", "from", "From", "date")}
            {text("orders-to", "to", "To", "date")}
            <div class="flex gap-2">
                <Button>"Filter"</Button>
                {is_filtered.then(|| view! { <LinkButton look=Look::Quiet href="/orders">"Show all"</LinkButton> })}
            </div>
        </Filter>
    }
}

fn rows(page: Page<OrderView>, request: &PageRequest) -> impl IntoView + use<> {
    let is_filtered = FILTERS.iter().any(|name| !request.query(name).is_empty());
    let first_page = request.address(&["cursor", "change", "cancel_all"]);
    let older = page.next_cursor.as_ref().filter(|_| page.has_more).map(|cursor| {
        format!("{}#orders-history", with_member(&first_page, &format!("cursor={}", encoded(cursor))))
    });
    let newest = (!request.query("cursor").is_empty()).then(|| format!("{first_page}#orders-history"));
    let list = if !page.data.is_empty() {
        view! { <OrderTable orders=page.data /> }.into_any()
    } else if is_filtered || newest.is_some() {
        let text = "Try another asset, type, status or date.";
        view! { <Empty title="No orders match" text step=("/orders", "Show all orders") /> }.into_any()
    } else {
        let text = "Orders appear here with fill and fee.";
        view! { <Empty title="No orders yet" text step=("/trade", "Place an order") /> }.into_any()
    };
    view! { {list} <OlderPager label="Pages of orders" newest older /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_filter_is_refused_by_name() {
        assert_eq!(one_of("side", None, Side::from_text), Ok(None));
        assert_eq!(one_of("side", Some("sell"), Side::from_text), Ok(Some(Side::Sell)));
        let error = one_of("side", Some("hold"), Side::from_text).unwrap_err();
        assert_eq!(
            (error.parameter.as_deref(), error.detail.as_str()),
            (Some("side"), "There is no such side.")
        );
    }
}
