//! Idempotency of commands over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{RequestExt, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_under_a_repeated_key_is_done_once() {
    let app = TestApp::start().await;
    let trader = app.trader("repeater").await;
    let deposit = async |key: &str, amount: &str| {
        let body = json!({ "amount": amount });
        trader
            .request(Method::POST, "/balance/deposit")
            .header("idempotency-key", key)
            .json(&body)
            .answer()
            .await
    };
    let first = deposit("\"k-1\"", "100").await.expect(StatusCode::CREATED);
    assert_eq!(deposit("k-1", "100").await.expect(StatusCode::CREATED), first);
    assert_eq!(deposit("k-1", "101").await.refusal().1, "idempotency.key_reused");
    assert_eq!(trader.get("/balance").await["current_balance"], "100.00");
    for bad in ["", "a b", &"x".repeat(129)] {
        assert_eq!(deposit(bad, "1").await.refusal().0, 422, "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_concurrent_orders_under_one_key_trade_once() {
    let app = TestApp::start().await;
    let trader = app.trader("twin_twin").await;
    trader.deposit("1000").await;
    let place = || async {
        let body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "100" });
        let request = trader.request(Method::POST, "/orders").header("idempotency-key", "twins");
        request.json(&body).answer().await.expect(StatusCode::CREATED)
    };
    let answers = futures::future::join_all((0..10).map(|_| place())).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(trader.get("/orders").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_order_id_belongs_to_one_order() {
    let app = TestApp::start().await;
    let trader = app.trader("client_id").await;
    trader.deposit("1000").await;
    let place = async |dollars: &str| {
        let body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": dollars, "client_order_id": "mine-1" });
        trader.post("/orders", &body).await
    };
    let first = place("100").await.expect(StatusCode::CREATED);
    assert_eq!(place("100").await.expect(StatusCode::CREATED), first);
    assert_eq!(place("101").await.refusal().1, "order.client_order_id_reused");
}
