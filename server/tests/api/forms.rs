//! The browser's forms: a posted form is answered by a redirect to the page that shows its outcome.

use cnop_domain::Guard;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Answer, RequestExt, TestApp, Trader, text};

/// Posts a form as a browser does; the address that the answer leads to.
async fn posted(trader: &Trader<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = post(trader, path, fields, "text/html").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn post(trader: &Trader<'_>, path: &str, fields: &[(&str, &str)], accept: &str) -> Answer {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let request = trader.app.request(Method::POST, path).bearer_auth(&trader.token);
    let request = request.header(header::ACCEPT, accept);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body.finish()).answer().await
}

/// The HTML of a page.
async fn page(trader: &Trader<'_>, address: &str) -> String {
    let request = trader.app.request(Method::GET, address).bearer_auth(&trader.token);
    let answer = request.header(header::ACCEPT, "text/html").answer().await;
    assert_eq!(answer.status(), StatusCode::OK, "{address}");
    answer.text().to_owned()
}

/// The value of a hidden field.
fn hidden(html: &str, name: &str) -> String {
    let (_, rest) =
        html.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name} in {html}"));
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_closed_once_however_often_it_is_sent() {
    let app = TestApp::start().await;
    let trader = app.trader("closer_1").await;
    trader.deposit("5000").await;
    trader.buy("BTC", "1000").await;
    let look = page(&trader, "/portfolio?close=BTC&percent=50&look=1").await;
    assert!(look.contains("Confirm sale"), "{look}");
    let key = hidden(&look, "key");
    let fields = [("asset_id", "BTC"), ("percent", "50"), ("key", key.as_str()), ("back", "/portfolio")];
    let first = posted(&trader, "/fn/position/close", &fields).await;
    assert!(first.starts_with("/portfolio?result=closed&order=ord_"), "{first}");
    assert_eq!(posted(&trader, "/fn/position/close", &fields).await, first);
    let outcome = page(&trader, &first).await;
    assert!(outcome.contains("Sold ") && outcome.contains("Received "), "{outcome}");
    let sales = trader.get("/orders?side=sell").await;
    assert_eq!(sales["data"].as_array().unwrap().len(), 1);

    let wrong = [("asset_id", "BTC"), ("percent", "101"), ("key", "other-key"), ("back", "/portfolio")];
    let refused = posted(&trader, "/fn/position/close", &wrong).await;
    assert!(refused.contains("problem=request.invalid&fields=own"), "{refused}");
    let look = page(&trader, "/portfolio?close=BTC&percent=own&own=0&look=1").await;
    assert!(look.contains("aria-invalid=\"true\"") && !look.contains("Confirm sale"), "{look}");
    let trade = page(&trader, "/trade/ETH").await;
    assert!(trade.contains("Balances") && !trade.contains("Close BTC position"), "{trade}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_sent_again_is_the_same_change() {
    let app = TestApp::start().await;
    let trader = app.trader("changer_1").await;
    trader.deposit("5000").await;
    let body = json!({ "order_type": "limit_buy", "asset_id": "BTC", "quantity": "0.01",
        "price": trader.price_near("BTC", 90.0).await, "expires_at": "2027-01-01T12:00:00Z", "time_in_force": "gtd" });
    let order = trader.post("/orders", &body).await.expect(StatusCode::CREATED)["data"].clone();
    let id = text(&order, "order_id");
    let html = page(&trader, &format!("/orders/{id}")).await;
    // The first form of the panel cancels, the second changes.
    let (_, panel) = html.split_once("id=\"order-actions\"").unwrap();
    let (_, form) = panel.split_once("<details").unwrap();
    let (shown, version, key) = (hidden(form, "shown"), hidden(form, "version"), hidden(form, "key"));
    let price = trader.price_near("BTC", 85.0).await;
    let mut fields = vec![
        ("order_id", id.as_str()),
        ("version", version.as_str()),
        ("key", key.as_str()),
        ("shown", shown.as_str()),
        ("back", "/orders"),
        ("page", "/orders"),
        ("quantity", "0.01"),
        ("price", price.as_str()),
        ("expires_at", "2027-01-01T12:00"),
        ("post_only", "true"),
    ];
    for _ in 0..2 {
        assert_eq!(posted(&trader, "/fn/order/replace", &fields).await, "/orders?result=changed");
    }
    let now = trader.get(&format!("/orders/{id}")).await["data"].clone();
    assert_eq!((&now["version"], &now["post_only"]), (&json!(2), &json!(true)));
    assert_eq!(now["expires_at"], order["expires_at"]);

    // Emptying the end takes it away, and a page of before says that it is old.
    fields[1].1 = "2";
    fields[2].1 = "second-key";
    fields[8].1 = "";
    assert_eq!(posted(&trader, "/fn/order/replace", &fields).await, "/orders?result=changed");
    let endless = trader.get(&format!("/orders/{id}")).await["data"].clone();
    assert_eq!((&endless["time_in_force"], endless.get("expires_at")), (&json!("gtc"), None));
    fields[1].1 = "1";
    fields[2].1 = "third-key";
    let stale = posted(&trader, "/fn/order/replace", &fields).await;
    assert!(stale.contains("problem=order.version"), "{stale}");

    // A cancel is about the order as it is.
    let cancel = [("order_id", id.as_str()), ("key", &format!("cancel-{id}")), ("back", "/orders")];
    // The answer names the order, so that the page can offer to place it again.
    for _ in 0..2 {
        let answer = posted(&trader, "/fn/order/cancel", &cancel).await;
        assert_eq!(answer, format!("/orders?result=canceled&order={id}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticket_places_groups_of_every_kind() {
    let app = TestApp::start().await;
    let trader = app.trader("grouper_1").await;
    trader.deposit("9000").await;
    let (above, below, limit) = (
        trader.price_near("BTC", 120.0).await,
        trader.price_near("BTC", 80.0).await,
        trader.price_near("BTC", 79.0).await,
    );
    let placed = async |fields: &[(&str, &str)]| {
        let answer = posted(&trader, "/fn/order/place", fields).await;
        let (_, placed) = answer.split_once("&placed=").unwrap();
        placed.split('#').next().unwrap().to_owned()
    };
    let group = async |id: &str| {
        let order = trader.get(&format!("/orders/{id}")).await["data"].clone();
        let mut orders = vec![order.clone()];
        for other in order["group"]["others"].as_array().unwrap() {
            orders.push(trader.get(&format!("/orders/{}", other.as_str().unwrap())).await["data"].clone());
        }
        orders
    };
    let bracket = [
        ("asset_id", "BTC"),
        ("side", "buy"),
        ("type", "market"),
        ("amount", "0.02"),
        ("take_profit", above.as_str()),
        ("stop_loss_type", "trailing_stop"),
        ("stop_loss_trail", "2.5"),
        ("key", "bracket-1"),
    ];
    let orders = group(&placed(&bracket).await).await;
    assert_eq!(orders[2]["type"], "trailing_stop");
    assert_eq!((&orders[2]["trail_bps"], &orders[2]["status"]), (&json!(250), &json!("waiting_trigger")));
    let once = [
        ("asset_id", "BTC"),
        ("side", "buy"),
        ("type", "market"),
        ("amount", "0.01"),
        ("stop_loss_type", "stop_limit"),
        ("stop_loss", below.as_str()),
        ("stop_loss_price", limit.as_str()),
        ("key", "oto-1"),
    ];
    let orders = group(&placed(&once).await).await;
    assert_eq!((&orders[1]["type"], &orders[0]["group"]["kind"]), (&json!("stop_limit"), &json!("oto")));
    let pair = [
        ("asset_id", "BTC"),
        ("side", "buy"),
        ("type", "oco"),
        ("amount", "0.01"),
        ("take_profit", below.as_str()),
        ("stop_loss_type", "trailing_stop"),
        ("stop_loss_trail", "500"),
        ("stop_loss_unit", "usd"),
        ("key", "oco-1"),
    ];
    let orders = group(&placed(&pair).await).await;
    let of = |order: &Value| (text(order, "type"), text(order, "side"), text(order, "status"));
    assert_eq!(of(&orders[0]), ("limit".to_owned(), "buy".to_owned(), "working".to_owned()));
    assert_eq!(of(&orders[1]), ("trailing_stop".to_owned(), "buy".to_owned(), "waiting_trigger".to_owned()));
    let cancel = [("order_id", orders[0]["order_id"].as_str().unwrap()), ("back", "/orders")];
    let answer = posted(&trader, "/fn/order/cancel", &cancel).await;
    assert_eq!(answer, format!("/orders?result=canceled_pair&order={}", text(&orders[0], "order_id")));
    // A field of a group is named where the ticket has it.
    let mut wrong = once;
    (wrong[6].1, wrong[7].1) = ("1", "oto-2");
    let refused = post(&trader, "/fn/order/place", &wrong, "application/json").await;
    let problem = refused.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["pointer"], "#/stop_loss_price", "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticket_shows_the_guards_of_the_trader() {
    let app = TestApp::start().await;
    let trader = app.trader("guarded_1").await;
    let free = page(&trader, "/trade/BTC").await;
    let guard = Guard { order_max: Some("100".parse().unwrap()), kill_switch: true, ..Guard::default() };
    // The props of an island carry a value as the store does.
    let carried = hex::encode(postcard::to_allocvec(&guard).unwrap());
    assert!(!free.contains(&carried) && !free.contains("only sells"), "{free}");
    let guards = json!({ "largest_order": "100", "kill_switch": true });
    let set = trader.patch("/guards", &guards).await;
    set.expect(StatusCode::OK);
    let bound = page(&trader, "/trade/BTC").await;
    assert!(bound.contains(&carried) && bound.contains("only sells"), "{bound}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_order_comes_back_with_its_fields_and_sentences() {
    let app = TestApp::start().await;
    let trader = app.trader("refused_1").await;
    let fields =
        [("asset_id", "BTC"), ("side", "buy"), ("type", "limit"), ("amount", "0.01"), ("price", "1")];
    let answer = post(&trader, "/fn/order/place", &fields, "text/html").await;
    let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert!(location.starts_with("/trade/BTC?side=buy&type=limit&form=ticket&problem="), "{location}");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("flash_ticket="), "{cookie}");
    let request = trader.app.request(Method::GET, &location).bearer_auth(&trader.token);
    let answer = request.header(header::ACCEPT, "text/html").header(header::COOKIE, cookie).answer().await;
    let html = answer.text();
    assert!(html.contains("id=\"ticket-price\"") && html.contains("value=\"0.01\""), "{html}");
    assert!(html.contains("aria-invalid=\"true\"") && html.contains("id=\"form-result\""), "{html}");
}

/// Somebody else signs in in the next tab of the browser: a withdrawal that was typed on the page of one account must not
/// take the money of the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_account_changes_nothing() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.trader("ada_form").await, app.trader("grace_form").await);
    grace.deposit("80").await;
    let html = page(&ada, "/account").await;
    let (_, withdrawal) = html.split_once("action=\"/fn/withdraw\"").unwrap();
    let key = hidden(withdrawal, "key");
    let fields = [("amount", "7"), ("key", key.as_str())];
    let refused = posted(&grace, "/fn/withdraw", &fields).await;
    assert!(refused.contains("problem=auth.other_account"), "{refused}");
    assert_eq!(grace.get("/balance").await["current_balance"], "80.00");

    let html = page(&ada, "/profile").await;
    let key = hidden(&html, "key");
    let fields = [("first_name", "Augusta"), ("last_name", "King"), ("key", key.as_str())];
    let refused = posted(&grace, "/fn/profile/save", &fields).await;
    assert!(refused.contains("problem=auth.other_account"), "{refused}");
    assert_ne!(grace.get("/auth/profile").await["last_name"], "King");
}
