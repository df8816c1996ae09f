//! Random requests: no answer is a server error.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{RequestExt, TestApp};

/// Requests that one run sends.
const REQUESTS: usize = 600;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| json!(number)),
        ".{0,40}".prop_map(Value::from),
        "[0-9]{0,40}\\.?[0-9]{0,20}".prop_map(Value::from),
        Just(json!("BTC")),
        Just(json!("market_buy")),
        Just(json!("oco")),
        Just(json!("trailing_stop")),
        Just(json!("2026-12-24T18:00:00Z")),
        Just(json!({"price": "70000"})),
        Just(json!({"stop_price": "50000", "trail_bps": 150})),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    let known = [
        "amount",
        "order_type",
        "side",
        "type",
        "asset_id",
        "quantity",
        "quote_quantity",
        "price",
        "client_order_id",
        "username",
        "password",
        "email",
        "first_name",
        "last_name",
        "phone",
        "date_of_birth",
        "refresh_token",
        "marketing_emails_consent",
        "kind",
        "stop_price",
        "trail_bps",
        "trail_amount",
        "time_in_force",
        "expires_at",
        "post_only",
        "take_profit",
        "stop_loss",
        "entry",
        "percent",
        "interval",
        "time",
        "weekday",
        "day",
        "status",
        "direction",
        "note",
        "largest_order",
        "daily_loss",
        "cool_down_minutes",
        "kill_switch",
    ];
    proptest::sample::select(known.map(ToOwned::to_owned).to_vec())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::hash_map(member(), value(), 0..8)
            .prop_map(|members| serde_json::to_vec(&members).unwrap()),
        1 => value().prop_map(|value| serde_json::to_vec(&value).unwrap()),
        1 => proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let known = [
        "/orders",
        "/orders/preview",
        "/balance",
        "/balance/deposit",
        "/balance/withdraw",
        "/balance/transactions",
        "/auth/login",
        "/auth/refresh",
        "/auth/profile",
        "/auth/password",
        "/inventory/assets",
        "/inventory/quotes",
        "/portfolio",
        "/insights/portfolio",
        "/assets/balances",
        "/inventory/assets/BTC/candles",
        "/assets/BTC/transactions",
        "/order-groups",
        "/order-groups/preview",
        "/positions/BTC/close",
        "/recurring",
        "/recurring/preview",
        "/recurring/rec_00000000000000000000000001",
        "/alerts",
        "/alerts/alr_00000000000000000000000001",
        "/guards",
        "/orders/ord_00000000000000000000000001",
        "/orders/ord_00000000000000000000000001/fills",
        "/orders/ord_00000000000000000000000001/fills/1/explain",
    ];
    let known = proptest::sample::select(known.map(ToOwned::to_owned).to_vec());
    let text = "[ -~]{0,20}|.{0,10}"
        .prop_map(|text| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    let folder = proptest::sample::select(vec![
        "/orders/",
        "/inventory/assets/",
        "/balance/asset/",
        "/assets/",
        "/recurring/",
        "/alerts/",
        "/positions/",
        "/",
    ]);
    let name = proptest::sample::select(vec![
        "limit",
        "cursor",
        "offset",
        "assets",
        "q",
        "sort",
        "before",
        "interval",
        "status",
        "asset_id",
        "order_type",
        "side",
        "since",
        "until",
        "topics",
        "last_event_id",
    ]);
    let query = (name, text.clone()).prop_map(|(name, value)| format!("?{name}={value}"));
    prop_oneof![
        2 => known.clone(),
        2 => (known, query).prop_map(|(path, query)| path + &query),
        1 => (folder, text).prop_map(|(folder, text)| format!("{folder}{text}")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_client_sends_is_a_500() {
    let app = TestApp::start().await;
    let trader = app.trader("fuzzer_1").await;
    trader.deposit("5000").await;
    let mut runner = TestRunner::deterministic();
    let method = proptest::sample::select(vec![
        Method::GET,
        Method::POST,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ]);
    let requests = (method, path(), body());
    for _ in 0..REQUESTS {
        let (method, path, body) = requests.new_tree(&mut runner).unwrap().current();
        let request = trader.request(method.clone(), &path).header("content-type", "application/json");
        let request = if method == Method::GET { request } else { request.body(body.clone()) };
        let answer = request.answer().await;
        let status = answer.status().as_u16();
        let allowed = status < 500 || status == 503;
        assert!(allowed, "{method} {path} {}: {status}", String::from_utf8_lossy(&body));
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        if status >= 400 {
            assert_eq!(kind.as_deref(), Some("application/problem+json"), "{method} {path}: {status}");
        }
    }
}

fn form() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec![
        "username",
        "password",
        "amount",
        "asset_id",
        "side",
        "unit",
        "key",
        "theme",
        "next",
        "email",
        "phone",
        "cursor",
        "type",
        "stop_loss",
        "stop_loss_type",
        "stop_loss_trail",
        "take_profit",
        "review",
        "order_id",
        "version",
        "shown",
        "quantity",
        "expires_at",
        "percent",
        "own",
        "part",
        "about",
        "alert_id",
        "recurring_id",
        "switch",
        "cool_down_minutes",
        "interval",
        "day",
    ]);
    let value = "[ -~]{0,20}|.{0,10}";
    proptest::collection::vec((name, value), 0..6).prop_map(|pairs| {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            text.append_pair(name, &value);
        }
        text.finish()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_and_no_page_is_a_500() {
    let app = TestApp::start().await;
    let mut runner = TestRunner::deterministic();
    let path = proptest::sample::select(vec![
        "/fn/login",
        "/fn/register",
        "/fn/logout",
        "/fn/order/place",
        "/fn/deposit",
        "/fn/withdraw",
        "/fn/profile/save",
        "/fn/theme",
        "/fn/order/cancel",
        "/fn/order/replace",
        "/fn/orders/cancel",
        "/fn/position/close",
        "/fn/recurring/create",
        "/fn/recurring/change",
        "/fn/recurring/status",
        "/fn/recurring/end",
        "/fn/alert/create",
        "/fn/alert/remove",
        "/fn/guards/set",
        "/fn/guards/kill",
        "/recurring",
        "/alerts",
        "/guards",
        "/portfolio",
        "/",
        "/market",
        "/trade/BTC",
        "/orders",
        "/login",
        "/docs",
        "/problems/none",
    ]);
    let accept = proptest::sample::select(vec!["text/html", "application/json", "*/*"]);
    let method = proptest::sample::select(vec![Method::GET, Method::POST]);
    let requests = (method, path, accept, form());
    for _ in 0..REQUESTS {
        let (method, path, accept, form) = requests.new_tree(&mut runner).unwrap().current();
        let request = app.request(method.clone(), &format!("{path}?{form}")).header("accept", accept);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
        let status = request.answer().await.status();
        assert!(status.as_u16() < 500, "{method} {path} {accept} {form}: {status}");
    }
}
