//! Commits whose answer is lost: the books in memory say what the table says all the same.

use std::sync::Arc;

use cnop_api::Code;
use cnop_api::trading::OrderReplaceRequest;
use cnop_domain::Clock;
use cnop_store::Table;

use super::silent::Silent;
use super::{Desk, order, refused};
use crate::auth::fixture::ManualClock;

/// Found by simulated days: an order whose commit was not told was never in the book, although the trader's second
/// attempt was answered with it. It would have waited for ever.
#[tokio::test]
async fn an_order_whose_commit_was_not_told_waits_all_the_same() {
    let clock = Arc::new(ManualClock::new());
    let table = Arc::new(Silent::new(Arc::clone(&clock) as Arc<dyn Clock>));
    let desk = Desk::on(clock, Arc::clone(&table) as Arc<dyn Table>);
    let lose = || table.lose_next();
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    let key = || Some("again".parse().unwrap());
    let request = order("limit_buy", "BTC", "0.01", Some("60000"), None);

    lose();
    refused(server.orders.place(&caller, request.clone(), key()).await, Code::Unavailable);
    let placed = server.orders.place(&caller, request, key()).await.unwrap();
    assert_eq!(server.engine.resting(), 0);
    server.engine.tick().await;
    assert_eq!(server.engine.resting(), 1);

    lose();
    let change = OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    refused(server.orders.replace(&caller, &placed.order_id, change, None, None).await, Code::Unavailable);
    desk.bitcoin("60899.00", "60900.00", "1");
    lose();
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (1, 1), "filled, and nobody was told");
    assert_eq!(server.now(&caller, &placed).await.status, "completed");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.engine.resting(), 0);
    desk.books_agree().await;
}
