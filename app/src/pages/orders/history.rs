//! Every order, newest first, with filters and pages in the address.

use cnop_api::trading::{OrderQuery, OrderView, Page};
use cnop_api::{FieldError, Problem, Timestamp};
use leptos::prelude::*;

use super::table::table;
use crate::components::{empty, failure, pager_older};
use crate::drawn::{Asked, with_member};
use crate::erased::Erase;
use crate::forms::path_encode;

/// Orders in one page.
const ROWS: u32 = 25;
/// Orders on the dashboard and beneath the ticket.
const LAST_ROWS: u32 = 5;
/// µs of a day.
const DAY_US: i64 = 86_400_000_000;

/// Statuses to choose from: on the wire and in words.
const STATUSES: [(&str, &str); 11] = [
    ("", "Any status"),
    ("open", "Open"),
    ("closed", "Closed"),
    ("held", "Held for its purchase"),
    ("waiting_trigger", "Waits for its trigger"),
    ("working", "Working"),
    ("partially_filled", "Partly filled"),
    ("completed", "Completed"),
    ("canceled", "Canceled"),
    ("expired", "Expired"),
    ("rejected", "Rejected"),
];
/// Types to choose from.
const TYPES: [(&str, &str); 8] = [
    ("", "Any type"),
    ("market", "Market"),
    ("limit", "Limit"),
    ("stop", "Stop"),
    ("stop_limit", "Stop-limit"),
    ("take_profit", "Take-profit"),
    ("take_profit_limit", "Take-profit-limit"),
    ("trailing_stop", "Trailing stop"),
];
/// Sides to choose from.
const SIDES: [(&str, &str); 3] = [("", "Buy and sell"), ("buy", "Buy"), ("sell", "Sell")];
/// Members of the address that are filters.
const FILTERS: [&str; 6] = ["asset", "status", "type", "side", "from", "to"];

/// The history as the address asks for it.
///
/// # Errors
/// When the orders cannot be read; a filter that is none is told in place of the list.
pub(crate) async fn history(asked: &Asked) -> Result<AnyView, Problem> {
    let list = match query(asked) {
        Ok(query) => match page(asked, query).await {
            Ok(page) => rows(&page, asked),
            Err(problem) if problem.status() < 500 => failure(&problem),
            Err(problem) => return Err(problem),
        },
        Err(error) => failure(&Problem::invalid(vec![error])),
    };
    Ok(view! {
        <section class="panel panel-flush" id="orders-history" aria-labelledby="orders-history-title">
            <div class="panel-head"><h2 id="orders-history-title">"History"</h2></div>
            {filter(asked)}
            {list}
        </section>
    }
    .into_any())
}

/// One page; of a type whose side is not given, both sides.
async fn page(asked: &Asked, query: OrderQuery) -> Result<Page<OrderView>, Problem> {
    let list = async |query| asked.services.orders.list(&asked.caller, query).await.map_err(Problem::from);
    let Some(kind) = query.order_type.clone().filter(|_| query.side.is_none()) else {
        return list(query).await;
    };
    let of_side = |side| OrderQuery { order_type: Some(format!("{kind}_{side}")), ..query.clone() };
    Ok(merged(list(of_side("buy")).await?, list(of_side("sell")).await?))
}

/// Two lists as one, newest first. It goes as far back as the one that ends first, so that no row is left out or comes
/// again on the next page.
fn merged(one: Page<OrderView>, other: Page<OrderView>) -> Page<OrderView> {
    let end = |page: &Page<OrderView>| page.next_cursor.clone().filter(|_| page.has_more);
    let next_cursor = end(&one).max(end(&other));
    let mut data = one.data;
    data.extend(other.data);
    if let Some(end) = &next_cursor {
        data.retain(|order| order.order_id.as_str() >= end.as_str());
    }
    data.sort_by(|one, other| other.order_id.as_str().cmp(one.order_id.as_str()));
    Page { data, has_more: next_cursor.is_some(), next_cursor }
}

/// The newest orders, all or of one asset, for the pages that show a few of them.
///
/// # Errors
/// When the orders cannot be read.
pub(crate) async fn last(asked: &Asked) -> Result<AnyView, Problem> {
    let asset_id = asked.get("asset").parse().ok();
    let query = OrderQuery { asset_id, limit: LAST_ROWS, ..OrderQuery::default() };
    let page = asked.services.orders.list(&asked.caller, query).await.map_err(Problem::from)?;
    if page.data.is_empty() {
        let text = "Your newest orders will be here, each with its fill and its fee.";
        let step = asset_id.is_none().then_some(("/market", "Choose an asset"));
        return Ok(empty("No orders yet", text, step));
    }
    Ok(table(&page.data))
}

fn query(asked: &Asked) -> Result<OrderQuery, FieldError> {
    let given = |name: &str| Some(asked.get(name)).filter(|text| !text.is_empty());
    let asset_id = match given("asset") {
        Some(text) => Some(text.parse().map_err(|_| {
            FieldError::parameter("asset", "known_asset", "There is no such asset. Leave it empty for all.")
        })?),
        None => None,
    };
    // A side alone is a filter of its own; with a type the two make one word.
    let side = given("side").map(str::to_owned);
    let kind = given("type");
    let order_type = kind.zip(side.as_deref()).map(|(kind, side)| format!("{kind}_{side}"));
    let day = |name: &str| match given(name) {
        Some(text) => day_read(text).map(Some).ok_or_else(|| {
            FieldError::parameter(name, "date", "Enter a day such as 2026-11-21; days are those of UTC.")
        }),
        None => Ok(None),
    };
    Ok(OrderQuery {
        asset_id,
        order_type: order_type.or_else(|| kind.map(str::to_owned)),
        side,
        status: given("status").map(str::to_owned),
        since: day("from")?,
        until: day("to")?.map(|time| Timestamp(time.0.saturating_add(DAY_US))),
        limit: ROWS,
        cursor: given("cursor").map(str::to_owned),
        ..OrderQuery::default()
    })
}

/// The beginning of a day.
fn day_read(text: &str) -> Option<Timestamp> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Timestamp::from_date(year, month, day)
}

/// A plain form: filters are addresses that can be kept and sent on.
fn filter(asked: &Asked) -> AnyView {
    let text = |id: &'static str, name: &'static str, label: &'static str, kind: &'static str| {
        let value = asked.get(name).to_owned();
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input id=id name=name r#type=kind value=value autocomplete="off" spellcheck="false" />
            </div>
        }
        .erased()
    };
    let select = |id: &'static str,
                  name: &'static str,
                  label: &'static str,
                  choices: &'static [(&'static str, &'static str)]| {
        let chosen = asked.get(name).to_owned();
        let options = choices
            .iter()
            .map(|(value, word)| view! { <option value=*value selected=*value == chosen>{*word}</option> })
            .collect_view();
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <select id=id name=name>{options}</select>
            </div>
        }
        .erased()
    };
    let is_filtered = FILTERS.iter().any(|name| !asked.get(name).is_empty());
    view! {
        <form class="filter" method="get" action="/orders" role="search" aria-label="Filter the history">
            {text("orders-asset", "asset", "Asset", "text")}
            {select("orders-status", "status", "Status", &STATUSES)}
            {select("orders-type", "type", "Type", &TYPES)}
            {select("orders-side", "side", "Side", &SIDES)}
            {text("orders-from", "from", "From day", "date")}
            {text("orders-to", "to", "To day", "date")}
            <div class="filter-acts">
                <button class="button" r#type="submit">"Filter"</button>
                {is_filtered.then(|| view! { <a class="button quiet" href="/orders">"Show all"</a> })}
            </div>
        </form>
    }
    .erased()
}

fn rows(page: &Page<OrderView>, asked: &Asked) -> AnyView {
    let is_filtered = FILTERS.iter().any(|name| !asked.get(name).is_empty());
    let first_page = asked.address("/orders", &["cursor", "change", "cancel_all"]);
    let next = page.next_cursor.as_ref().filter(|_| page.has_more).map(|cursor| {
        format!("{}#orders-history", with_member(&first_page, &format!("cursor={}", path_encode(cursor))))
    });
    let newest = (!asked.get("cursor").is_empty()).then(|| format!("{first_page}#orders-history"));
    if page.data.is_empty() {
        let nothing = if is_filtered || newest.is_some() {
            let text = "Choose another asset, type, status or time.";
            empty("No order fits this filter", text, Some(("/orders", "Show all orders")))
        } else {
            let text = "Each order will be listed here with its fill and its fee.";
            empty("No orders yet", text, Some(("/trade", "Place an order")))
        };
        return view! { {nothing} {pager_older("Pages of orders", newest, next)} }.into_any();
    }
    view! { {table(&page.data)} {pager_older("Pages of orders", newest, next)} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(letter: char) -> OrderView {
        let id = format!("ord_01J{}", letter.to_string().repeat(23));
        let text = format!(
            r#"{{"order_id":"{id}","order_type":"limit_buy","side":"buy","type":"limit","asset_id":"BTC",
            "quote_asset":"USD","quantity":"1","price":"1","status":"working","total_amount":"0","filled_quantity":"0",
            "average_price":null,"fees":"0","realised_profit":null,"client_order_id":null,"fills":[],
            "created_at":"2026-11-21T10:00:00Z","updated_at":"2026-11-21T10:00:00Z"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    /// A page of these orders; with more when its last one is its cursor.
    fn page_of(letters: &str, has_more: bool) -> Page<OrderView> {
        let data: Vec<_> = letters.chars().map(order).collect();
        let next_cursor = data.last().filter(|_| has_more).map(|order| order.order_id.to_string());
        Page { data, has_more, next_cursor }
    }

    #[test]
    fn two_lists_are_one_without_a_gap_or_a_twin() {
        assert_eq!(merged(page_of("DB", false), page_of("CA", false)), page_of("DCBA", false));
        // The first goes on behind B: what the second has behind that comes with the next page.
        assert_eq!(merged(page_of("DB", true), page_of("CA", false)), page_of("DCB", true));
        assert_eq!(merged(page_of("DC", true), page_of("BA", true)), page_of("DC", true));
        assert_eq!(merged(page_of("", false), page_of("A", true)), page_of("A", true));
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(day_read("2026-11-21"), Timestamp::parse("2026-11-21T00:00:00Z"));
        for text in ["", "2026", "2026-13-01", "2026-11-31", "21.11.2026", "2026-11-21-3"] {
            assert_eq!(day_read(text), None, "{text:?}");
        }
    }
}
