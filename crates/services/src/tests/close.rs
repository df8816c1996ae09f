//! Closing positions, and the refusals that name what blocks a close.

use cnop_api::trading::ClosePositionRequest;
use cnop_api::{Caller, Code, Problem};

use super::{Cluster, Server, market_order, order, refused};

fn percent(text: &str) -> ClosePositionRequest {
    ClosePositionRequest { percent: Some(text.into()), ..ClosePositionRequest::default() }
}

impl Server {
    async fn close_refused(&self, caller: &Caller, request: ClosePositionRequest, code: Code) -> Problem {
        refused(self.orders.close_position(caller, "BTC".parse().unwrap(), request, None).await, code)
    }
}

#[tokio::test]
async fn coins_that_orders_hold_are_named_when_a_position_cannot_be_closed() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let none = server.close_refused(&caller, percent("100"), Code::BalanceInsufficientQuantity).await;
    assert_eq!(none.detail, "You hold no BTC.");
    server.buy(&caller, "BTC", "0.03").await;
    server.place(&caller, order("limit_sell", "BTC", "0.01", Some("70000"), None)).await;
    server.place(&caller, order("stop_sell", "BTC", "0.02", None, Some("60000"))).await;
    for share in ["100", "50"] {
        let problem = server.close_refused(&caller, percent(share), Code::BalanceInsufficientQuantity).await;
        assert_eq!(
            problem.detail,
            "All 0.03 BTC that you hold are reserved by your open orders. Cancel those first, then close the position."
        );
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("#/percent"));
        let fact = |name: &str, value: &str| problem.facts.contains(&(name.to_owned(), value.to_owned()));
        assert!(fact("available", "0") && fact("reserved", "0.03"), "{problem:?}");
    }
    server.orders.cancel_all(&caller, Some("BTC".parse().unwrap()), None).await.unwrap();
    let tiny = server.close_refused(&caller, percent("0.01"), Code::OrderNotionalRange).await;
    assert_eq!(tiny.errors[0].pointer.as_deref(), Some("#/percent"));
    assert_eq!(tiny.errors[0].given.as_deref(), Some("0.01"));
    assert_eq!(tiny.errors[0].nearest, Vec::<String>::new(), "no quantity is a percentage");
    server.orders.close_position(&caller, "BTC".parse().unwrap(), percent("99.99"), None).await.unwrap();
    let less = server.close_refused(&caller, percent("1"), Code::RequestInvalid).await;
    assert_eq!(less.errors[0].pointer.as_deref(), Some("#/percent"));
    assert_eq!(less.errors[0].nearest, ["100"]);
    server.orders.close_position(&caller, "BTC".parse().unwrap(), percent("100"), None).await.unwrap();
    cluster.books_agree().await;
}

/// A holding that has grown beyond the venue's largest order, or that was bought before the operator lowered it.
#[tokio::test]
async fn the_largest_order_of_the_venue_does_not_bind_a_close() {
    let mut cluster = Cluster::new();
    let caller = cluster.caller(1).await;
    {
        let server = cluster.server();
        server.deposit(&caller, "9000").await;
        server.buy(&caller, "BTC", "0.12").await;
    }
    cluster.config.order_notional_max = "100".parse().unwrap();
    let server = cluster.server();
    let sale = server.orders.place(&caller, market_order("sell", "BTC", "0.12"), None).await;
    refused(sale, Code::OrderNotionalRange);
    let part = ClosePositionRequest { quantity: Some("0.02".into()), ..ClosePositionRequest::default() };
    server.orders.close_position(&caller, "BTC".parse().unwrap(), part, None).await.unwrap();
    let half =
        server.orders.close_position(&caller, "BTC".parse().unwrap(), percent("50"), None).await.unwrap();
    assert_eq!(half.quantity.to_string(), "0.05");
    server.orders.close_position(&caller, "BTC".parse().unwrap(), percent("100"), None).await.unwrap();
    let too_much =
        ClosePositionRequest { quantity: Some("100000000".into()), ..ClosePositionRequest::default() };
    let own = server.close_refused(&caller, too_much, Code::OrderQuantityRange).await;
    assert_eq!(own.errors[0].pointer.as_deref(), Some("#/quantity"), "the asset's own rules hold");
    cluster.books_agree().await;
}
