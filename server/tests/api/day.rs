//! A trader's whole day.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{PASSWORD, RequestExt, TestApp, Trader, registration, text};

/// Units of 10⁻⁸ of a decimal text.
fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: i128 = format!("{fraction:0<8}").parse().unwrap();
    sign * (whole.parse::<i128>().unwrap() * 100_000_000 + fraction)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_from_registration_to_sign_out() {
    day(&TestApp::start().await).await;
}

/// Needs a DynamoDB Local whose address is in `CNOP_TEST_DYNAMODB`, like the store's own tests.
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn a_day_from_registration_to_sign_out_on_dynamodb() {
    let Ok(endpoint) = std::env::var("CNOP_TEST_DYNAMODB") else {
        let is_required = ["CI", "CNOP_REQUIRE_DYNAMODB"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(!is_required, "CNOP_TEST_DYNAMODB must name a DynamoDB Local, which this run requires");
        return eprintln!(
            "skipped: set CNOP_TEST_DYNAMODB to the address of a DynamoDB Local to run this test"
        );
    };
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    cnop_services::auth::SigningKey::from_bytes(&[7; 32]).to_file(&key).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let table = format!("day-{:x}-{:x}", std::process::id(), now.as_nanos());
    let mut arguments =
        vec!["--store", "dynamodb", "--dynamodb-table", &table, "--dynamodb-endpoint", &endpoint];
    arguments.extend(["--signing-key-file", key.to_str().unwrap()]);
    let app = TestApp::start_with(&arguments).await;
    day(&app).await;
    // Another server on the same table at the same time: one account, one state.
    let other = TestApp::start_with(&arguments).await;
    let trader = app.trader("two_servers").await;
    let elsewhere = Trader { app: &other, token: trader.token.clone(), refresh_token: String::new() };
    let deposits =
        (0..10).map(|number| if number % 2 == 0 { trader.deposit("10") } else { elsewhere.deposit("10") });
    futures::future::join_all(deposits).await;
    assert_eq!(elsewhere.get("/balance").await, trader.get("/balance").await);
    assert_eq!(trader.get("/balance").await["current_balance"], "100.00");
    assert!(!app.directory.path().join("data/store.redb").exists(), "nothing is kept on this machine");
}

async fn day(app: &TestApp) {
    let answer = app.api_post("/auth/register", &registration("Ada_1815")).await;
    assert_eq!(answer.expect(StatusCode::CREATED), json!({ "message": "User registered successfully" }));
    let login = json!({ "username": "ADA_1815", "password": PASSWORD });
    let answer = app.api_post("/auth/login", &login).await;
    let pair = answer.expect(StatusCode::OK);
    assert_eq!((&pair["token_type"], &pair["expires_in"]), (&json!("bearer"), &json!(3600)));
    let trader = app.sign_in("ada_1815").await;
    assert_eq!(trader.get("/auth/profile").await["username"], "ada_1815");
    assert_eq!(trader.get("/auth/me").await["role"], "customer");

    let body = json!({ "amount": 1000, "description": "ignored" });
    let receipt = trader.post("/balance/deposit", &body).await.expect(StatusCode::CREATED);
    assert_eq!(receipt["success"], true);
    assert_eq!(receipt["message"], "Successfully deposited $1000");
    assert_eq!(trader.get("/balance").await["current_balance"], "1000.00");

    let assets = app.get("/api/v1/inventory/assets?limit=5&utm_source=x").await.expect(StatusCode::OK);
    assert_eq!(assets["data"].as_array().unwrap().len(), 5);
    assert!(assets["data"][0]["price_usd"].is_number() && assets["total_count"].as_u64().unwrap() >= 120);
    let asset = app.get("/api/v1/inventory/assets/btc").await.expect(StatusCode::OK)["data"].clone();
    assert_eq!((&asset["asset_id"], &asset["source"]), (&json!("BTC"), &json!("simulator")));
    assert!(asset["tick_size"].is_string());

    let order = json!({ "order_type": "market_buy", "asset_id": "eth", "quote_quantity": "400" });
    let preview = trader.post("/orders/preview", &order).await.expect(StatusCode::OK)["data"].clone();
    assert_eq!(preview["problems"], json!([]));
    let bought = trader.post("/orders", &order).await.expect(StatusCode::CREATED)["data"].clone();
    assert_eq!((&bought["status"], &bought["side"]), (&json!("completed"), &json!("buy")));
    assert_eq!(bought["fills"][0]["quote_source"], "simulator");
    let portfolio = trader.get("/portfolio").await;
    assert_eq!(portfolio["assets"][0]["asset_id"], "ETH");
    assert_eq!(portfolio["assets"][0]["quantity"], bought["filled_quantity"]);
    let held = trader.get("/balance/asset/ETH").await;
    assert_eq!(held["quantity"], bought["filled_quantity"]);
    assert!(held["current_price"].is_number() && held["current_price_exact"].is_string());

    let sale =
        json!({ "side": "sell", "type": "market", "asset_id": "ETH", "quantity": bought["filled_quantity"] });
    let sold = trader.post("/orders", &sale).await.expect(StatusCode::CREATED)["data"].clone();
    assert_eq!(sold["order_type"], "market_sell");
    let orders = trader.get("/orders?limit=1").await;
    assert_eq!((&orders["has_more"], &orders["data"][0]["order_id"]), (&json!(true), &sold["order_id"]));
    let older = trader.get(&format!("/orders?limit=1&cursor={}", text(&orders, "next_cursor"))).await;
    assert_eq!((&older["has_more"], &older["data"][0]["order_id"]), (&json!(false), &bought["order_id"]));
    let one = trader.get(&format!("/orders/{}", text(&sold, "order_id"))).await;
    assert_eq!(one["data"], sold);
    let trades = trader.get("/assets/eth/transactions").await;
    assert_eq!(trades["data"][0]["transaction_type"], "SELL");
    assert_eq!(trades["data"].as_array().unwrap().len(), 2);

    let answer = trader.post("/balance/withdraw", &json!({ "amount": "100.50" })).await;
    assert_eq!(answer.expect(StatusCode::CREATED)["message"], "Successfully withdrew $100.50");
    let history = trader.get("/balance/transactions?limit=100").await;
    let sum: i128 = history["transactions"].as_array().unwrap().iter().map(|row| units(&row["amount"])).sum();
    assert_eq!(sum, units(&trader.get("/balance").await["current_balance"]));
    assert_eq!(history["total_count"], history["transactions"].as_array().unwrap().len());
    assert_eq!(trader.get("/insights/portfolio").await["data"]["model"], "rules-v1");

    let answer = trader.sign_out().await;
    assert_eq!(answer.expect(StatusCode::OK), json!({ "message": "Logged out successfully" }));
    let answer = trader.try_get("/balance").await;
    assert_eq!(answer.refusal(), (401, "auth.invalid_credentials".to_owned(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_survives_a_restart() {
    let app = TestApp::start_with(&["--seed", "7"]).await;
    let trader = app.trader("survivor").await;
    trader.deposit("500").await;
    trader.buy("BTC", "100").await;
    let before = trader.get("/balance").await;
    let token = trader.token.clone();
    let directory = app.stop().await;
    let app = TestApp::start_in(directory, &["--seed", "7"]).await;
    let answer = app.api(Method::GET, "/balance").bearer_auth(token).answer().await;
    assert_eq!(answer.expect(StatusCode::OK), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_is_closed_to_another() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.trader("ada_ada").await, app.trader("bob_bob").await);
    ada.deposit("100").await;
    let order = ada.buy("BTC", "50").await;
    let path = format!("/orders/{}", text(&order, "order_id"));
    let answer = bob.try_get(&path).await;
    assert_eq!(answer.refusal().1, "order.not_found");
    assert_eq!(bob.get("/orders").await["data"], json!([]));
    let answer = bob.try_get("/balance/asset/BTC").await;
    assert_eq!(answer.refusal(), (404, "balance.asset_not_held".to_owned(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_mixed_commands_on_one_account() {
    let app = TestApp::start().await;
    let trader = app.trader("busy_bee").await;
    trader.deposit("5000").await;
    let commands = (0..100).map(|number| {
        let (path, body) = match number % 4 {
            0 => ("/balance/deposit", json!({ "amount": "10" })),
            1 => ("/balance/withdraw", json!({ "amount": "7.25" })),
            2 => {
                ("/orders", json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "20" }))
            }
            _ => {
                ("/orders", json!({ "order_type": "market_buy", "asset_id": "ETH", "quote_quantity": "15" }))
            }
        };
        let trader = &trader;
        async move { trader.post(path, &body).await.status() }
    });
    for status in futures::future::join_all(commands).await {
        assert_eq!(status, StatusCode::CREATED);
    }
    let history = trader.get("/balance/transactions?limit=1").await;
    assert_eq!(history["total_count"], 1 + 25 + 25 + 50 * 2);
    assert_eq!(trader.get("/orders?limit=100").await["data"].as_array().unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_stored_can_be_inspected() {
    use cnop_store::Table as _;

    let app = TestApp::start().await;
    let trader = app.trader("inspected").await;
    let deposit = trader.request(Method::POST, "/balance/deposit").header("idempotency-key", "k");
    deposit.json(&json!({ "amount": "500" })).answer().await.expect(StatusCode::CREATED);
    let order = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "100", "client_order_id": "c-1" });
    trader.post("/orders", &order).await.expect(StatusCode::CREATED);
    let directory = app.stop().await;
    let path = directory.path().join("data/store.redb");
    let clock = std::sync::Arc::new(cnop_testkit::ManualClock::new(0));
    let table = cnop_store_embedded::EmbeddedTable::open(&path, &Default::default(), clock).unwrap();
    let page = table.scan(0, 1, None, 1_000).await.unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for item in page.items.iter().filter(|item| item.key.pk != "VENUE") {
        let shown = cnop_services::inspect(item).unwrap_or_else(|| panic!("{:?}", item.key)).unwrap();
        assert!(!shown.get().contains("$argon2"), "{shown}");
        kinds.insert(item.key.sk.split('#').next().unwrap().to_owned());
    }
    for kind in ["HEAD", "H", "O", "E", "T", "I", "C", "PROFILE"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
}
