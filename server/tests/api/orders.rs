//! Orders over HTTP: types, groups, changes, versions, idempotency, streams.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{RequestExt, TestApp, Trader};

async fn limit_buy(trader: &Trader<'_>, percent: f64) -> Value {
    let price = trader.price_near("BTC", percent).await;
    let body = json!({ "order_type": "limit_buy", "asset_id": "BTC", "quantity": "0.01", "price": price });
    trader.create("/orders", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_order_is_placed_changed_at_its_version_and_canceled() {
    let app = TestApp::start().await;
    let trader = app.trader("patient").await;
    trader.deposit("5000").await;
    let order = limit_buy(&trader, 90.0).await;
    assert_eq!((order["status"].as_str(), order["version"].as_u64()), (Some("working"), Some(1)));
    assert_eq!(order["reserved"]["currency"], "USD");
    let path = format!("/orders/{}", order["order_id"].as_str().unwrap());

    let read = trader.try_get(&path).await;
    assert_eq!(read.headers()["etag"], "W/\"1\"");
    let change = |version: &'static str| {
        trader.request(Method::PATCH, &path).header("if-match", version).json(&json!({"quantity": "0.02"}))
    };
    let changed = change("\"7\", W/\"1\"").answer().await;
    assert_eq!((changed.status(), changed.headers()["etag"].to_str().unwrap()), (StatusCode::OK, "W/\"2\""));
    for stale in ["\"1\"", "W/\"1\"", "\"1\", \"3\"", "\"somebody-else\""] {
        let stale = change(stale).answer().await;
        assert_eq!(stale.status(), StatusCode::PRECONDITION_FAILED);
        assert_eq!(stale.json()["code"], "order.version");
    }

    let open = trader.get("/orders?status=open&side=buy").await;
    assert_eq!(open["data"].as_array().unwrap().len(), 1);
    let canceled = trader.delete(&path).await.expect(StatusCode::OK);
    assert_eq!(canceled["data"]["status"], "canceled");
    trader.delete(&path).await.expect(StatusCode::CONFLICT);
    let balance = trader.get("/balance").await;
    assert_eq!((&balance["available"], &balance["reserved"]), (&json!("5000.00"), &json!("0.00")));
}

/// Weak, strong, several, any, foreign; with a key the same request answers the same, although it has made its tag an old one.
#[tokio::test(flavor = "multi_thread")]
async fn changes_and_cancels_with_if_match_repeat_their_answer_under_a_key() {
    let app = TestApp::start().await;
    let trader = app.trader("repeating").await;
    trader.deposit("5000").await;
    let names = [
        ("W/\"1\"", true),
        ("\"1\"", true),
        ("\"7\", W/\"1\", \"2\"", true),
        ("*", true),
        ("W/\"7\"", false),
        ("\"somebody-else\"", false),
        ("\"somebody-else\", \"7\"", false),
    ];
    for (method, (tags, fits), key) in [Method::PATCH, Method::DELETE].into_iter().flat_map(|method| {
        let keys = move |name| [None, Some("again")].map(|key| (method.clone(), name, key));
        names.into_iter().flat_map(keys)
    }) {
        let order = limit_buy(&trader, 90.0).await;
        let id = order["order_id"].as_str().unwrap();
        let send = async |tags: &str| {
            let request = trader.request(method.clone(), &format!("/orders/{id}")).header("if-match", tags);
            let request =
                if method == Method::PATCH { request.json(&json!({"quantity": "0.005"})) } else { request };
            let key = key.map(|key| format!("{key}-{id}"));
            let request = key.iter().fold(request, |request, key| request.header("idempotency-key", key));
            let answer = request.answer().await;
            let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
            (answer.status().as_u16(), tag, answer.json())
        };
        let case = format!("{method} {tags} {key:?}");
        let (first, again) = (send(tags).await, send(tags).await);
        let code = |answer: &(u16, Option<String>, Value)| answer.2["code"].as_str().map(ToOwned::to_owned);
        if !fits {
            for answer in [first, again] {
                assert_eq!((answer.0, code(&answer).as_deref()), (412, Some("order.version")), "{case}");
                assert_eq!(answer.2["version"].to_string().trim_matches('"'), "1", "{case}");
            }
        } else if key.is_some() {
            assert_eq!(first.0, 200, "{case}: {}", first.2);
            assert_eq!(again, first, "{case}");
            assert_eq!(code(&send("\"5\"").await).as_deref(), Some("idempotency.key_reused"), "{case}");
        } else {
            assert_eq!(first.0, 200, "{case}: {}", first.2);
            let expected = match method {
                Method::DELETE => 409,
                _ if tags == "*" || tags.contains('2') => 200,
                _ => 412,
            };
            assert_eq!(again.0, expected, "{case}: {}", again.2);
        }
        trader.delete("/orders").await;
    }
    let many = vec!["W/\"1\""; 17].join(", ");
    let order = limit_buy(&trader, 90.0).await;
    let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
    let refused = trader.request(Method::DELETE, &path).header("if-match", many).answer().await;
    assert_eq!(refused.refusal(), (422, "request.invalid".to_owned(), Some("If-Match".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marketable_limit_order_fills_and_its_fills_are_explained() {
    let app = TestApp::start().await;
    let trader = app.trader("marketable").await;
    trader.deposit("5000").await;
    // Above the ask: it takes the displayed size at once; the rest fills with the next quotes.
    let order = limit_buy(&trader, 101.0).await;
    let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
    let filled = async {
        loop {
            let now = trader.get(&path).await;
            if now["data"]["status"] == "completed" {
                break now["data"].clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let filled = tokio::time::timeout(crate::support::PATIENCE, filled).await.unwrap();
    let fills = trader.get(&format!("{path}/fills")).await;
    assert_eq!(fills["data"].as_array().unwrap().len(), filled["fills"].as_array().unwrap().len());
    let explanation = trader.get(&format!("{path}/fills/1/explain")).await;
    assert_eq!(explanation["data"]["verified"], true);
    let sold = trader.create("/positions/BTC/close", &json!({ "percent": "100" })).await;
    assert_eq!(sold["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_placed_whole_and_canceled_one_by_one() {
    let app = TestApp::start().await;
    let trader = app.trader("grouped").await;
    trader.deposit("5000").await;
    let entry = trader.price_near("BTC", 80.0).await;
    let bracket = json!({
        "kind": "bracket", "asset_id": "BTC", "quantity": "0.01", "entry": {"price": entry},
        "take_profit": {"price": trader.price_near("BTC", 120.0).await}, "stop_loss": {"trail_bps": 300},
    });
    let preview = trader.post("/order-groups/preview", &bracket).await.expect(StatusCode::OK);
    assert_eq!(preview["data"]["problems"], json!([]));
    assert_eq!(preview["data"]["others"].as_array().unwrap().len(), 2, "both exits: {preview}");
    let place = async || {
        let request = trader.request(Method::POST, "/order-groups").header("idempotency-key", "bracket-1");
        request.json(&bracket).answer().await.expect(StatusCode::CREATED)
    };
    let (first, repeated) = (place().await, place().await);
    assert_eq!(first, repeated, "the same key answers the same");
    let orders = first["data"]["orders"].as_array().unwrap();
    let statuses: Vec<_> = orders.iter().map(|order| order["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["working", "held", "held"]);

    limit_buy(&trader, 85.0).await;
    let results = trader.delete("/orders?asset_id=BTC").await.expect(StatusCode::MULTI_STATUS);
    let results = results["data"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    assert!(results.iter().all(|result| result["status"] == 200), "{results:?}");

    let wrong = json!({"kind": "oco", "asset_id": "BTC", "side": "sell", "quantity": "0.01",
        "take_profit": {"price": trader.price_near("BTC", 90.0).await}, "stop_loss": {"stop_price": trader.price_near("BTC", 80.0).await}});
    let refused = trader.post("/order-groups", &wrong).await;
    assert_eq!(
        refused.refusal(),
        (422, "order.would_take".to_owned(), Some("#/take_profit/price".to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_and_members_change_nothing() {
    let app = TestApp::start().await;
    let trader = app.trader("slippery").await;
    trader.deposit("5000").await;
    let order = limit_buy(&trader, 90.0).await;
    let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
    let refused = async |method: Method, path: &str, body: Value| {
        let request = trader.request(method, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let (status, code, field) = request.answer().await.refusal();
        assert_eq!((status, code.as_str()), (422, "request.invalid"), "{path}");
        field
    };
    for query in ["asset_id=", "asset_id", "asset=ETH", "asset_id=ETH&x=1"] {
        let field = refused(Method::DELETE, &format!("/orders?{query}"), Value::Null).await;
        assert!(field.is_some(), "{query}");
    }
    let group = json!({"kind": "oco", "asset_id": "BTC", "quantity": "0.01"});
    let plan = json!({"asset_id": "ETH", "amount": "25", "interval": "daily"});
    let alert = json!({"asset_id": "BTC", "price": trader.price_near("BTC", 130.0).await});
    for (method, path, body) in [
        (Method::GET, "/guards".to_owned(), Value::Null),
        (Method::PATCH, "/guards".to_owned(), json!({"kill_switch": true})),
        (Method::GET, format!("{path}/fills"), Value::Null),
        (Method::GET, format!("{path}/fills/1/explain"), Value::Null),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::PATCH, path.clone(), json!({"quantity": "0.02"})),
        (Method::POST, "/order-groups".to_owned(), group),
        (Method::POST, "/orders/preview".to_owned(), json!({"asset_id": "BTC"})),
        (Method::POST, "/positions/BTC/close".to_owned(), json!({"percent": "50"})),
        (Method::POST, "/recurring".to_owned(), plan.clone()),
        (Method::POST, "/recurring/preview".to_owned(), plan),
        (Method::GET, "/recurring/rec_00000000000000000000000001".to_owned(), Value::Null),
        (Method::PATCH, "/recurring/rec_00000000000000000000000001".to_owned(), json!({"status": "paused"})),
        (Method::DELETE, "/recurring/rec_00000000000000000000000001".to_owned(), Value::Null),
        (Method::POST, "/alerts".to_owned(), alert),
        (Method::DELETE, "/alerts/alr_00000000000000000000000001".to_owned(), Value::Null),
    ] {
        let field = refused(method, &format!("{path}?dry_run=1"), body).await;
        assert_eq!(field.as_deref(), Some("dry_run"), "{path}");
    }
    let half = refused(Method::PATCH, "/guards", json!({"kill_switch": true, "dayly_loss": "5"})).await;
    assert_eq!(half.as_deref(), Some("#/dayly_loss"));
    let half = refused(Method::PATCH, &path, json!({"quantity": "0.02", "limit": "5"})).await;
    assert_eq!(half.as_deref(), Some("#/limit"));
    let now = trader.get(&path).await;
    assert_eq!((&now["data"]["version"], &now["data"]["status"]), (&json!(1), &json!("working")));
    assert_eq!(trader.get("/guards").await["data"]["in_force"]["kill_switch"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_orders_alerts_and_guards_are_stored() {
    let app = TestApp::start().await;
    let trader = app.trader("prudent").await;
    trader.deposit("5000").await;
    let plan = json!({"asset_id": "ETH", "amount": "25", "interval": "weekly", "weekday": "monday", "time": "09:30"});
    trader.create("/recurring", &plan).await;
    let preview = trader.post("/recurring/preview", &plan).await.expect(StatusCode::OK);
    assert!(preview["data"]["next_runs"][0].as_str().unwrap().contains("T09:30:00"), "{preview}");

    let price = trader.price_near("BTC", 130.0).await;
    let alert = trader.create("/alerts", &json!({ "asset_id": "BTC", "price": price })).await;
    assert_eq!(alert["direction"], "above");

    trader.patch("/guards", &json!({ "largest_order": "100" })).await.expect(StatusCode::OK);
    let large = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "200" });
    let refused = trader.post("/orders", &large).await;
    let (status, code, _) = refused.refusal();
    assert_eq!((status, code.as_str()), (422, "guard.order_too_large"));
    let guards = trader.patch("/guards", &json!({ "largest_order": null })).await.expect(StatusCode::OK);
    assert_eq!(guards["data"]["in_force"]["largest_order"], "100.00");
    assert_eq!(guards["data"]["pending"].as_array().unwrap().len(), 1);
}
