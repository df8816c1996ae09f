//! Invalid requests and their problems.

use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{RequestExt, TestApp};

/// Status, code and first bad field, as a table holds them.
type Refused = (u16, &'static str, Option<&'static str>);

/// Status, code and first bad field.
fn refused(status: u16, code: &str, field: Option<&str>) -> (u16, String, Option<String>) {
    (status, code.to_owned(), field.map(ToOwned::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read() {
    let app = TestApp::start().await;
    let trader = app.trader("bad_bodies").await;
    let deep = format!("{{\"amount\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let deep_ignored = format!("{{\"amount\":\"1\",\"x\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let large = format!("{{\"amount\":\"1\",\"description\":\"{}\"}}", "x".repeat(100_000));
    let cases: [(&[u8], Refused); 14] = [
        (b"", (400, "request.malformed", None)),
        (b"{", (400, "request.malformed", None)),
        (b"amount=5", (400, "request.malformed", None)),
        (b"{\"amount\":\"1\"}}", (400, "request.malformed", None)),
        (b"{\"amount\":\"\xff\"}", (400, "request.malformed", None)),
        (b"{\"amount\":\"\\ud800\"}", (422, "request.invalid", Some("#/amount"))),
        (deep.as_bytes(), (400, "request.malformed", None)),
        (deep_ignored.as_bytes(), (400, "request.malformed", None)),
        (large.as_bytes(), (413, "request.too_large", None)),
        (b"{}", (422, "request.invalid", Some("#/amount"))),
        (b"[]", (422, "request.invalid", Some("#"))),
        (b"null", (422, "request.invalid", Some("#"))),
        (b"{\"amount\":{}}", (422, "request.invalid", Some("#/amount"))),
        (b"{\"amount\":\"1\",\"amount\":\"2\"}", (422, "request.invalid", Some("#/amount"))),
    ];
    for (body, (status, code, field)) in cases {
        let request =
            trader.request(Method::POST, "/balance/deposit").header("content-type", "application/json");
        let answer = request.body(body.to_vec()).answer().await;
        assert_eq!(
            answer.refusal(),
            refused(status, code, field),
            "{}",
            String::from_utf8_lossy(&body[..body.len().min(60)])
        );
    }
    assert_eq!(trader.get("/balance").await["current_balance"], "0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_type_is_json_or_none() {
    let app = TestApp::start().await;
    let trader = app.trader("content_type").await;
    for (kind, status) in [
        (None, 201),
        (Some("application/json"), 201),
        (Some("Application/JSON; charset=utf-8"), 201),
        (Some("application/vnd.cnop+json"), 201),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("multipart/form-data; boundary=x"), 415),
        (Some("json"), 415),
    ] {
        let mut request = trader.request(Method::POST, "/balance/deposit");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = request.body("{\"amount\":\"1\"}").answer().await;
        assert_eq!(answer.status().as_u16(), status, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_of_transfers() {
    let app = TestApp::start().await;
    let trader = app.trader("bad_amounts").await;
    for amount in [
        json!("0"),
        json!("-1"),
        json!("0.001"),
        json!("1e3"),
        json!("1000000.01"),
        json!(""),
        json!("abc"),
        json!("１２"),
        json!("1\u{0}"),
        json!(" 1"),
        json!("1,000"),
        json!("+1"),
        json!("NaN"),
        json!("9".repeat(200)),
        json!(true),
        json!(null),
        json!([1]),
    ] {
        for path in ["/balance/deposit", "/balance/withdraw"] {
            let answer = trader.post(path, &json!({ "amount": amount })).await;
            let (status, _, field) = answer.refusal();
            assert_eq!((status, field.as_deref()), (422, Some("#/amount")), "{path} {amount}");
        }
    }
    let answer = trader.request(Method::POST, "/balance/deposit").body("{\"amount\":1e-3}").answer().await;
    assert_eq!(answer.refusal().2.as_deref(), Some("#/amount"));
    let answer = trader.request(Method::POST, "/balance/deposit").body("{\"amount\":1e400}").answer().await;
    assert_eq!(answer.refusal().2.as_deref(), Some("#/amount"));
    assert_eq!(
        trader.post("/balance/deposit", &json!({ "amount": "10000.01" })).await.refusal().1,
        "balance.daily_limit"
    );
    assert_eq!(
        trader.post("/balance/withdraw", &json!({ "amount": "1" })).await.refusal().1,
        "balance.insufficient_funds"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_break_a_rule() {
    let app = TestApp::start().await;
    let trader = app.trader("bad_orders").await;
    trader.deposit("10000").await;
    let valid = json!({ "order_type": "market_buy", "asset_id": "BTC", "quantity": "0.001" });
    let cases: [(&str, Value, u16, &str); 14] = [
        ("asset_id", json!("NOSUCHCOIN"), 422, "#/asset_id"),
        ("asset_id", json!("not an id"), 422, "#/asset_id"),
        ("quantity", json!("0"), 422, "#/quantity"),
        ("quantity", json!("-1"), 422, "#/quantity"),
        ("quantity", json!("0.0000000001"), 422, "#/quantity"),
        ("quantity", json!("1e-3"), 422, "#/quantity"),
        ("quantity", json!("1000000"), 422, ""),
        ("quantity", json!(null), 422, ""),
        ("quote_quantity", json!("5"), 422, ""),
        ("price", json!("1"), 422, "#/price"),
        ("order_type", json!("market"), 422, "#/order_type"),
        ("order_type", json!("limit_buy"), 422, ""),
        ("client_order_id", json!(""), 422, "#/client_order_id"),
        ("client_order_id", json!("x".repeat(200)), 422, "#/client_order_id"),
    ];
    for (member, value, status, expected) in cases {
        let mut body = valid.clone();
        body[member] = value.clone();
        let (found, code, field) = trader.post("/orders", &body).await.refusal();
        assert_eq!(found, status, "{member} {value}: {code} {field:?}");
        let matches = expected.is_empty() || code == expected || field.as_deref() == Some(expected);
        assert!(matches, "{member} {value}: {code} {field:?}");
    }
    assert_eq!(trader.get("/orders").await["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_digits_name_the_nearest_values() {
    let app = TestApp::start().await;
    let trader = app.trader("near_miss").await;
    trader.deposit("1000").await;
    let body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quantity": "0.00100000001" });
    let answer = trader.post("/orders", &body).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = answer.json();
    assert!(!problem["errors"][0]["nearest"].as_array().unwrap().is_empty(), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_lenient_only_where_older_clients_ask() {
    let app = TestApp::start().await;
    let trader = app.trader("bad_query").await;
    for path in [
        "/inventory/assets?utm=1",
        "/orders?utm=1",
        "/balance/transactions?x=1",
        "/assets/BTC/transactions?x=1",
        "/portfolio?x=1",
    ] {
        trader.get(path).await;
    }
    for (path, field) in [
        ("/inventory/quotes?assets=BTC&utm=1", "utm"),
        ("/inventory/quotes", "assets"),
        ("/inventory/quotes?assets=BTC,,ETH", "assets"),
        ("/inventory/assets/BTC/candles?from=1", "from"),
        ("/inventory/assets/BTC/candles?interval=2h", "interval"),
        ("/inventory/assets/BTC/candles?limit=1001", "limit"),
        ("/inventory/assets/BTC/candles?before=-1", "before"),
        ("/inventory/assets?limit=0", "limit"),
        ("/inventory/assets?limit=251", "limit"),
        ("/inventory/assets?limit=5&limit=6", "limit"),
        ("/inventory/assets?active_only=perhaps", "active_only"),
        ("/inventory/assets?sort=colour", "sort"),
        ("/inventory/assets?cursor=%00", "cursor"),
        ("/inventory/assets/no-id", "asset_id"),
        ("/inventory/assets/ABCDEFGHIJK", "asset_id"),
        ("/inventory/assets/%FF", "asset_id"),
        ("/orders?limit=101", "limit"),
        ("/orders?offset=-1", "offset"),
        ("/orders?status=done", "status"),
        ("/orders?order_type=buy", "order_type"),
        ("/orders?asset_id=!", "asset_id"),
        ("/orders?cursor=nonsense", "cursor"),
        ("/orders/short", "order_id"),
        ("/orders/has%20space%20inside", "order_id"),
        ("/balance/transactions?cursor=nonsense", "cursor"),
        ("/auth/me?x=1", "x"),
        ("/assets/balances?x=1", "x"),
        ("/stream", "topics"),
        ("/stream?topics=weather", "topics"),
        ("/stream?topics=system&x=1", "x"),
    ] {
        let answer = trader.try_get(path).await;
        let (status, _, found) = answer.refusal();
        assert_eq!((status, found.as_deref()), (422, Some(field)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_methods_that_do_not_exist() {
    let app = TestApp::start().await;
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/orders",
        "/fn/nothing",
        "/health/nothing",
        "/pkg/none.js",
    ] {
        assert_eq!(app.get(path).await.refusal(), refused(404, "route.not_found", None), "{path}");
    }
    let answer = app.request(Method::POST, "/nothing").answer().await;
    assert_eq!(answer.refusal().0, 404);
    for (method, path) in [
        (Method::DELETE, "/api/v1/balance"),
        (Method::GET, "/api/v1/auth/login"),
        (Method::PATCH, "/api/v1/inventory/assets"),
        (Method::POST, "/health"),
        (Method::PUT, "/market"),
        (Method::POST, "/docs"),
        (Method::PUT, "/problems"),
        (Method::DELETE, "/api/v1/openapi.json"),
    ] {
        let answer = app.request(method, path).answer().await;
        assert!(answer.headers().contains_key("allow"), "{path}");
        assert_eq!(answer.refusal(), refused(405, "route.method_not_allowed", None), "{path}");
    }
}

/// A misspelt safety instruction that is dropped leaves an order that takes, lives longer, or has no stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_a_request_does_not_know_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let trader = app.trader("misspelt").await;
    trader.deposit("5000").await;
    let order = |members: Value| {
        let mut body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "20" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let plan = json!({ "asset_id": "BTC", "amount": "25", "interval": "daily", "timezone": "Europe/Berlin" });
    let group =
        json!({ "kind": "oto", "asset_id": "BTC", "quantity": "0.001", "entry": { "time_in_force": "fok" } });
    for (path, body, pointer) in [
        ("/orders", order(json!({ "postOnly": true })), "#/postOnly"),
        ("/orders/preview", order(json!({ "timeInForce": "fok" })), "#/timeInForce"),
        ("/orders", order(json!({ "stopLoss": { "stop_price": "1" } })), "#/stopLoss"),
        (
            "/orders",
            order(json!({ "stop_loss": { "stop_price": "1", "limit_price": "1" } })),
            "#/stop_loss/limit_price",
        ),
        ("/order-groups", group, "#/entry/time_in_force"),
        ("/recurring", plan, "#/timezone"),
        ("/balance/deposit", json!({ "amount": "5", "currency": "EUR" }), "#/currency"),
        ("/alerts", json!({ "asset_id": "BTC", "price": "1", "repeat": true }), "#/repeat"),
    ] {
        let answer = trader.post(path, &body).await;
        assert_eq!(answer.refusal(), refused(422, "request.invalid", Some(pointer)), "{path} {body}");
        assert_eq!(answer.json()["errors"][0]["rule"], "unknown");
    }
    assert_eq!(trader.get("/orders").await["data"], json!([]));
    assert_eq!(trader.get("/balance").await["current_balance"], "5000.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_numbers_and_slashes_are_read_as_clients_write_them() {
    let app = TestApp::start().await;
    let trader = app.trader("spellings").await;
    trader.deposit("5000").await;
    let body = format!(
        r#"{{"order_type":"limit_buy","asset_id":"BTC","quantity":1e-3,"price":{}}}"#,
        trader.price_near("BTC", 90.0).await
    );
    let preview =
        trader.request(Method::POST, "/orders/preview").header("content-type", "application/json").body(body);
    let preview = preview.answer().await.expect(StatusCode::OK);
    assert_eq!(preview["data"]["problems"], json!([]), "{preview}");
    let redirect = app.get("/api/v1/inventory/assets/?limit=1").await;
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (308, &HeaderValue::from_static("/api/v1/inventory/assets?limit=1"))
    );
    let assets = app.get("/api/v1/inventory/assets?limit=1").await.expect(StatusCode::OK);
    let image = assets["data"][0]["image"].as_str().unwrap();
    assert!(image.starts_with("http://") && image.ends_with(".svg"), "{image}");
}
