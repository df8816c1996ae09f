//! Commands that are safe to repeat.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{TestApp, expect, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_answers_the_same() {
    let app = TestApp::start().await;
    let trader = app.trader("repeater").await;
    let deposit = async |key: &str, amount: &str| {
        let body = json!({ "amount": amount });
        trader
            .request(Method::POST, "/balance/deposit")
            .header("idempotency-key", key)
            .json(&body)
            .send()
            .await
            .unwrap()
    };
    let first = expect(deposit("\"k-1\"", "100").await, StatusCode::CREATED).await;
    assert_eq!(expect(deposit("k-1", "100").await, StatusCode::CREATED).await, first);
    assert_eq!(refusal(deposit("k-1", "101").await).await.1, "idempotency.key_reused");
    assert_eq!(trader.get("/balance").await["current_balance"], "100.00");
    for bad in ["", "a b", &"x".repeat(129)] {
        assert_eq!(refusal(deposit(bad, "1").await).await.0, 422, "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_at_once_trade_once() {
    let app = TestApp::start().await;
    let trader = app.trader("twin_twin").await;
    trader.deposit("1000").await;
    let place = || async {
        let body = json!({ "order_type": "market_buy", "asset_id": "BTC", "quote_quantity": "100" });
        let request = trader.request(Method::POST, "/orders").header("idempotency-key", "twins");
        expect(request.json(&body).send().await.unwrap(), StatusCode::CREATED).await
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
    let first = expect(place("100").await, StatusCode::CREATED).await;
    assert_eq!(expect(place("100").await, StatusCode::CREATED).await, first);
    assert_eq!(refusal(place("101").await).await.1, "order.client_order_id_reused");
}
